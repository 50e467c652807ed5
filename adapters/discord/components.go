package discord

import (
	"strconv"
	"strings"

	"frontdesk/adapters"
	"frontdesk/bot"
	"frontdesk/knowledge/text"

	"github.com/bwmarrin/discordgo"
)

// component is a row, a button or a menu. The client library's types write keys
// that are empty, which Discord's rules do not know.
type component struct {
	Type        discordgo.ComponentType `json:"type"`
	Components  []component             `json:"components,omitempty"`
	Style       discordgo.ButtonStyle   `json:"style,omitempty"`
	Label       string                  `json:"label,omitempty"`
	Emoji       *emoji                  `json:"emoji,omitempty"`
	CustomID    string                  `json:"custom_id,omitempty"`
	Placeholder string                  `json:"placeholder,omitempty"`
	Options     []option                `json:"options,omitempty"`
	Disabled    bool                    `json:"disabled,omitempty"`
}

type emoji struct {
	Name string `json:"name"`
}

type option struct {
	Label       string `json:"label"`
	Value       string `json:"value"`
	Description string `json:"description,omitempty"`
}

// turned returns the message with another page of its list.
func turned(offers []bot.Offer, f frame) message {
	m := message{
		Content: f.before.content, Embeds: f.before.embeds, Components: offerRows(offers, f),
		Mentions: mentions{Parse: []string{}},
	}
	for _, row := range f.before.rows {
		if id := row.Components[0].CustomID; !strings.HasPrefix(id, actionPick+"|") && id != actionPick &&
			!strings.HasPrefix(id, actionPage) {
			m.Components = append(m.Components, row)
		}
	}
	return m
}

// offerRows are what can be chosen instead: a row each or, of many, a menu, and buttons for
// its other pages.
func offerRows(offers []bot.Offer, f frame) []component {
	page := f.page
	var all []bot.Offer
	for _, o := range offers {
		if o.Division != "" {
			all = append(all, o)
		}
	}
	switch {
	case len(all) == 0:
		return nil
	case len(all) <= buttonsUpTo:
		var rows []component
		for i, o := range all {
			label := o.Title
			if what, _ := o.Text.Clip(maxLabel); !what.IsZero() {
				label += ": " + strings.ReplaceAll(what.Plain(), "\n", " ")
			}
			rows = append(rows, component{Type: discordgo.ActionsRowComponent, Components: []component{
				button(choiceID(actionChoose+strconv.Itoa(i), o.Division, f.asker), label, discordgo.PrimaryButton),
			}})
		}
		return rows
	}
	shown, pages := onPage(all, page)
	page = min(max(page, 0), pages-1)
	menu := component{Type: discordgo.SelectMenuComponent, CustomID: choiceID(actionPick, "", f.asker),
		Placeholder: bot.LabelChoose}
	if pages > 1 {
		menu.Placeholder = text.Clip(shown[0].Title, maxPlaceholder/2) + " – " +
			text.Clip(shown[len(shown)-1].Title, maxPlaceholder/2-3)
	}
	menu.Options = options(shown)
	rows := []component{{Type: discordgo.ActionsRowComponent, Components: []component{menu}}}
	if pages > 1 {
		back := button(choiceID(actionPage+"<", strconv.Itoa(page-1), f.asker), bot.LabelBack, discordgo.SecondaryButton)
		next := button(choiceID(actionPage+">", strconv.Itoa(page+1), f.asker), bot.LabelNext, discordgo.SecondaryButton)
		back.Disabled, next.Disabled = page == 0, page == pages-1
		rows = append(rows, component{Type: discordgo.ActionsRowComponent, Components: []component{back, next}})
	}
	return rows
}

// options are the lines of a menu.
func options(offers []bot.Offer) (list []option) {
	taken := map[string]bool{}
	for _, o := range offers[:min(len(offers), maxOptions)] {
		value := adapters.CutID(o.Division, maxOption)
		if value == "" || taken[value] {
			continue
		}
		taken[value] = true
		what, _ := o.Text.Clip(maxOption)
		list = append(list, option{Label: orDash(text.Clip(o.Title, maxOption)), Value: value,
			Description: text.Clip(strings.ReplaceAll(what.Plain(), "\n", " "), maxOption)})
	}
	return list
}

// seeAlso is a menu of the divisions that may help as well.
func seeAlso(offers []bot.Offer, f frame) *component {
	menu := component{Type: discordgo.SelectMenuComponent, CustomID: choiceID(actionPick+"1", "", f.asker),
		Placeholder: bot.LabelSeeAlso, Options: options(offers)}
	if len(menu.Options) == 0 {
		return nil
	}
	return &component{Type: discordgo.ActionsRowComponent, Components: []component{menu}}
}

// examples are questions to press. One that does not fit into a button's id is left out.
func examples(questions []string) *component {
	row := component{Type: discordgo.ActionsRowComponent}
	for i, q := range questions {
		id := actionTry + strconv.Itoa(i) + "|" + q
		if text.Length(id) <= maxCustomID && len(row.Components) < maxRowButtons && strings.TrimSpace(q) != "" {
			row.Components = append(row.Components, button(id, q, discordgo.SecondaryButton))
		}
	}
	if len(row.Components) == 0 {
		return nil
	}
	return &row
}

// choiceID is the id of a button or a menu to choose a division. A long division id is cut
// (see [adapters.Asking.Choice]), never the asker's.
func choiceID(action, division, asker string) string {
	id := adapters.CutID(action+"|"+division, maxCustomID-maxSnowflake-1)
	if asker != "" {
		id += "|" + asker
	}
	return id
}

// maxSnowflake is the length of the longest id of a person, a number of 64 bits
// (discord.com/developers/docs/reference#snowflakes).
const maxSnowflake = 20

// onPage are the offers of one page, and how many pages there are.
func onPage(offers []bot.Offer, page int) (shown []bot.Offer, pages int) {
	pages = max(1, (len(offers)+maxOptions-1)/maxOptions)
	page = min(max(page, 0), pages-1)
	return offers[page*maxOptions : min(len(offers), (page+1)*maxOptions)], pages
}

// feedback are the buttons under an answer; with details one shows the rest of it. Tell may
// be nil.
func feedback(a bot.Answer, details bool, tell *component) *component {
	switch {
	case a.Welcome || a.Outcome == bot.Silent:
		return nil
	case a.Outcome != bot.Answered:
		row := &component{Type: discordgo.ActionsRowComponent, Components: []component{
			button(actionMeant, bot.LabelAll, discordgo.SecondaryButton),
		}}
		if tell != nil {
			row.Components = append(row.Components, *tell)
		}
		return row
	}
	about := a.Division
	if a.Private { // what it was about is nobody's business
		about = ""
	}
	rate := func(action, face string) component {
		b := button(action+"|"+about, "", discordgo.SecondaryButton)
		b.Emoji = &emoji{Name: face}
		return b
	}
	row := component{Type: discordgo.ActionsRowComponent}
	if details {
		id := actionDetails + "|" + a.Choice
		if text.Length(id) > maxCustomID {
			id = actionDetails + "|" + a.Division
		}
		row.Components = append(row.Components, button(id, bot.LabelDetails, discordgo.SecondaryButton))
	}
	row.Components = append(row.Components, rate(actionUp, bot.LabelHelpful), rate(actionDown, bot.LabelUnhelpful))
	return &row
}

func button(id, label string, style discordgo.ButtonStyle) component {
	return component{Type: discordgo.ButtonComponent, Style: style, Label: text.Clip(label, maxLabel),
		CustomID: adapters.CutID(id, maxCustomID)}
}

// choices are what autocomplete offers. What is chosen comes back as a value,
// told by its beginning from what is typed.
func choices(list []bot.Choice) []choice {
	found := []choice{}
	for _, c := range list {
		value := chosen + c.ID
		if c.ID == "" { // an example, as if it were typed
			value = c.Title
		}
		if text.Length(value) <= maxChoice && strings.TrimSpace(c.Title) != "" && len(found) < maxChoices {
			found = append(found, choice{Name: text.Clip(c.Title, maxChoice), Value: value})
		}
	}
	return found
}

type choice struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// chosen begins the value of what was chosen from autocomplete.
const chosen = "entry:"
