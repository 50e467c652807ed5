package discord

import (
	"slices"
	"strings"

	"frontdesk/bot"
	"frontdesk/knowledge/text"
)

// Discord's limits of a form, in UTF-16 code units where they are about text. Each names the
// page below discord.com/developers/docs that states it.
const (
	maxFormTitle  = 45   // interactions/receiving-and-responding#interaction-response-object-modal
	maxFormFields = 5    // as above
	maxFieldLabel = 45   // components/reference#label
	maxTyped      = 4000 // components/reference#text-input: value and max_length
	maxTip        = 100  // components/reference#text-input: placeholder
)

// Types of the components of a form (components/reference#component-object-component-types).
const (
	typeMenu  = 3
	typeInput = 4
	typeLabel = 18
)

// Styles of a text input (components/reference#text-input-text-input-styles).
const (
	inputShort = 1
	inputLines = 2
)

// form is what Discord calls a modal. The label of its button is Discord's own.
type form struct {
	CustomID   string  `json:"custom_id"`
	Title      string  `json:"title"`
	Components []label `json:"components"`
}

// label is a field of a form with what stands above it.
type label struct {
	Type      int    `json:"type"`
	Label     string `json:"label"`
	Component input  `json:"component"`
}

// input is a text to type or a menu.
type input struct {
	Type        int          `json:"type"`
	CustomID    string       `json:"custom_id"`
	Style       int          `json:"style,omitempty"`
	Value       string       `json:"value,omitempty"`
	Placeholder string       `json:"placeholder,omitempty"`
	MaxLength   int          `json:"max_length,omitempty"`
	Options     []formOption `json:"options,omitempty"`
	Required    bool         `json:"required"`
}

type formOption struct {
	Label   string `json:"label"`
	Value   string `json:"value"`
	Default bool   `json:"default,omitempty"`
}

// newForm returns a form as Discord takes it, with its first five fields. It reports false if
// there is none, or none that Discord takes.
func newForm(f *bot.Form) (made form, ok bool) {
	if f == nil {
		return made, false
	}
	made = form{CustomID: valid(actionForm + "|" + f.Action), Title: orDash(text.Clip(f.Title, maxFormTitle))}
	for _, field := range f.Fields {
		in, ok := newInput(field)
		if !ok || len(made.Components) == maxFormFields || slices.ContainsFunc(made.Components, func(l label) bool {
			return l.Component.CustomID == in.CustomID
		}) {
			continue
		}
		made.Components = append(made.Components, label{
			Type: typeLabel, Label: orDash(text.Clip(field.Label, maxFieldLabel)), Component: in,
		})
	}
	return made, len(made.Components) > 0 && text.Length(made.CustomID) <= maxCustomID
}

// valid is an id as JSON has it.
func valid(id string) string { return strings.ToValidUTF8(id, "\ufffd") }

// newInput returns a field as Discord takes it. It reports false if there is nothing to choose
// from.
func newInput(f bot.Field) (in input, ok bool) {
	in = input{Type: typeInput, CustomID: valid(f.ID), Required: !f.Optional}
	if in.CustomID == "" || text.Length(in.CustomID) > maxCustomID {
		return in, false
	}
	if f.Choices == nil {
		in.Style, in.MaxLength, in.Placeholder = inputShort, maxTyped, text.Clip(f.Tip, maxTip)
		if f.Most > 0 {
			in.MaxLength = min(f.Most, maxTyped)
		}
		if f.Lines {
			in.Style = inputLines
		}
		in.Value = text.Clip(f.Value, in.MaxLength)
		return in, true
	}
	in.Type, in.Placeholder = typeMenu, text.Clip(f.Tip, maxPlaceholder)
	taken := map[string]bool{}
	for _, c := range f.Choices {
		c.ID = valid(c.ID)
		// One that is cut could not be told from others when it comes back.
		if c.ID == "" || text.Length(c.ID) > maxOption || taken[c.ID] {
			continue
		}
		taken[c.ID] = true
		o := formOption{Label: orDash(text.Clip(c.Title, maxOption)), Value: c.ID, Default: c.ID == f.Value}
		switch {
		case len(in.Options) < maxOptions:
			in.Options = append(in.Options, o)
		case o.Default: // what is chosen already must be there
			in.Options[maxOptions-1] = o
		}
	}
	return in, len(in.Options) > 0
}

// filledIn is a part of a form as it comes back: a label with a field
// (interactions/receiving-and-responding#interaction-object-modal-submit-data-structure).
type filledIn struct {
	Component struct {
		CustomID string   `json:"custom_id"`
		Value    string   `json:"value"`
		Values   []string `json:"values"`
	} `json:"component"`
}

// filled returns what was filled in, by field.
func filled(parts []filledIn) map[string]string {
	fields := map[string]string{}
	for _, p := range parts {
		c := p.Component
		if c.CustomID == "" {
			continue // a text between the fields
		}
		if len(c.Values) > 0 {
			c.Value = c.Values[0]
		}
		fields[c.CustomID] = c.Value
	}
	return fields
}
