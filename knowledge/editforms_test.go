package knowledge

import (
	"bytes"
	"math/rand/v2"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// formWriter writes a tree in one of the many forms that people use. What it chooses once for a
// file are fields; the rest it chooses anew each time.
type formWriter struct {
	r      *rand.Rand
	b      bytes.Buffer
	deeper int // spaces of a mapping below its key
	dash   int // spaces of a hyphen below its key; it may be in the column of the key
	gap    int // spaces behind a hyphen
	flow   int // how many of a hundred lists are in brackets
	blocks int // … of mappings, and of lists of them
	notes  int // how many of a hundred lines have a comment
	broken int // how many of a hundred places in a text or list have a line break
	quotes int // how many of a hundred texts are in quotes
	spaces bool
	named  int // how many of a hundred values have an anchor or a tag
}

// newForm writes a tree in a random form.
func newForm(r *rand.Rand, tree *yaml.Node) []byte {
	w := &formWriter{r: r, deeper: 2 + r.IntN(3), dash: r.IntN(4), gap: 1 + r.IntN(2)*r.IntN(4),
		flow: r.IntN(100), blocks: r.IntN(60), notes: r.IntN(15) * r.IntN(2), broken: r.IntN(30) * r.IntN(2),
		quotes: r.IntN(100), spaces: r.IntN(4) == 0, named: r.IntN(8) * r.IntN(2)}
	if r.IntN(5) == 0 {
		w.b.WriteString("---")
		w.end(0)
	}
	w.mapping(tree, 0)
	if r.IntN(8) == 0 {
		w.b.WriteString("# the end\n")
	}
	return w.b.Bytes()
}

func (w *formWriter) often(percent int) bool { return w.r.IntN(100) < percent }

func (w *formWriter) indent(n int) { w.b.WriteString(strings.Repeat(" ", n)) }

// end ends a line, sometimes with a comment, and sometimes writes a comment or an empty line below.
func (w *formWriter) end(indent int) {
	if w.often(w.notes) {
		w.b.WriteString([]string{" # note", "  # it's", "  # \"x", "   "}[w.r.IntN(4)])
	}
	w.b.WriteString("\n")
	for w.often(w.notes) {
		w.indent(w.r.IntN(indent + 4))
		w.b.WriteString([]string{"", "# - note", "# it's: [", "# \"{"}[w.r.IntN(4)] + "\n")
	}
}

// mapping writes keys, the first of which begins where the writer is.
func (w *formWriter) mapping(n *yaml.Node, indent int) {
	for i := 0; i < len(n.Content); i += 2 {
		if i > 0 {
			w.indent(indent)
		}
		key := n.Content[i].Value
		if w.often(w.quotes / 10) {
			key = `"` + key + `"`
		}
		w.b.WriteString(key)
		if w.spaces && w.often(20) {
			w.b.WriteString(" ")
		}
		w.b.WriteString(":")
		w.value(n.Content[i+1], indent, false)
	}
}

// value writes a value behind a key or a hyphen that is indented by so many spaces, and ends
// its line.
func (w *formWriter) value(n *yaml.Node, indent int, item bool) {
	w.name(n)
	switch {
	case n.Kind == yaml.ScalarNode && n.Tag == "!!null":
		w.b.WriteString([]string{"", " ~", " null", ""}[w.r.IntN(4)])
		w.end(indent)
	case n.Kind == yaml.ScalarNode:
		w.b.WriteString(" ")
		w.text(n, indent, false)
	case len(n.Content) == 0:
		w.b.WriteString([]string{" []", " [ ]", "   []"}[w.r.IntN(3)])
		w.end(indent)
	case w.often(w.chance(n)):
		if w.often(w.broken) && !item {
			w.end(indent)
			w.indent(indent + 1)
		}
		w.b.WriteString(" ")
		w.brackets(n, indent)
		w.end(indent)
	case n.Kind == yaml.SequenceNode:
		dash := indent + w.dash
		if item {
			dash = indent + 1 + w.r.IntN(3)
		}
		w.end(indent)
		for _, c := range n.Content {
			w.item(c, dash)
		}
	default:
		w.end(indent)
		w.indent(indent + w.deeper)
		w.mapping(n, indent+w.deeper)
	}
}

// name sometimes writes an anchor or a tag of a value.
func (w *formWriter) name(n *yaml.Node) {
	switch {
	case n.Tag != "!!str" && n.Tag != "!!seq" || !w.often(w.named):
	case w.r.IntN(3) == 0:
		w.b.WriteString(" " + n.Tag)
	default:
		w.b.WriteString(" &x" + strconv.Itoa(w.b.Len()))
	}
}

// chance is how many of a hundred such values are in brackets.
func (w *formWriter) chance(n *yaml.Node) int {
	if n.Kind == yaml.SequenceNode && n.Content[0].Kind == yaml.ScalarNode {
		return w.flow
	}
	return w.blocks / 3
}

// item writes an item of a list.
func (w *formWriter) item(n *yaml.Node, dash int) {
	w.indent(dash)
	w.b.WriteString("-")
	if n.Kind == yaml.MappingNode && !w.often(w.blocks) {
		column := dash + 1 + w.gap
		if w.often(w.broken / 2) {
			w.end(column)
			w.indent(column)
		} else {
			w.indent(w.gap)
		}
		w.mapping(n, column)
		return
	}
	if n.Kind == yaml.ScalarNode {
		w.indent(w.gap - 1)
	}
	w.value(n, dash, true)
}

// text writes a text, and the end of its line in a block.
func (w *formWriter) text(n *yaml.Node, indent int, flow bool) {
	s := n.Value
	end := func() {
		if !flow {
			w.end(indent)
		}
	}
	if n.Tag != "!!str" {
		w.b.WriteString(s)
		end()
		return
	}
	if !flow && !strings.HasPrefix(s, " ") && w.often(w.broken/2) {
		w.b.WriteString([]string{"|", ">", "|-", ">-", ">+", "|+"}[w.r.IntN(6)])
		w.b.WriteString([]string{"", " # note"}[w.r.IntN(2)] + "\n")
		w.indent(indent + w.deeper)
		w.b.WriteString(s + "\n" + strings.Repeat("\n", w.r.IntN(3)))
		return
	}
	if w.often(w.quotes) || scalar(s, 0, true) != s {
		s = scalar(s, []yaml.Style{yaml.SingleQuotedStyle, yaml.DoubleQuotedStyle}[w.r.IntN(2)], flow)
	}
	parts := strings.Split(s, " ")
	for i, p := range parts {
		if i > 0 && w.often(w.broken/4) && !strings.HasPrefix(p, "#") && p != "" && parts[i-1] != "" {
			w.b.WriteString("\n" + strings.Repeat(" ", indent+1+w.r.IntN(4)))
		} else if i > 0 {
			w.b.WriteString(" ")
		}
		w.b.WriteString(p)
	}
	end()
}

// brackets writes a list or mapping in brackets.
func (w *formWriter) brackets(n *yaml.Node, indent int) {
	open, closing := "[", "]"
	step := 1
	if n.Kind == yaml.MappingNode {
		open, closing, step = "{", "}", 2
	}
	inner := indent + 1 + w.r.IntN(5)
	own := w.often(w.broken)
	space := func(often int) {
		switch {
		case own || w.often(often):
			w.end(inner)
			w.indent(inner)
		case w.spaces && w.often(50):
			w.b.WriteString(" ")
		}
	}
	w.b.WriteString(open)
	space(w.broken / 2)
	for i := 0; i < len(n.Content); i += step {
		if i > 0 {
			if w.spaces && w.often(20) {
				w.b.WriteString(" ")
			}
			w.b.WriteString(",")
			before := w.b.Len()
			if space(w.broken); w.b.Len() == before {
				w.b.WriteString(" ")
			}
		}
		v := n.Content[i]
		if step == 2 {
			w.b.WriteString(v.Value + ": ")
			v = n.Content[i+1]
		}
		if before := w.b.Len(); len(v.Content) > 0 || v.Kind == yaml.ScalarNode {
			if w.name(v); w.b.Len() > before {
				w.b.WriteString(" ")
			}
		}
		switch {
		case v.Kind == yaml.ScalarNode && v.Tag == "!!null":
			w.b.WriteString([]string{"", "~", "null"}[w.r.IntN(3)])
		case v.Kind == yaml.ScalarNode:
			w.text(v, inner, true)
		default:
			w.brackets(v, inner)
		}
	}
	if w.spaces && w.often(30) && len(n.Content) > 0 {
		w.b.WriteString(",")
	}
	space(w.broken / 2)
	w.b.WriteString(closing)
}
