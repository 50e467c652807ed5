package knowledge

import (
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// inBrackets is a fragment as it is written in brackets, in one line. In JSON all keys have
// quotes.
func inBrackets(f fragment, quotes yaml.Style, json bool) string {
	list := func(texts []string) string {
		var all []string
		for _, t := range texts {
			all = append(all, scalar(t, quotes, true))
		}
		return "[" + strings.Join(all, ", ") + "]"
	}
	switch {
	case f.texts != nil:
		return list(f.texts)
	case f.keys == nil:
		return scalar(f.text, quotes, true)
	}
	var all []string
	for _, k := range f.keys {
		name, value := k.key, ""
		if json {
			name = `"` + name + `"`
		}
		if value = list(k.texts); k.texts == nil {
			value = scalar(k.text, quotes, true)
		}
		all = append(all, name+": "+value)
	}
	return "{" + strings.Join(all, ", ") + "}"
}

// texts are items of a list in brackets that are texts or lists.
func (d *document) texts(items []fragment, quotes yaml.Style) (chunks []string) {
	for _, f := range items {
		chunks = append(chunks, inBrackets(f, quotes, false))
	}
	return chunks
}

// fill joins chunks with commas, with a line break where the next one does not fit. The text
// before them ends at a column; at first there is no comma before them. Behind them is a
// tail of so many characters. With own, each has its own line.
func fill(column int, first bool, chunks []string, inner, width, tail int, own bool, br string) string {
	var b strings.Builder
	for i, c := range chunks {
		n := utf8.RuneCountInString(c)
		behind := 1 // a comma
		if i+1 == len(chunks) {
			behind = tail
		}
		switch begins := first && i == 0; {
		case begins && (own || column <= inner || column+n+behind <= width):
			b.WriteString(c)
			column += n
		case begins:
			b.WriteString(br + strings.Repeat(" ", inner) + c)
			column = inner + n
		case own || column+len(", ")+n+behind > width:
			b.WriteString("," + br + strings.Repeat(" ", inner) + c)
			column = inner + n
		default:
			b.WriteString(", " + c)
			column += len(", ") + n
		}
	}
	return b.String()
}

const (
	leastWidth = 60      // characters of a line; lists with shorter lines are broken for another reason
	usualWidth = 120     // … where the file does not show another width
	unbroken   = 1 << 30 // no line is broken
)

// width is how long the lines of the file are where lists in brackets are broken.
func (d *document) width() int {
	if d.most > 0 {
		return d.most
	}
	var broken []int
	longest := 0
	for _, key := range textLists {
		for _, s := range d.samples[key] {
			if s.value.Kind != yaml.SequenceNode || !isFlow(s.value) || len(s.value.Content) == 0 {
				continue
			}
			begin := d.begin(s.value)
			end := d.bracketEnd(begin)
			if d.lineIndex(begin) == d.lineIndex(end) {
				longest = max(longest, d.columnOf(d.lineEnd(begin)))
				continue
			}
			if d.ownLines(s.value.Content) {
				continue
			}
			for at := begin; at < end; at = d.nextLine(at) {
				if line := d.lineEnd(at); line < end && line > at && d.data[line-1] == ',' {
					broken = append(broken, d.columnOf(line))
				}
			}
		}
	}
	switch {
	case len(broken) > 0:
		slices.Sort(broken)
		d.most = max(leastWidth, broken[min(len(broken)-1, len(broken)*19/20)]) // without the few that are far too long
	case longest > usualWidth:
		d.most = unbroken
	default:
		d.most = usualWidth
	}
	return d.most
}

// quotesFor is how the texts under a key, or similar ones, are quoted.
func (d *document) quotesFor(key string, line int) yaml.Style {
	keys := []string{key}
	switch {
	case slices.Contains(textLists, key):
		keys = append(keys, textLists...)
	case key == "text" || key == "answer":
		keys = append(keys, "text", "answer", "summary", "say")
	case key == "topic":
		keys = append(keys, "name")
	}
	like, ok := d.sampleOf(line, func(s sample) bool {
		v := s.value
		return v.Kind == yaml.SequenceNode && len(v.Content) > 0 ||
			v.Kind == yaml.ScalarNode && !isNull(v) && v.Style&(yaml.LiteralStyle|yaml.FoldedStyle) == 0
	}, keys...)
	if !ok {
		return 0
	}
	return quotesOf(like.value)
}

// quotesOf is how most texts of a list, or a text, are quoted.
func quotesOf(n *yaml.Node) yaml.Style {
	const both = yaml.SingleQuotedStyle | yaml.DoubleQuotedStyle
	if n.Kind == yaml.ScalarNode {
		return n.Style & both
	}
	counts := map[yaml.Style]int{}
	for _, c := range n.Content {
		if c.Kind == yaml.ScalarNode {
			counts[c.Style&both]++
		} else if c.Kind == yaml.SequenceNode {
			counts[quotesOf(c)]++
		}
	}
	best := yaml.Style(0)
	for _, style := range []yaml.Style{yaml.DoubleQuotedStyle, yaml.SingleQuotedStyle} {
		if counts[style] > counts[best] {
			best = style
		}
	}
	return best
}

// scalar is a text as YAML, in quotes if it needs them. In brackets it needs them more often.
func scalar(s string, quotes yaml.Style, flow bool) string {
	switch {
	case quotes == 0 && isPlain(s, flow):
		return s
	case quotes&yaml.SingleQuotedStyle != 0 && !strings.ContainsAny(s, "\n\t"):
		return "'" + strings.ReplaceAll(s, "'", "''") + "'"
	}
	escaped := strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`, "\t", `\t`).Replace(s)
	return `"` + escaped + `"`
}

// otherForm matches what YAML 1.1, which other programs read, takes for true, false, a number, or a
// mark.
var otherForm = regexp.MustCompile(`^(=|---|\.\.\.|(?i:y|n|yes|no|on|off)|[-+]?[0-9]+(:[0-5]?[0-9])+(\.[0-9]*)?)$`)

// isPlain reports whether YAML reads a text without quotes as this text.
func isPlain(s string, flow bool) bool {
	if s == "" || strings.ContainsAny(s, "\n\t") || strings.ContainsAny(s[:1], "?:,[]{}#&*!|>'\"%@`") ||
		strings.Contains(s, ": ") || strings.Contains(s, " #") ||
		strings.HasSuffix(s, ":") || flow && strings.ContainsAny(s, ",[]{}") || otherForm.MatchString(s) {
		return false
	}
	if _, typographic := unquote(s); typographic { // a warning says that they are part of the text
		return false
	}
	begin, end := "- ", "\n"
	if flow {
		begin, end = "[", "]\n"
	}
	tree, _, err := documents(strings.NewReader(begin + strings.ReplaceAll(s, "?", placeholder) + end))
	if err != nil || tree == nil || tree.Kind != yaml.SequenceNode || len(tree.Content) != 1 {
		return false
	}
	n := tree.Content[0]
	return n.Kind == yaml.ScalarNode && n.Tag == "!!str" && n.Anchor == "" && restored(n.Value) == s
}
