package slack

import (
	"bytes"
	"encoding/json"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"frontdesk/adapters"
	"frontdesk/bot"
	"frontdesk/knowledge/text"

	"github.com/slack-go/slack"
)

// Slack's limits, in UTF-16 code units where they are about text. Each names
// the page below docs.slack.dev/reference that states it.
const (
	maxBlocks       = 50     // block-kit/blocks
	maxViewBlocks   = 100    // views
	maxHeader       = 150    // block-kit/blocks/header-block
	maxSection      = 3000   // block-kit/blocks/section-block
	maxFields       = 10     // block-kit/blocks/section-block
	maxField        = 2000   // block-kit/blocks/section-block
	maxButtons      = 25     // block-kit/blocks/actions-block
	maxButton       = 75     // block-kit/block-elements/button-element
	maxValue        = 2000   // block-kit/block-elements/button-element
	maxOptions      = 100    // block-kit/block-elements/select-menu-element
	maxPlaceholder  = 150    // block-kit/block-elements/select-menu-element
	maxOption       = 75     // block-kit/composition-objects/option-object: text and value
	maxBlockID      = 255    // block-kit/blocks
	maxModalTitle   = 24     // views/modal-views
	maxInput        = 3000   // block-kit/block-elements/plain-text-input-element
	maxPrompts      = 4      // methods/assistant.threads.setSuggestedPrompts
	maxIndent       = 8      // block-kit/blocks/rich-text-block: what the editor allows
	maxBlocksBytes  = 12000  // not stated; chat.postMessage was seen to refuse 13 KB of blocks
	maxViewBytes    = 250000 // methods/views.open: view_too_large
	maxNotification = 3000   // methods/chat.postMessage: 4,000 characters of text are recommended at most
)

// What fits a message that people like to read, in UTF-16 code units. A text
// that is longer ends at a sentence, with a link to the rest.
const (
	maxPromptTitle = 75
	bodyLength     = 2500
	partLength     = 800 // evidence, what tells an offer apart
	factLength     = 500
	rowLength      = 200 // of a division in the Home tab
	quoteLength    = 300 // of a question that is shared
	mostFacts      = 20
	mostLinks      = 10
	buttonsUpTo    = 5  // more offers than these are a menu …
	menuUpTo       = 40 // … and a menu of more may not fit a message
)

// Ids of what can be pressed. Some have a number after a colon, because Slack
// wants them to differ within a block.
const (
	actionChoose  = "choose"
	actionAsk     = "ask"
	actionUp      = "up"
	actionDown    = "down"
	actionMeant   = "meant"
	actionShare   = "share"
	actionConfirm = "confirm"
	shortcutID    = "ask_desk" // of the message shortcut, as the manifest has it
)

// message is what Slack is sent.
type message struct {
	Text   string        `json:"text"` // for notifications and screen readers
	Blocks []slack.Block `json:"blocks"`
}

// ref is what a button needs to do its work, also after a restart.
type ref struct {
	Question string `json:"q,omitempty"`
	Division string `json:"d,omitempty"` // chosen; else the question is asked again
	Thread   string `json:"t,omitempty"` // where to share
}

// value is a ref as a button's value. A question that does not fit is cut.
func (r ref) value() string {
	for limit := maxValue / 2; limit > 0; limit /= 2 {
		var b bytes.Buffer
		enc := json.NewEncoder(&b)
		enc.SetEscapeHTML(false)
		_ = enc.Encode(r) // strings always can be
		if s := strings.TrimSuffix(b.String(), "\n"); text.Length(s) <= maxValue {
			return s
		}
		r.Question = text.Clip(r.Question, limit)
	}
	return "{}"
}

func readRef(value string) (r ref) {
	_ = json.Unmarshal([]byte(value), &r) // not ours: the empty ref
	return r
}

// frame is where an answer is shown.
type frame struct {
	ref
	private bool   // the asker alone sees it, and may share it
	modal   bool   // in a modal, where nothing can be shared
	voted   bool   // it was rated: thank instead of asking again
	asker   string // who shares it, for all to see
}

// render writes an answer as blocks. It is a pure function; whatever the answer
// says, Slack takes the message, and nothing in it mentions anyone but the asker
// or leads where it does not say.
func render(a bot.Answer, f frame) message {
	limit := maxBlocksBytes
	if f.modal {
		limit = maxViewBytes
	}
	for shrink := 1; ; shrink *= 2 {
		w := writer{answer: a, frame: f, shrink: shrink}
		w.all()
		if len(w.blocks) <= maxBlocks && size(w.blocks) <= limit {
			return message{Text: escape(text.Clip(notification(a), maxNotification/shrink)), Blocks: w.blocks}
		}
	}
}

// notification is an answer as plain text.
func notification(a bot.Answer) string {
	if text := a.Plain(); text != "" {
		return text
	}
	return a.Title
}

func size(blocks []slack.Block) int {
	data, err := json.Marshal(blocks)
	if err != nil {
		panic("slack: blocks that are no JSON: " + err.Error()) // a mistake in this file
	}
	return len(data)
}

// writer collects the blocks of one message.
type writer struct {
	answer bot.Answer
	frame
	shrink int // by how much texts are shorter than usual, to fit in all
	blocks []slack.Block
}

func (w *writer) add(b slack.Block) { w.blocks = append(w.blocks, b) }

// all writes the parts in the order of the Answer.
func (w *writer) all() {
	a := w.answer
	if w.asker != "" {
		w.askedBy()
	}
	if !a.Urgent.IsZero() {
		w.text(a.Urgent.Bold(), bodyLength)
		w.add(slack.NewDividerBlock())
	}
	if title := strings.TrimSpace(a.Title); title != "" {
		w.add(slack.NewHeaderBlock(plain(text.Clip(title, maxHeader))))
	}
	if e := a.Evidence; e != nil {
		w.evidence(e)
	}
	w.text(a.Body, bodyLength)
	if len(a.Examples) > 0 {
		w.text(text.Text{list(a.Examples)}, bodyLength)
	}
	w.facts(a.Facts)
	w.offers(a.Offers)
	if len(a.SeeAlso) > 0 {
		names := make([]string, len(a.SeeAlso))
		for i, o := range a.SeeAlso {
			names[i] = o.Title
		}
		w.text(text.Text{text.Paragraph{
			{Text: bot.LabelSeeAlso + ": ", Style: text.Strong}, {Text: strings.Join(names, ", ")},
		}}, partLength)
	}
	w.links(a.Links)
	w.feedback()
	w.source(a.Source)
}

func list(items []string) text.List {
	l := text.List{}
	for _, s := range items {
		l.Items = append(l.Items, text.Text{text.Paragraph{{Text: s}}})
	}
	return l
}

// askedBy says who shares an answer, and what was asked.
func (w *writer) askedBy() {
	w.add(slack.NewRichTextBlock("", slack.NewRichTextSection(
		slack.NewRichTextSectionTextElement(bot.LabelAskedBy+" ", nil),
		slack.NewRichTextSectionUserElement(w.asker, nil),
	)))
	if w.Question != "" {
		w.text(text.Text{text.Quote{text.Paragraph{{Text: text.Clip(w.Question, quoteLength)}}}}, partLength)
	}
}

// evidence writes the responsibility that matched, set off like a quotation.
func (w *writer) evidence(e *bot.Evidence) {
	line := text.Paragraph{{Text: e.Title, Style: text.Strong}}
	body, _ := e.Text.Clip(partLength / w.shrink)
	if p, ok := firstParagraph(body); ok {
		line = append(append(line, text.Span{Text: ": "}), p...)
		body = body[1:]
	}
	w.text(text.Text{text.Quote(append(text.Text{line}, body...))}, 2*partLength)
}

func firstParagraph(t text.Text) (text.Paragraph, bool) {
	if len(t) == 0 {
		return nil, false
	}
	p, ok := t[0].(text.Paragraph)
	return p, ok
}

// text writes a text tree. One that is too long ends with a link to the rest.
func (w *writer) text(t text.Text, limit int) {
	t, cut := t.Clip(limit / w.shrink)
	if cut {
		if url := w.more(); url != "" {
			t = append(t, text.Paragraph{{Text: bot.LabelMore, URL: url}})
		}
	}
	var r richText
	r.text(t, 0, false)
	r.end()
	if len(r.elements) > 0 {
		w.add(slack.NewRichTextBlock("", r.elements...))
	}
}

// more is where the rest of a shortened text can be read.
func (w *writer) more() string {
	if w.answer.Source.URL != "" {
		return webAddress(w.answer.Source.URL)
	}
	if len(w.answer.Links) > 0 {
		return webAddress(w.answer.Links[0].URL)
	}
	return ""
}

// facts are fields, in two columns.
func (w *writer) facts(facts []bot.Fact) {
	facts = facts[:min(len(facts), max(1, mostFacts/w.shrink))]
	for len(facts) > 0 {
		n := min(len(facts), maxFields)
		fields := make([]*slack.TextBlockObject, n)
		for i, f := range facts[:n] {
			fields[i] = pair(text.Clip(f.Label, maxButton), text.Clip(f.Text, factLength/w.shrink), "\n")
		}
		w.add(slack.NewSectionBlock(nil, fields, nil))
		facts = facts[n:]
	}
}

// offers are divisions to choose instead: what tells them apart, and a button
// for each or, of many, a menu.
func (w *writer) offers(offers []bot.Offer) {
	if len(offers) == 0 {
		return
	}
	var items []text.Text
	for _, o := range offers {
		p := text.Paragraph{{Text: o.Title, Style: text.Strong}}
		body, _ := o.Text.Clip(partLength / w.shrink)
		if first, ok := firstParagraph(body); ok {
			p = append(append(p, text.Span{Text: ": "}), first...)
		}
		items = append(items, text.Text{p})
	}
	w.text(text.Text{text.List{Items: items}}, bodyLength)
	// nothing to choose
	offers = slices.DeleteFunc(slices.Clone(offers), func(o bot.Offer) bool { return o.Division == "" })
	if len(offers) == 0 {
		return
	}
	if len(offers) <= buttonsUpTo {
		var buttons []slack.BlockElement
		for i, o := range offers {
			r := ref{Division: o.Division, Question: text.Clip(w.Question, quoteLength/w.shrink), Thread: w.Thread}
			buttons = append(buttons, button(actionChoose+":"+strconv.Itoa(i), r, o.Title))
		}
		w.add(slack.NewActionBlock("", buttons...))
		return
	}
	shown := offers[:min(len(offers), max(1, maxOptions/w.shrink))]
	w.add(slack.NewActionBlock(menuBlock(w.Thread), menu(shown)))
	if len(shown) < len(offers) {
		w.text(bot.Note(bot.SayMoreOffers).Body, partLength)
	}
}

// menu is a menu of offers. An option's value has no room but for the division.
func menu(offers []bot.Offer) *slack.SelectBlockElement {
	options := make([]*slack.OptionBlockObject, len(offers))
	for i, o := range offers {
		options[i] = slack.NewOptionBlockObject(adapters.CutID(o.Division, maxOption),
			plain(text.Clip(o.Title, maxOption)), nil)
	}
	return slack.NewOptionsSelectBlockElement(slack.OptTypeStatic, plain(bot.LabelChoose), actionChoose, options...)
}

// menuBlock is the id of a block with a menu: it carries the thread to share in.
func menuBlock(thread string) string {
	if thread == "" {
		return ""
	}
	return "thread " + thread
}

func menuThread(block string) string {
	thread, _ := strings.CutPrefix(block, "thread ")
	if thread == block {
		return ""
	}
	return thread
}

// links are pages to read on, each on a line of its own.
func (w *writer) links(links []bot.Link) {
	var p text.Paragraph
	for _, l := range links[:min(len(links), max(1, mostLinks/w.shrink))] {
		address := webAddress(l.URL)
		if address == "" {
			continue
		}
		if len(p) > 0 {
			p = append(p, text.Span{Text: "\n"})
		}
		p = append(p, text.Span{Text: text.Clip(l.Title, factLength/w.shrink), URL: address})
	}
	if len(p) > 0 {
		w.text(text.Text{p}, bodyLength)
	}
}

// feedback are the buttons under an answer.
func (w *writer) feedback() {
	var buttons []slack.BlockElement
	if w.answer.Confirm != "" {
		buttons = append(buttons, slack.NewButtonBlockElement(actionConfirm, text.Clip(w.answer.Confirm, maxValue),
			plain(bot.LabelConfirm)))
	}
	if w.private && !w.modal && !w.answer.Private && !w.answer.Welcome && w.answer.Outcome == bot.Answered {
		label := bot.LabelShare
		if w.Thread != "" {
			label = bot.LabelPostThread
		}
		buttons = append(buttons, button(actionShare, w.shared(), label))
	}
	if !w.answer.Welcome && w.answer.Outcome != bot.Silent {
		if !w.voted {
			rated := ref{Division: w.answer.Division, Thread: w.Thread}
			if w.answer.Private { // what it was about is nobody's business
				rated.Division = ""
			}
			if w.modal { // to be shown again with thanks
				rated = w.ref
			}
			up, down := button(actionUp, rated, bot.LabelHelpful), button(actionDown, rated, bot.LabelUnhelpful)
			up.AccessibilityLabel, down.AccessibilityLabel = bot.LabelHelpfulA, bot.LabelUnhelpfulA
			buttons = append(buttons, up, down)
		}
		buttons = append(buttons, button(actionMeant, ref{Thread: w.Thread}, bot.LabelNotMeant))
	}
	if len(buttons) > 0 {
		w.add(slack.NewActionBlock("", buttons...))
	}
	if w.voted {
		w.add(slack.NewContextBlock("", plain(bot.SayThanks)))
	}
}

// shared is what an answer is made of again when it is shared: the question,
// or, if that is too long for a button, the division it was answered with.
func (w *writer) shared() ref {
	r := w.ref
	if whole := maxValue * 3 / 4 / w.shrink; text.Length(r.Question) > whole {
		r.Question = text.Clip(r.Question, min(whole, quoteLength))
		r.Division = first(r.Division, w.answer.Division)
	}
	return r
}

// source is a small line at the end, its title a link.
func (w *writer) source(s bot.Source) {
	line := text.Clip(s.String(), maxField/w.shrink)
	if line == "" {
		return
	}
	body := plain(line)
	named := s.Title
	if named != s.URL {
		named += ", " + s.URL
	}
	if before, after, ok := strings.Cut(line, named); ok && webAddress(s.URL) != "" && !active(before+after) &&
		(s.Title == s.URL || !active(s.Title)) {
		body = markup(escape(before) + linked(s.URL, s.Title) + escape(after))
	}
	w.add(slack.NewContextBlock("", body))
}

// button has a label that Slack shows as it is.
func button(id string, r ref, label string) *slack.ButtonBlockElement {
	return slack.NewButtonBlockElement(id, r.value(), plain(text.Clip(label, maxButton)))
}

// plain is a text in which Slack looks for nothing.
func plain(s string) *slack.TextBlockObject {
	if strings.TrimSpace(s) == "" {
		s = "–" // Slack refuses an empty text
	}
	return slack.NewTextBlockObject(slack.PlainTextType, s, false, false)
}

// markup is a text in Slack's own markup, in which it looks for nothing more.
func markup(s string) *slack.TextBlockObject {
	return slack.NewTextBlockObject(slack.MarkdownType, s, false, true)
}

// pair is a label and a text, the label bold and an address a link, unless a
// character in them would mean something to Slack that it does not mean.
func pair(label, text, between string) *slack.TextBlockObject {
	label, text = strings.TrimSpace(label), strings.TrimSpace(text)
	if text == "" {
		between = ""
	}
	body := ""
	switch {
	case isMail(text):
		body = linked("mailto:"+text, text)
	case webAddress(text) == text && text != "":
		body = linked(text, text)
	case active(text):
		return plain(label + between + text)
	default:
		body = escape(text)
	}
	if active(label) || label == "" {
		return plain(label + between + text)
	}
	return markup("*" + escape(label) + "*" + between + body)
}

// active reports whether Slack's markup would take something in s for more than
// it is: there is no way to escape it.
func active(s string) bool {
	return strings.ContainsAny(s, "*_~`\n|") || strings.HasPrefix(strings.TrimSpace(s), ">") || emojiName.MatchString(s)
}

var emojiName = regexp.MustCompile(`:[A-Za-z0-9_+'-]+:`)

var mailAddress = regexp.MustCompile(`^[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$`)

func isMail(s string) bool { return mailAddress.MatchString(s) }

// webAddress is an address that people can be sent to, or "".
func webAddress(s string) string { return adapters.WebAddress(s, maxSection) }

// linked is a link in Slack's markup.
func linked(address, label string) string {
	if label == address {
		return "<" + escape(address) + ">"
	}
	return "<" + escape(address) + "|" + strings.ReplaceAll(escape(label), "|", "¦") + ">"
}

var escaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

// escape writes what Slack's markup would take for a mention or a link.
func escape(s string) string { return escaper.Replace(s) }
