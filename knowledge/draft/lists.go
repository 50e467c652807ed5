package draft

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"frontdesk/knowledge"
)

var (
	bulletForm = regexp.MustCompile(`^\s*([•‣◦▪●○∙·*–—-]|\(?\d{1,2}[.)])\s+`)
	inlineForm = regexp.MustCompile(`\s*[•‣◦▪●∙]\s*`)
)

// lines are the lines of a cell without their bullets and numbers.
func linesOf(s string) (items []string) {
	for part := range strings.Lines(inlineForm.ReplaceAllString(s, "\n")) {
		if part = strings.TrimSpace(bulletForm.ReplaceAllString(part, "")); part != "" {
			items = append(items, part)
		}
	}
	return items
}

// split splits a cell with a list at lines, bullets, semicolons and vertical bars. A cell
// with none of them is split at commas if commas says that all of its parts may be items.
func split(s string, commas func(parts []string) bool) []string {
	items := linesOf(s)
	for _, mark := range []string{";", " | "} {
		var parts []string
		for _, item := range items {
			parts = append(parts, trimmed(strings.Split(item, mark))...)
		}
		items = parts
	}
	if commas != nil && len(items) == 1 && strings.Count(items[0], "/") > 1 && !strings.Contains(items[0], "://") {
		items = trimmed(strings.Split(items[0], "/"))
	}
	if len(items) > 1 {
		if commas == nil || !anyComma(items) {
			return items
		}
	}
	var all []string
	for _, item := range items {
		parts := trimmed(strings.Split(item, ","))
		if commas == nil || len(parts) < 2 || !commas(parts) {
			all = append(all, strings.TrimRight(item, ","))
			continue
		}
		last := len(parts) - 1
		for _, and := range []string{"and ", "or ", "und ", "et ", "y ", "& "} {
			if rest, ok := strings.CutPrefix(parts[last], and); ok && rest != "" {
				parts[last] = rest
				break
			}
		}
		all = append(all, parts...)
	}
	return all
}

func anyComma(items []string) bool {
	for _, item := range items {
		if strings.Contains(item, ",") {
			return true
		}
	}
	return false
}

func trimmed(parts []string) (kept []string) {
	for _, p := range parts {
		if p = strings.TrimSpace(p); p != "" {
			kept = append(kept, p)
		}
	}
	return kept
}

// anyParts splits keywords and names.
func anyParts([]string) bool { return true }

// shortParts splits duties: a sentence with commas is one duty.
func shortParts(parts []string) bool {
	const most = 5 // words of a duty in a list with commas
	for _, p := range parts {
		if len(strings.Fields(p)) > most {
			return false
		}
	}
	return len(parts) > 2 || !strings.HasSuffix(parts[len(parts)-1], ".")
}

// The longest topic. The schema advises one to five words; people write a few more.
const (
	topicWords = 9
	topicRunes = 70
)

var topicForm = regexp.MustCompile(`^(.{2,70}?)(:\s+|\s+[–—-]\s+)(\S.*)$`)

// responsibility makes a responsibility of one duty: its topic and text, only a topic, or
// only a text if it is too long for a topic.
func responsibility(s string) knowledge.Responsibility {
	s = strings.TrimSpace(s)
	if m := topicForm.FindStringSubmatch(strings.ReplaceAll(s, "\n", " ")); m != nil && isTopic(m[1]) {
		return knowledge.Responsibility{Topic: line(m[1]), Text: line(m[3])}
	}
	if isTopic(s) {
		return knowledge.Responsibility{Topic: line(strings.TrimRight(s, ".,;"))}
	}
	return knowledge.Responsibility{Text: line(s)}
}

// topics gives a topic to the responsibilities without one: the answer of the desk names the
// topic of the responsibility that it found.
func (d *Draft) topics() {
	for i := range d.File.Divisions {
		e := &d.File.Divisions[i]
		for k := range e.Handles {
			h := &e.Handles[k]
			switch {
			case h.Topic.Text != "":
			case len(h.Questions) > 0:
				h.Topic = line(firstWords(askForm.ReplaceAllString(strings.TrimRight(h.Questions[0].Text, "? "), "")))
			case h.Text.Text != "":
				h.Topic = line(firstWords(h.Text.Text))
			case len(h.Keywords) > 0:
				h.Topic = h.Keywords[0]
			}
			if h.Topic.Text == "" {
				h.Topic = e.Name
			}
		}
	}
}

// askForm matches the beginning of a question, up to what it is about.
var askForm = regexp.MustCompile(`(?i)^(how|where|when|what|who|whom|why|which|can|do|does|is|are|may|should|` +
	`could|will)` +
	`( (do|can|should|may|is|are|does|to|much|long|often|will|must|could))?( (i|we|you|my))*` +
	`( (get|apply for|find|obtain|request|receive))? ((a|an|the|my) )?`)

// firstWords are the first words of a text: at most as many as a topic has, up to a comma.
func firstWords(s string) string {
	s, _, _ = strings.Cut(oneLine(s), ", ")
	s, _, _ = strings.Cut(s, ". ")
	words := strings.Fields(s)
	for len(words) > topicWords || len(words) > 1 && utf8.RuneCountInString(strings.Join(words, " ")) > topicRunes {
		words = words[:len(words)-1]
	}
	return strings.TrimRight(strings.Join(words, " "), ".:;,")
}

// isTopic reports whether a text is short enough for a topic.
func isTopic(s string) bool {
	return s != "" && len(strings.Fields(s)) <= topicWords && utf8.RuneCountInString(s) <= topicRunes &&
		!strings.Contains(s, "\n") && !strings.Contains(s, ". ")
}

// isQuestion reports whether a text is a question.
func isQuestion(s string) bool { return strings.HasSuffix(strings.TrimSpace(s), "?") }

// splitQuestions splits a cell with questions at lines, bullets, semicolons and question marks.
func splitQuestions(s string) (all []string) {
	for _, item := range split(s, nil) {
		for {
			end := strings.Index(item, "? ")
			if end < 0 || !beginsSentence(item[end+2:]) {
				break
			}
			all = append(all, strings.TrimSpace(item[:end+1]))
			item = strings.TrimSpace(item[end+2:])
		}
		if item != "" {
			all = append(all, item)
		}
	}
	return all
}

func beginsSentence(s string) bool {
	r, _ := utf8.DecodeRuneInString(strings.TrimSpace(s))
	return unicode.IsUpper(r) || r == '¿'
}
