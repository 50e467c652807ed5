package discord

import (
	"encoding/json"
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
	adminLength = 3500 // of what is for admins, such as a change of the file
	partLength  = 600  // evidence, what tells an offer apart
	factLength  = 400
	mostFacts   = 20
	mostLinks   = 10
	shortFact   = 60  // facts up to this length stand beside each other
	buttonsUpTo = 3   // more offers than the desk suggests are a menu
	quoteLength = 300 // of a question that is shown with its answer
)

// What can be pressed: the beginning of a custom id, up to the first bar.
const (
	actionChoose  = "choose"  // |division|asker
	actionPick    = "pick"    // ||asker, of a menu: the division is its value
	actionPage    = "page"    // |number of the page|asker
	actionTry     = "try"     // |example question
	actionDetails = "details" // |the choice that brings the answer again
	actionUp      = "up"      // |division
	actionDown    = "down"
	actionMeant   = "meant" // see all divisions
	actionAdmin   = "admin" // |value
	actionForm    = "form"  // |action, of a form
	actionTell    = "tell"  // |question, unless the message shows it or replies to it
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

	must bool // it is not posted if the message that it replies to is deleted
}

type mentions struct {
	Parse []string `json:"parse"`
}

// ephemeral is the flag of a message that its asker alone sees.
const ephemeral = 1 << 6

// frame is where an answer is shown.
type frame struct {
	private  bool
	full     bool   // everything, instead of the short answer
	asker    string // who may change the message with its buttons; "" for everyone
	question string // shown above the answer, since others did not see it
	askedBy  string // who asked it, where Discord does not say so
	page     int    // of a long list of offers
	before   shown  // what the message says that is changed
	plain    bool   // the bot may not embed links there
	tell     string // the question, if its asker can be told the answer later
	reply    bool   // the message replies to the question
	note     string
}

// heading is what stands above the answer.
func (f frame) heading() string {
	if f.before.content != "" {
		return f.before.content
	}
	var lines []string
	add := func(s string) {
		if s != "" {
			lines = append(lines, s)
		}
	}
	add(words(f.note))
	if f.askedBy != "" {
		add(bot.LabelAskedBy + " <@" + f.askedBy + ">") // calls nobody, see [message]
	}
	if f.question != "" {
		add("> " + strings.ReplaceAll(words(text.Clip(f.question, quoteLength)), "\n", "\n> "))
	}
	return text.Clip(strings.Join(lines, "\n"), maxContent)
}

// shown is the parts of a posted message that stay when the message is changed.
type shown struct {
	content string // of the message, which has the question
	embeds  []*discordgo.MessageEmbed
	rows    []component
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
	if f.before.rows != nil {
		return turned(a.Offers, f)
	}
	f, tell := f.telling()
	details := a.Long() && !f.full
	if !f.full {
		a = a.Short()
	}
	m.Components = append(m.Components, offerRows(a.Offers, f)...)
	if row := examples(a.Examples); row != nil {
		m.Components = append(m.Components, *row)
	}
	if row := seeAlso(a.SeeAlso, f); row != nil {
		m.Components = append(m.Components, *row)
	}
	last := actionRows(a.Actions)
	if row := feedback(a, details, tell); row != nil && len(last) == 0 {
		last = []component{*row}
	}
	m.Components = append(m.Components[:min(len(m.Components), maxRows-len(last))], last...)
	m.Components = m.Components[:min(len(m.Components), maxRows)]
	if f.plain {
		m.Content = plainContent(a, f.heading())
		return m
	}
	m.Content = f.heading()
	for shrink := 1; shrink <= mostShrink; shrink *= 2 {
		w := writer{answer: a, full: f.full, shrink: shrink}
		if e := w.embed(); fits(e) {
			m.Embeds = append(m.Embeds, e)
			return m
		}
	}
	m.Content = plainContent(a, f.heading()) // nothing gets that far; if it does, this fits
	return m
}

// mostShrink is by how much texts may be shorter to fit: then nothing is left.
const mostShrink = 1 << 12

// plainContent is an answer without an embed, with a heading above it.
func plainContent(a bot.Answer, heading string) string {
	if heading != "" {
		heading += "\n\n"
	}
	for limit := maxContent; ; limit = limit * 3 / 4 {
		body := text.Clip(heading, limit/2) + orDash(words(text.Clip(a.Plain(), limit)))
		if text.Length(body) <= maxContent {
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
	full   bool
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
	e := &discordgo.MessageEmbed{Color: accent}
	if w.full {
		if e.Title = escape(title); title != "" {
			e.URL = webAddress(a.Source.URL)
		}
		title = ""
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
	if title != "" {
		a.Body = text.Text{text.Paragraph{{Text: title, Style: text.Strong}}}.Join(a.Body)
	}
	most := bodyLength
	if a.Welcome {
		most = adminLength
	}
	w.text(a.Body, most)
	w.add(by(a.By))
	facts := bot.WithoutShared(a.Facts)
	if line := w.factLine(facts); line != "" {
		if n := len(w.parts); n > 0 {
			w.parts[n-1] += "\n" + line
		} else {
			w.add(line)
		}
		facts = nil
	}
	var links []string
	for _, l := range a.Links[:min(len(a.Links), max(1, mostLinks/w.shrink))] {
		if address := webAddress(l.URL); address != "" && text.Length(address) < maxFieldValue {
			links = append(links, link(text.Clip(l.Title, factLength/w.shrink), address))
		}
	}
	w.add(strings.Join(links, "\n"))
	e.Description = strings.Join(w.parts, "\n\n")
	for _, f := range facts[:min(len(facts), max(1, mostFacts/w.shrink))] {
		e.Fields = append(e.Fields, w.fact(f))
	}
	if line := a.Source.String(); line != "" {
		if e.URL != "" || !w.full { // the title is the link, at least under Details
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

// factLine is facts in one line, since a short answer has few, or "" if they do not fit there.
func (w *writer) factLine(facts []bot.Fact) string {
	if w.full {
		return ""
	}
	var parts []string
	for _, f := range facts {
		field := w.fact(f)
		parts = append(parts, "**"+field.Name+"** "+field.Value)
	}
	if line := strings.Join(parts, " · "); text.Length(line) <= factLength/w.shrink {
		return line
	}
	return ""
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
