package adaptertest

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf16"
)

// CheckForm lists what Discord would refuse in a form (modal), by
// discord.com/developers/docs/components/reference#label and
// interactions/receiving-and-responding#interaction-response-object-modal.
func CheckForm(data []byte) []string {
	c := checker{}
	var f map[string]any
	if err := json.Unmarshal(data, &f); err != nil {
		return []string{"a form that is no object: " + err.Error()}
	}
	c.length("custom_id of a form", str(f["custom_id"]), 1, 100)
	c.length("title of a form", str(f["title"]), 1, 45)
	labels := list(f["components"])
	c.count("fields of a form", len(labels), 1, 5)
	ids := map[string]bool{}
	for _, l := range labels {
		if l["type"] != 18.0 {
			c.wrong("a part of a form of the type %v", l["type"])
		}
		c.length("label of a field", str(l["label"]), 1, 45)
		c.length("description of a field", str(l["description"]), 0, 100)
		in := object(l["component"])
		id := str(in["custom_id"])
		c.length("custom_id of a field", id, 1, 100)
		if ids[id] {
			c.wrong("two fields have the custom_id %s", id)
		}
		ids[id] = true
		if in["disabled"] != nil || in["label"] != nil {
			c.wrong("a field of a form that is disabled or has a label of its own")
		}
		switch in["type"] {
		case 3.0:
			c.formMenu(in)
		case 4.0:
			c.formText(in)
		default:
			c.wrong("a field of the type %v", in["type"])
		}
	}
	return c
}

func (c *checker) formMenu(in map[string]any) {
	c.length("placeholder", str(in["placeholder"]), 0, 150)
	options := list(in["options"])
	c.count("options of a field", len(options), 1, 25)
	values, chosen := map[string]bool{}, 0
	for _, o := range options {
		c.length("option label", str(o["label"]), 1, 100)
		c.length("option value", str(o["value"]), 1, 100)
		if values[str(o["value"])] {
			c.wrong("two options have the value %s", o["value"])
		}
		values[str(o["value"])] = true
		chosen += btoi(o["default"] == true)
	}
	c.count("options that are chosen", chosen, 0, 1)
}

func (c *checker) formText(in map[string]any) {
	if in["style"] != 1.0 && in["style"] != 2.0 {
		c.wrong("a text input of the style %v", in["style"])
	}
	most, has := in["max_length"].(float64)
	if !has {
		most = 4000
	}
	if most < 1 || most > 4000 {
		c.wrong("a max_length of %v", most)
	}
	c.length("value", str(in["value"]), 0, int(most))
	c.length("placeholder", str(in["placeholder"]), 0, 100)
}

// FillIn returns the data of the interaction that submits a form, which an adapter has sent as
// the data of a response. What is not in fields stays as the form had it. Wrong lists what
// Discord would not let a person submit.
func FillIn(form string, fields map[string]string) (data string, wrong []string) {
	c := checker(CheckForm([]byte(form)))
	var f map[string]any
	_ = json.Unmarshal([]byte(form), &f) // is checked above
	fields = maps.Clone(fields)
	var parts []any
	for i, l := range list(f["components"]) {
		in := object(l["component"])
		id := str(in["custom_id"])
		value, typed := fields[id]
		delete(fields, id)
		part := map[string]any{"type": in["type"], "id": 2*i + 2, "custom_id": id}
		if in["type"] == 3.0 {
			part["values"] = c.pick(in, value, typed)
		} else {
			if !typed {
				value = str(in["value"])
			}
			if most, has := in["max_length"].(float64); has && len(utf16.Encode([]rune(value))) > int(most) {
				c.wrong("the field %s has more than %v characters", id, most)
			}
			if in["required"] != false && strings.TrimSpace(value) == "" {
				c.wrong("the field %s is required", id)
			}
			part["value"] = value
		}
		parts = append(parts, map[string]any{"type": 18, "id": 2*i + 1, "component": part})
	}
	for _, id := range slices.Sorted(maps.Keys(fields)) {
		c.wrong("the form has no field %s", id)
	}
	body, err := json.Marshal(map[string]any{"custom_id": f["custom_id"], "components": parts})
	if err != nil {
		c.wrong("a form that cannot be submitted: %v", err)
	}
	return string(body), c
}

// pick returns the values of a menu.
func (c *checker) pick(in map[string]any, value string, picked bool) []string {
	values := []string{}
	for _, o := range list(in["options"]) {
		if v := str(o["value"]); picked && v == value || !picked && o["default"] == true {
			values = append(values, v)
		}
	}
	if len(values) == 0 && (picked || in["required"] != false) {
		c.wrong("%s cannot be picked in the field %s", fmt.Sprintf("%q", value), in["custom_id"])
	}
	return values
}
