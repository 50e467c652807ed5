package discord

import (
	"encoding/json"
	"strconv"
	"strings"

	"frontdesk/adapters"
	"frontdesk/bot"
	"frontdesk/knowledge/text"

	"github.com/bwmarrin/discordgo"
)

// Discord's limits, in UTF-16 code units where they are about text. Each names
// the page below discord.com/developers/docs that states it.
const (
	maxContent     = 2000 // resources/message#create-message
	maxTitle       = 256  // resources/message#embed-object-embed-limits, as the next six
	maxDescription = 4096
	maxFields      = 25
	maxFieldName   = 256
	maxFieldValue  = 1024
	maxFooter      = 2048
	maxEmbed       = 6000 // all texts of an embed together
	maxRows        = 5    // components/reference#action-row
	maxRowButtons  = 5    // components/reference#action-row
	maxLabel       = 80   // components/reference#button
	maxCustomID    = 100  // components/reference#anatomy-of-a-component
	maxOptions     = 25   // components/reference#string-select
	maxOption      = 100  // components/reference#string-select: label and value
	maxPlaceholder = 150  // components/reference#string-select
	maxChoices     = 25   // interactions/receiving-and-responding#autocomplete
	maxChoice      = 100  // interactions/application-commands: name and value
	maxNonce       = 25   // resources/message#create-message
)

// What people like to read at once, in UTF-16 code units. A text that is longer
// ends at a sentence, with a link to the rest.
const (
	bodyLength  = 2000
	partLength  = 600 // evidence, what tells an offer apart
	factLength  = 400
	mostFacts   = 20
	mostLinks   = 10
	shortFact   = 60  // facts up to this length stand beside each other
	buttonsUpTo = 5   // more offers than these are a menu …
	rowLength   = 120 // … of which a sentence each is shown, and none …
	rowsUpTo    = 12  // … of more than these
)

// What can be pressed: the beginning of a custom id, up to the first bar.
const (
	actionChoose  = "choose" // |division
	actionPick    = "pick"   // of a menu: the division is its value
	actionPage    = "page"   // |number of the page
	actionUp      = "up"     // |division
	actionDown    = "down"
	actionMeant   = "meant"
	actionConfirm = "confirm" // |what
)

// accent is the color of the stripe beside an answer, and of one that begins
// with danger.
const (
	accent = 0x4a90d9
	danger = 0xb3261e
)

// message is what Discord is sent. An empty part is sent as well: in place of
// another message it takes that one's part away.
type message struct {
	Content    string                    `json:"content"`
	Embeds     []*discordgo.MessageEmbed `json:"embeds"`
	Components []component               `json:"components"`
	// Mentions says whom the message calls: nobody, whatever it says.
	Mentions mentions `json:"allowed_mentions"`
	Flags    int      `json:"flags,omitempty"`
}

type mentions struct {
	Parse []string `json:"parse"`
}

// ephemeral is the flag of a message that its asker alone sees.
const ephemeral = 1 << 6

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
	Label string `json:"label"`
	Value string `json:"value"`
}

// frame is where an answer is shown.
type frame struct {
	private bool
	page    int  // of a long list of offers
	plain   bool // the bot may not embed links there
	note    string
}

// render writes an answer as an embed and components. It is a pure function;
// whatever the answer says, Discord takes the message, and it calls nobody.
func render(a bot.Answer, f frame) message {
	m := message{
		Embeds:     []*discordgo.MessageEmbed{},
		Components: []component{},
		Mentions:   mentions{Parse: []string{}},
	}
	if f.private {
		m.Flags = ephemeral
	}
	m.Components = append(m.Components, offerRows(a.Offers, f.page)...)
	if row := feedback(a); row != nil {
		m.Components = append(m.Components, *row)
	}
	if f.plain {
		m.Content = plainContent(a, f.note)
		return m
	}
	m.Content = text.Clip(words(f.note), maxContent)
	for shrink := 1; shrink <= mostShrink; shrink *= 2 {
		w := writer{answer: a, page: f.page, shrink: shrink}
		if e := w.embed(); fits(e) {
			m.Embeds = append(m.Embeds, e)
			return m
		}
	}
	m.Content = plainContent(a, f.note) // nothing gets that far; if it does, this fits
	return m
}

// mostShrink is by how much texts may be shorter to fit: then nothing is left.
const mostShrink = 1 << 12

// plainContent is an answer without an embed, and a note before it.
func plainContent(a bot.Answer, note string) string {
	body := a.Plain()
	if note != "" {
		body = note + "\n\n" + body
	}
	for limit := maxContent; ; limit = limit * 3 / 4 {
		if body := orDash(words(text.Clip(body, limit))); text.Length(body) <= maxContent {
			return body
		}
	}
}

// fits reports whether Discord takes an embed.
func fits(e *discordgo.MessageEmbed) bool {
	sum := text.Length(e.Title) + text.Length(e.Description)
	if text.Length(e.Title) > maxTitle || text.Length(e.Description) > maxDescription || len(e.Fields) > maxFields {
		return false
	}
	for _, f := range e.Fields {
		name, value := text.Length(f.Name), text.Length(f.Value)
		if name > maxFieldName || value > maxFieldValue {
			return false
		}
		sum += name + value
	}
	if e.Footer != nil {
		sum += text.Length(e.Footer.Text)
		if text.Length(e.Footer.Text) > maxFooter {
			return false
		}
	}
	return sum <= maxEmbed
}

// writer writes one embed, its texts shorter the more it has to shrink.
type writer struct {
	answer bot.Answer
	page   int
	shrink int
	more   bool // the link to the rest is there
	parts  []string
}

func (w *writer) add(s string) {
	if strings.TrimSpace(s) != "" {
		w.parts = append(w.parts, s)
	}
}

func (w *writer) embed() *discordgo.MessageEmbed {
	a := w.answer
	title := text.Clip(strings.TrimSpace(a.Title), maxTitle/2/w.shrink)
	e := &discordgo.MessageEmbed{Color: accent, Title: escape(title)}
	if e.Title != "" {
		e.URL = webAddress(a.Source.URL)
	}
	if !a.Urgent.IsZero() {
		e.Color = danger
		w.text(a.Urgent.Bold(), bodyLength)
	}
	if ev := a.Evidence; ev != nil {
		line := text.Paragraph{{Text: text.Clip(ev.Title, partLength/w.shrink), Style: text.Strong}}
		body, _ := ev.Text.Clip(partLength / w.shrink)
		if len(body) > 0 {
			if p, ok := body[0].(text.Paragraph); ok {
				line = append(append(line, text.Span{Text: ": "}), p...)
				body = body[1:]
			}
		}
		w.add(markdown(text.Text{text.Quote(append(text.Text{line}, body...))}))
	}
	w.text(a.Body, bodyLength)
	var items []text.Text
	for _, q := range a.Examples {
		items = append(items, text.Text{text.Paragraph{{Text: q}}})
	}
	w.list(items)
	items = nil
	offers, _ := onPage(a.Offers, w.page)
	length := partLength
	switch {
	case len(offers) > rowsUpTo:
		length = 0
	case len(offers) > buttonsUpTo:
		length = rowLength
	}
	for _, o := range offers {
		p := text.Paragraph{{Text: text.Clip(o.Title, partLength/w.shrink), Style: text.Strong}}
		body, _ := o.Text.Clip(length / w.shrink)
		if len(body) > 0 {
			if first, ok := body[0].(text.Paragraph); ok {
				p = append(append(p, text.Span{Text: ": "}), first...)
			}
		}
		items = append(items, text.Text{p})
	}
	w.list(items)
	if len(a.SeeAlso) > 0 {
		names := make([]string, len(a.SeeAlso))
		for i, o := range a.SeeAlso {
			names[i] = o.Title
		}
		w.add("**" + bot.LabelSeeAlso + ":** " + words(text.Clip(strings.Join(names, ", "), partLength/w.shrink)))
	}
	var links []string
	for _, l := range a.Links[:min(len(a.Links), max(1, mostLinks/w.shrink))] {
		if address := webAddress(l.URL); address != "" && text.Length(address) < maxFieldValue {
			links = append(links, link(text.Clip(l.Title, factLength/w.shrink), address))
		}
	}
	w.add(strings.Join(links, "\n"))
	e.Description = strings.Join(w.parts, "\n\n")
	for _, f := range a.Facts[:min(len(a.Facts), max(1, mostFacts/w.shrink))] {
		e.Fields = append(e.Fields, w.fact(f))
	}
	if line := a.Source.String(); line != "" {
		if e.URL != "" { // the title is the link
			line = strings.Replace(line, ", "+a.Source.URL, "", 1)
		}
		e.Footer = &discordgo.MessageEmbedFooter{Text: text.Clip(line, maxFooter/w.shrink)}
	}
	if e.Title == "" && e.Description == "" && len(e.Fields) == 0 {
		e.Description = "–" // Discord refuses an empty embed
	}
	return e
}

// text writes a text tree. One that is too long ends with a link to the rest.
func (w *writer) text(t text.Text, limit int) {
	t, cut := t.Clip(limit / w.shrink)
	if cut && !w.more && w.shrink <= 2 { // once is enough
		w.more = true
		if address := webAddress(w.answer.Source.URL); address != "" {
			t = append(t, text.Paragraph{{Text: bot.LabelMore, URL: address}})
		} else if len(w.answer.Links) > 0 && webAddress(w.answer.Links[0].URL) != "" {
			t = append(t, text.Paragraph{{Text: bot.LabelMore, URL: w.answer.Links[0].URL}})
		}
	}
	w.add(markdown(t))
}

func (w *writer) list(items []text.Text) {
	if len(items) > 0 {
		w.text(text.Text{text.List{Items: items}}, bodyLength)
	}
}

func (w *writer) fact(f bot.Fact) *discordgo.MessageEmbedField {
	value := strings.TrimSpace(f.Text)
	short := text.Length(value) <= shortFact
	if webAddress(value) == "" || text.Length(value) >= factLength {
		value = words(text.Clip(value, factLength/w.shrink))
	}
	label := escape(text.Clip(f.Label, maxLabel))
	return &discordgo.MessageEmbedField{Name: orDash(label), Value: orDash(value), Inline: short}
}

func orDash(s string) string {
	if strings.TrimSpace(s) == "" {
		return "–"
	}
	return s
}

// offerRows are what can be chosen instead: a button each or, of many, a menu,
// and buttons for its other pages.
func offerRows(offers []bot.Offer, page int) []component {
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
		row := component{Type: discordgo.ActionsRowComponent}
		for i, o := range all {
			row.Components = append(
				row.Components,
				button(actionChoose+strconv.Itoa(i)+"|"+o.Division, o.Title, discordgo.PrimaryButton),
			)
		}
		return []component{row}
	}
	shown, pages := onPage(all, page)
	page = min(max(page, 0), pages-1)
	menu := component{Type: discordgo.SelectMenuComponent, CustomID: actionPick, Placeholder: bot.LabelChoose}
	if pages > 1 {
		menu.Placeholder = text.Clip(shown[0].Title, maxPlaceholder/2) + " – " +
			text.Clip(shown[len(shown)-1].Title, maxPlaceholder/2-3)
	}
	taken := map[string]bool{}
	for _, o := range shown {
		value := adapters.CutID(o.Division, maxOption)
		if !taken[value] {
			taken[value] = true
			menu.Options = append(menu.Options, option{Label: orDash(text.Clip(o.Title, maxOption)), Value: value})
		}
	}
	rows := []component{{Type: discordgo.ActionsRowComponent, Components: []component{menu}}}
	if pages > 1 {
		back := button(actionPage+"<|"+strconv.Itoa(page-1), bot.LabelBack, discordgo.SecondaryButton)
		next := button(actionPage+">|"+strconv.Itoa(page+1), bot.LabelNext, discordgo.SecondaryButton)
		back.Disabled, next.Disabled = page == 0, page == pages-1
		rows = append(rows, component{Type: discordgo.ActionsRowComponent, Components: []component{back, next}})
	}
	return rows
}

// onPage are the offers of one page, and how many pages there are.
func onPage(offers []bot.Offer, page int) (shown []bot.Offer, pages int) {
	pages = max(1, (len(offers)+maxOptions-1)/maxOptions)
	page = min(max(page, 0), pages-1)
	return offers[page*maxOptions : min(len(offers), (page+1)*maxOptions)], pages
}

// feedback are the buttons under an answer.
func feedback(a bot.Answer) *component {
	if a.Confirm != "" {
		return &component{Type: discordgo.ActionsRowComponent, Components: []component{
			button(actionConfirm+"|"+a.Confirm, bot.LabelConfirm, discordgo.PrimaryButton),
		}}
	}
	if a.Welcome || a.Outcome == bot.Silent {
		return nil
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
	return &component{Type: discordgo.ActionsRowComponent, Components: []component{
		rate(
			actionUp,
			bot.LabelHelpful,
		), rate(actionDown, bot.LabelUnhelpful), button(actionMeant, bot.LabelNotMeant, discordgo.SecondaryButton),
	}}
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

// webAddress is an address that people can be sent to, or "".
func webAddress(s string) string { return adapters.WebAddress(s, maxFooter) }

// encode is a value as JSON.
func encode(v any) []byte {
	data, err := json.Marshal(v)
	if err != nil {
		panic("discord: a message that is no JSON: " + err.Error()) // a mistake in this package
	}
	return data
}
