package slack

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"frontdesk/adapters"
	"frontdesk/bot"
	"frontdesk/knowledge/text"

	"github.com/slack-go/slack"
)

// Slack's limits, in UTF-16 code units for text. Each comment names the page below
// docs.slack.dev/reference that states it.
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
	maxNotification = 3000   // methods/chat.postMessage recommends at most 4,000 characters of text
)

// Our own limits, so that messages are easy to read, in UTF-16 code units for text. A
// longer text is cut after a sentence and gets a link to the rest.
const (
	maxPromptTitle = 75
	bodyLength     = 2500
	partLength     = 800 // of the evidence and of an offer
	factLength     = 500
	quoteLength    = 300 // of a question that is shared
	mostFacts      = 20
	shortFact      = 60 // a longer one does not stand beside another
	mostLinks      = 10
	rowsUpTo       = 20 // more offers than these become a menu
	menuUpTo       = 40 // a menu with more offers may not fit a message
	mostExamples   = 3
)

// Action ids. Some get a colon and a number, since they must differ within a block.
const (
	actionChoose  = "choose"
	actionAsk     = "ask"
	actionTry     = "try" // an example question
	actionDetails = "details"
	actionUp      = "up"
	actionDown    = "down"
	actionMeant   = "meant" // see all divisions
	actionShare   = "share"
	actionAdmin   = "admin"
	actionTell    = "tell"     // tell me when you know
	shortcutID    = "ask_desk" // the callback id of the message shortcut
)

// message is a message to Slack.
type message struct {
	Text   string        `json:"text"` // for notifications and screen readers
	Blocks []slack.Block `json:"blocks"`
	before func() error  // see [adapters.Call]
}

// frame is where and how an answer is shown.
type frame struct {
	ref
	private bool   // only the asker sees it and may share it
	modal   bool   // in a modal or the Home tab: everything is shown, and nothing can be shared
	voted   bool   // it was rated: thank instead of asking for a rating
	asker   string // who shares it with everyone; "" if it is not shared
	details bool   // there is more to see
	id      string // of the first block with text; "" for none
	tell    bool   // the asker may be told the answer later
}

// render writes an answer as blocks. It is a pure function. For every answer, Slack
// accepts the message, it mentions nobody but the asker, and its links show their
// addresses.
func render(a bot.Answer, f frame) message {
	limit := maxBlocksBytes
	f.details = a.Long() && !f.modal
	if f.modal {
		limit = maxViewBytes
	} else {
		a = a.Short()
	}
	for shrink := 1; ; shrink *= 2 {
		w := writer{answer: a, frame: f, shrink: shrink}
		w.all()
		if len(w.blocks) <= maxBlocks && size(w.blocks) <= limit {
			return message{Text: escape(text.Clip(notification(a), maxNotification/shrink)), Blocks: w.blocks}
		}
	}
}

// notification returns an answer as plain text.
func notification(a bot.Answer) string {
	if text := a.Plain(); text != "" {
		return text
	}
	return a.Title
}

func size(blocks []slack.Block) int {
	data, err := json.Marshal(blocks)
	if err != nil {
		panic("slack: encode blocks: " + err.Error()) // a bug in this file
	}
	return len(data)
}

// writer collects the blocks of one message.
type writer struct {
	answer bot.Answer
	frame
	shrink int // divides the length of texts, so that the message fits
	blocks []slack.Block
}

func (w *writer) add(b slack.Block) { w.blocks = append(w.blocks, b) }

// all writes all parts of the answer.
func (w *writer) all() {
	a := w.answer
	if w.asker != "" {
		w.askedBy()
	}
	if !a.Urgent.IsZero() {
		w.text(a.Urgent.Bold(), bodyLength)
		w.add(slack.NewDividerBlock())
	}
	switch title := strings.TrimSpace(a.Title); {
	case title == "":
	case w.modal:
		w.add(slack.NewHeaderBlock(plain(text.Clip(title, maxHeader))))
	default:
		a.Body = text.Text{text.Paragraph{{Text: text.Clip(title, maxHeader), Style: text.Strong}}}.Join(a.Body)
	}
	if e := a.Evidence; e != nil {
		w.evidence(e)
	}
	w.text(a.Body, bodyLength)
	w.by(a.By)
	w.examples(a.Examples)
	w.facts(a.Facts)
	w.offers(a.Offers)
	w.links(a.Links)
	w.seeAlso(a.SeeAlso)
	w.feedback()
	w.source(a.Source)
}

// examples writes questions to press.
func (w *writer) examples(questions []string) {
	var buttons []slack.BlockElement
	for i, q := range questions[:min(len(questions), mostExamples)] {
		r := ref{Question: text.Clip(q, maxValue/2/w.shrink), Thread: w.Thread}
		buttons = append(buttons, button(actionTry+":"+strconv.Itoa(i), r, q))
	}
	if len(buttons) > 0 {
		w.add(slack.NewActionBlock("", buttons...))
	}
}

// seeAlso writes the divisions that may help as well, to choose from.
func (w *writer) seeAlso(offers []bot.Offer) {
	var buttons []slack.BlockElement
	for i, o := range offers[:min(len(offers), maxButtons/w.shrink)] {
		if o.Division != "" {
			buttons = append(buttons, w.choose(actionChoose+":also"+strconv.Itoa(i), o, o.Title))
		}
	}
	if len(buttons) > 0 {
		w.add(slack.NewContextBlock("", plain(bot.LabelSeeAlso)))
		w.add(slack.NewActionBlock("", buttons...))
	}
}

// choose is the button of an offer.
func (w *writer) choose(id string, o bot.Offer, label string) *slack.ButtonBlockElement {
	r := w.ref
	r.Division, r.Question = o.Division, text.Clip(w.Question, quoteLength/w.shrink)
	return button(id, r, label)
}

// askedBy writes who shares an answer, and the question.
func (w *writer) askedBy() {
	w.add(slack.NewRichTextBlock("", slack.NewRichTextSection(
		slack.NewRichTextSectionTextElement(bot.LabelAskedBy+" ", nil),
		slack.NewRichTextSectionUserElement(w.asker, nil),
	)))
	if w.Question != "" {
		w.text(text.Text{text.Quote{text.Paragraph{{Text: text.Clip(w.Question, quoteLength)}}}}, partLength)
	}
}

// evidence writes the responsibility that matched, as a quote.
func (w *writer) evidence(e *bot.Evidence) {
	line := text.Paragraph{{Text: e.Title, Style: text.Strong}}
	body, _ := e.Text.Clip(partLength / w.shrink)
	if p, ok := body.FirstParagraph(); ok {
		line = append(append(line, text.Span{Text: ": "}), p...)
		body = body[1:]
	}
	w.text(text.Text{text.Quote(append(text.Text{line}, body...))}, 2*partLength)
}

// text writes a text tree. A text that is too long gets a link to the rest.
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
		w.add(slack.NewRichTextBlock(w.id, r.elements...))
		w.id = ""
	}
}

// more returns the address of the rest of a shortened text, or "".
func (w *writer) more() string {
	if w.answer.Source.URL != "" {
		return webAddress(w.answer.Source.URL)
	}
	if len(w.answer.Links) > 0 {
		return webAddress(w.answer.Links[0].URL)
	}
	return ""
}

// facts writes facts: in a message one after the other, since they are few and short, in a
// modal as fields in two columns.
func (w *writer) facts(facts []bot.Fact) {
	facts = bot.WithoutShared(facts)
	if line := factLine(facts); !w.modal && line != nil {
		w.add(slack.NewSectionBlock(line, nil, nil))
		return
	}
	var fields []*slack.TextBlockObject
	flush := func() {
		if len(fields) > 0 {
			w.add(slack.NewSectionBlock(nil, fields, nil))
			fields = nil
		}
	}
	for _, f := range facts[:min(len(facts), max(1, mostFacts/w.shrink))] {
		field := pair(text.Clip(f.Label, maxButton), text.Clip(f.Text, factLength/w.shrink), "\n")
		if text.Length(f.Text) > shortFact {
			flush()
			w.add(slack.NewSectionBlock(field, nil, nil))
			continue
		}
		if fields = append(fields, field); len(fields) == maxFields {
			flush()
		}
	}
	flush()
}

// factLine is facts in one line, or nil if they do not fit there or Slack would read markup
// in one of them.
func factLine(facts []bot.Fact) *slack.TextBlockObject {
	var parts []string
	for _, f := range facts {
		p := pair(f.Label, f.Text, " ")
		if p.Type != slack.MarkdownType {
			return nil
		}
		parts = append(parts, p.Text)
	}
	line := strings.Join(parts, " · ")
	if line == "" || text.Length(line) > factLength {
		return nil
	}
	return markup(line)
}

// offers writes divisions to choose from: a row with a button for each or, if there are
// many, a menu.
func (w *writer) offers(offers []bot.Offer) {
	// An offer without a division cannot be chosen.
	offers = slices.DeleteFunc(slices.Clone(offers), func(o bot.Offer) bool { return o.Division == "" })
	if len(offers) <= rowsUpTo/min(w.shrink, rowsUpTo/suggestions) {
		w.rows(offers)
		return
	}
	shown := offers[:min(len(offers), max(1, maxOptions/w.shrink))]
	w.add(slack.NewActionBlock(menuBlock(w.ref), menu(shown)))
	if len(shown) < len(offers) {
		w.text(bot.Note(bot.SayMoreOffers).Body, partLength)
	}
}

// suggestions is how many offers are always rows: the desk suggests no more divisions.
const suggestions = 3

// rows writes a row for each offer: its title, a line of its text, and a button.
func (w *writer) rows(offers []bot.Offer) {
	for i, o := range offers {
		open := w.choose(actionChoose+":"+strconv.Itoa(i), o, bot.LabelOpen)
		open.AccessibilityLabel = text.Clip(bot.LabelOpen+" "+o.Title, maxButton)
		body, _ := o.Text.Clip(partLength / w.shrink)
		row := pair(text.Clip(o.Title, maxHeader), strings.ReplaceAll(body.Plain(), "\n", " "), "\n")
		w.add(slack.NewSectionBlock(row, nil, slack.NewAccessory(open)))
	}
}

// menu returns a menu of offers. The value of an option only has room for the division.
func menu(offers []bot.Offer) *slack.SelectBlockElement {
	options := make([]*slack.OptionBlockObject, len(offers))
	for i, o := range offers {
		options[i] = slack.NewOptionBlockObject(adapters.CutID(o.Division, maxOption),
			plain(text.Clip(o.Title, maxOption)), nil)
	}
	return slack.NewOptionsSelectBlockElement(slack.OptTypeStatic, plain(bot.LabelChoose), actionChoose, options...)
}

// links writes links, one a line.
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

// feedback writes the buttons below an answer.
func (w *writer) feedback() {
	var buttons []slack.BlockElement
	w.actions(w.answer.Actions)
	if w.details {
		buttons = append(buttons, button(actionDetails, w.whole(), bot.LabelDetails))
	}
	switch {
	case w.answer.Welcome:
	case w.answer.Outcome == bot.Answered && !w.voted:
		rated := ref{Division: w.answer.Division, Thread: w.Thread}
		if w.answer.Private { // the topic of a private answer is not logged
			rated.Division = ""
		}
		if w.modal { // the answer is shown again, with thanks
			rated = w.whole()
		}
		up, down := button(actionUp, rated, bot.LabelHelpful), button(actionDown, rated, bot.LabelUnhelpful)
		up.AccessibilityLabel, down.AccessibilityLabel = bot.LabelHelpfulA, bot.LabelUnhelpfulA
		buttons = append(buttons, up, down)
	case w.answer.Outcome == bot.Suggested, w.answer.Outcome == bot.Declined:
		buttons = append(buttons, button(actionMeant, ref{Thread: w.Thread}, bot.LabelAll))
		if w.offersToTell() {
			buttons = append(buttons, button(actionTell, w.telling(), bot.LabelTell))
		}
	}
	if w.private && !w.modal && !w.answer.Private && !w.answer.Welcome && w.answer.Outcome == bot.Answered {
		label := bot.LabelShare
		if w.Thread != "" {
			label = bot.LabelPostThread
		}
		buttons = append(buttons, button(actionShare, w.whole(), label))
	}
	if len(buttons) > 0 {
		w.add(slack.NewActionBlock("", buttons...))
	}
	if w.voted {
		w.add(slack.NewContextBlock("", plain(bot.SayThanks)))
	}
}

// whole returns the ref from which the answer is made again: the question or, if that is
// too long for a button, what it was about.
func (w *writer) whole() ref {
	r := w.ref
	r.Asker = ""
	if text.Length(r.encode()) > maxValue*3/4/w.shrink {
		r.Question = text.Clip(r.Question, quoteLength/w.shrink)
		r.Division = first(r.Division, first(w.answer.Choice, w.answer.Division))
	}
	return r
}

// source writes the source as a small line, its title a link.
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

// button returns a button whose label Slack shows as it is.
func button(id string, r ref, label string) *slack.ButtonBlockElement {
	return slack.NewButtonBlockElement(id, r.value(), plain(text.Clip(label, maxButton)))
}
