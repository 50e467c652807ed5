package slack

import (
	"context"
	"encoding/json"
	"strings"

	"frontdesk/bot"
	"frontdesk/knowledge/text"

	"github.com/slack-go/slack"
)

// Slack's limits of a form, in UTF-16 code units where they are about text. Each names the page
// below docs.slack.dev/reference that states it.
const (
	maxCallback = 255  // views/modal-views: callback_id
	maxLabel    = 2000 // block-kit/blocks/input-block: label
)

// formID begins the callback id of a form. Behind it stands the form's action.
const formID = "admin "

// actionField is the action id of every field; the field is the block.
const actionField = "field"

// formPlace is what a form remembers of the message with its button.
type formPlace struct {
	Channel     string `json:"c,omitempty"`
	ResponseURL string `json:"r,omitempty"`
	Ephemeral   bool   `json:"e,omitempty"`
}

// openForm opens a form as a modal.
func (c *client) openForm(ctx context.Context, e event, f bot.Form) error {
	if e.trigger == "" {
		return errNoTrigger
	}
	view := formView(f, formPlace{e.channel, e.responseURL, e.ephemeral})
	return c.Do(ctx, call{Method: "views.open", Life: triggerLife}, func(ctx context.Context) error {
		_, err := c.api.OpenViewContext(ctx, e.trigger, view)
		return err
	})
}

// formView is a form as a modal. A field that Slack would refuse is left out.
func formView(f bot.Form, place formPlace) slack.ModalViewRequest {
	memory, err := json.Marshal(place)
	if err != nil {
		panic("slack: encode the place of a form: " + err.Error()) // a bug in this file
	}
	v := slack.ModalViewRequest{
		Type: slack.VTModal, CallbackID: text.Clip(formID+f.Action, maxCallback), PrivateMetadata: string(memory),
		Title: plain(text.Clip(f.Title, maxModalTitle)), Submit: plain(text.Clip(f.Submit, maxModalTitle)),
		Close: plain(bot.LabelClose),
	}
	taken := map[string]bool{}
	for _, field := range f.Fields {
		element := formElement(field)
		if element == nil || field.ID == "" || text.Length(field.ID) > maxBlockID || taken[field.ID] {
			continue
		}
		taken[field.ID] = true
		input := slack.NewInputBlock(field.ID, plain(text.Clip(field.Label, maxLabel)), nil, element)
		input.Optional = field.Optional
		v.Blocks.BlockSet = append(v.Blocks.BlockSet, input)
	}
	return v
}

// formElement is what a field is filled in with, nil if there is nothing to choose from.
func formElement(f bot.Field) slack.BlockElement {
	var tip *slack.TextBlockObject
	if strings.TrimSpace(f.Tip) != "" {
		tip = plain(text.Clip(f.Tip, maxPlaceholder))
	}
	if f.Choices == nil {
		in := slack.NewPlainTextInputBlockElement(tip, actionField)
		in.Multiline, in.MaxLength = f.Lines, maxInput
		if f.Most > 0 {
			in.MaxLength = min(f.Most, maxInput)
		}
		in.InitialValue = text.Clip(f.Value, in.MaxLength)
		return in
	}
	menu := &slack.SelectBlockElement{Type: slack.OptTypeStatic, ActionID: actionField, Placeholder: tip}
	taken := map[string]bool{}
	for _, c := range f.Choices {
		// One that is cut could not be told from others when it comes back.
		if c.ID == "" || text.Length(c.ID) > maxOption || taken[c.ID] || strings.TrimSpace(c.Title) == "" {
			continue
		}
		taken[c.ID] = true
		o := slack.NewOptionBlockObject(c.ID, plain(text.Clip(c.Title, maxOption)), nil)
		switch {
		case len(menu.Options) < maxOptions:
			menu.Options = append(menu.Options, o)
		case c.ID == f.Value: // what is chosen already must be there
			menu.Options[maxOptions-1] = o
		}
		if c.ID == f.Value {
			menu.InitialOption = o
		}
	}
	if len(menu.Options) == 0 {
		return nil
	}
	return menu
}

// filledIn is a form as it comes back (docs.slack.dev/reference/interaction-payloads/view-interactions-payload).
type filledIn struct {
	CallbackID string `json:"callback_id"`
	Metadata   string `json:"private_metadata"`
	State      struct {
		Values map[string]map[string]struct {
			Value    string `json:"value"`
			Selected *struct {
				Value string `json:"value"`
			} `json:"selected_option"`
		} `json:"values"`
	} `json:"state"`
}

// submit makes e the event of a form that was filled in. It reports false for another view.
func (f *filledIn) submit(e *event) bool {
	action, ok := strings.CutPrefix(f.CallbackID, formID)
	if !ok {
		return false
	}
	var place formPlace
	_ = json.Unmarshal([]byte(f.Metadata), &place) // an invalid one is an empty place
	e.kind, e.value, e.fields = submitted, action, map[string]string{}
	e.channel, e.responseURL, e.ephemeral = place.Channel, place.ResponseURL, place.Ephemeral
	for field, elements := range f.State.Values {
		for _, element := range elements {
			e.fields[field] = element.Value
			if element.Selected != nil {
				e.fields[field] = element.Selected.Value
			}
		}
	}
	return true
}
