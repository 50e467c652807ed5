package bot

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"frontdesk/knowledge"
	"frontdesk/knowledge/text"
)

// Texts of a short answer are at most so long, in UTF-16 code units: four lines of a phone
// for what a responsibility is, six for what a division is, one or two in a list.
const (
	evidenceLength = 160
	aboutLength    = 240
	rowLength      = 60 // of a division in a list
)

// Short is the part of an answer that is read at a glance: who handles what, the
// responsibility and how to reach the division, or the fact that was asked for. An answer
// without a Lead is short as it is.
func (a Answer) Short() Answer {
	if a.Lead.IsZero() {
		return a
	}
	a.Title, a.Body = "", a.Lead
	if a.Evidence != nil && !a.leadOnly {
		line, _ := a.Evidence.Text.Clip(evidenceLength)
		a.Body = a.Body.Join(line)
	}
	a.Evidence, a.SeeAlso, a.Links = nil, nil, nil
	said := a.Lead.Plain()
	var asked, contact []Fact
	for _, f := range a.Facts {
		switch {
		case f.Kind == FactAsked && !strings.Contains(said, strings.TrimRight(f.Text, ".")):
			asked = append(asked, f)
		case f.Kind == FactContact:
			contact = append(contact, f)
		}
	}
	if a.Facts = asked; len(asked) == 0 {
		a.Facts = contact
	}
	return a
}

// Long reports whether an answer has more than its [Answer.Short] form.
func (a Answer) Long() bool {
	return !a.Lead.IsZero() && (len(a.SeeAlso)+len(a.Links) > 0 ||
		len(WithoutShared(a.Facts)) > len(WithoutShared(a.Short().Facts)) ||
		text.Length(a.Body.Plain()) > text.Length(a.Lead.Plain()))
}

// WithoutShared are the facts that tell a division from the others.
func WithoutShared(facts []Fact) []Fact {
	return slices.DeleteFunc(slices.Clone(facts), func(f Fact) bool { return f.Kind == FactShared })
}

// Alone reports whether an answer is shown to the asker only, where the platform can: it is
// private, or it says that the desk does not know, which is of no use to others.
func (a Answer) Alone() bool {
	return a.Private || a.Outcome == Declined && a.Urgent.IsZero()
}

// Await reports whether the asker may want to be told when the desk knows: it declined, and
// the file does not say where to go instead.
func (a Answer) Await() bool {
	return a.Outcome == Declined && !a.Welcome && a.Title == "" && len(a.Offers) == 0
}

// lead is the sentence that answers a question about a division.
func (r *reply) lead(e knowledge.Entry, item int, a Answer) text.Text {
	name := text.Span{Text: e.Name.Text, Style: text.Strong}
	says := func(format, what string) text.Text {
		return text.Text{text.Paragraph{name, {Text: fmt.Sprintf(format, strings.TrimRight(what, "."))}}}
	}
	if a.Evidence == nil && len(a.Facts) > 0 && a.Facts[0].Kind == FactAsked {
		switch r.match.Facet {
		case knowledge.FacetLead:
			return says(sayLedBy, a.Facts[0].Text)
		case knowledge.FacetReportsTo:
			return says(sayReportsTo, a.Facts[0].Text)
		}
		return text.Text{text.Paragraph{name}}
	}
	switch {
	case a.Evidence == nil:
		return r.about(e)
	case a.Evidence.Title == "": // a responsibility without a topic; its text follows
		return text.Text{text.Paragraph{name}}
	case item >= len(e.Handles):
		return text.Text{text.Paragraph{
			{Text: a.Evidence.Title, Style: text.Strong}, {Text: sayBelongsTo}, name, {Text: "."},
		}}
	}
	h := &e.Division.Handles[item]
	written := []string{h.Text.Text, e.Division.Summary.Text, r.name()}
	for _, l := range slices.Concat(h.Keywords, h.Questions) {
		written = append(written, l.Text)
	}
	return says(sayHandles, inSentence(a.Evidence.Title, written))
}

// about is what a division is, with its name.
func (r *reply) about(e knowledge.Entry) text.Text {
	summary, _ := e.Summary.Clip(aboutLength)
	if strings.HasPrefix(summary.Plain(), e.Name.Text) {
		return summary
	}
	return text.Text{text.Paragraph{{Text: e.Name.Text, Style: text.Strong}}}.Join(summary)
}

// line is what a division is in a line beside its name, which the summary often begins with.
func line(e knowledge.Entry) text.Text {
	summary := e.Summary
	if p, ok := summary.FirstParagraph(); ok {
		for _, name := range []string{e.Name.Text, "The " + e.Name.Text} {
			rest, found := strings.CutPrefix(p[0].Text, name+" ")
			if !found {
				continue
			}
			if _, after, short := strings.Cut(rest, ") "); short && strings.HasPrefix(rest, "(") {
				rest = after
			}
			p = slices.Concat(text.Paragraph{{Text: rest}}, p[1:])
			summary = slices.Concat(text.Text{p}, summary[1:])
			break
		}
	}
	summary, _ = summary.Clip(rowLength)
	return summary
}

// inSentence is a title as it stands within a sentence: with a small letter, unless its first
// word is an acronym, or a name by what is written beside it: "forced labor", but "Medicare
// fraud" where something is paid "by Medicare alone".
func inSentence(title string, written []string) string {
	first, size := utf8.DecodeRuneInString(title)
	word := title
	if end := strings.IndexFunc(title, func(r rune) bool { return !unicode.IsLetter(r) }); end >= 0 {
		word = title[:end]
	}
	if len(word) <= size || strings.ToLower(word[size:]) != word[size:] ||
		slices.ContainsFunc(written, func(s string) bool { return names(s, word) }) {
		return title
	}
	return string(unicode.ToLower(first)) + title[size:]
}

// names reports whether a word with a capital letter stands in the middle of a sentence and
// is not part of a longer name.
func names(s, word string) bool {
	capital := func(s string) bool {
		r, _ := utf8.DecodeRuneInString(s)
		return unicode.IsUpper(r)
	}
	words := strings.Fields(s)
	for i, w := range words {
		if i == 0 || strings.TrimFunc(w, unicode.IsPunct) != word || capital(words[i-1]) ||
			strings.ContainsAny(words[i-1][len(words[i-1])-1:], ".:!?") {
			continue
		}
		if i+1 == len(words) || !capital(words[i+1]) {
			return true
		}
	}
	return false
}
