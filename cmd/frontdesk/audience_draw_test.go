package main

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"frontdesk/knowledge"
)

// drawnDivision is a random division. Marks are letters of the audiences that may see it.
type drawnDivision struct {
	id, marks, name, summary string
	private                  bool
	handles, programs        []drawnItem
	facts                    []drawnItem
	contact                  drawnItem
	notFor                   []drawnItem
	seeAlso                  []int
}

type drawnItem struct {
	marks, title, text string
	question, code     string
	see                int // the division that a near miss points to, or -1
}

// drawnSynonym is a word with the marks of its division and item.
type drawnSynonym struct{ word, marks, within string }

type drawnApart struct {
	a, b int
	say  string
}

var drawnWords = strings.Fields("radiator boiler leave newborn travel badge invoice budget lawyer contract visa " +
	"passport laptop printer parking lunch training safety fraud audit press logo drone border ship grain honey glass")

// mark draws who may see something: letters of audiences, "" for everyone.
func (d *drawing) mark() string {
	return []string{"", "", "", "e", "s", "es"}[d.IntN(6)]
}

// text makes a marked text. Its reader must have a letter of the division's marks and one
// of the item's, unless these are empty. One that begins with qqv is private.
func (d *drawing) text(private bool, div, item string) string {
	d.n++
	kind := "n"
	if private {
		kind = "v"
	}
	return fmt.Sprintf("qq%s%sx%sx%dqq", kind, div, item, d.n)
}

var drawnText = regexp.MustCompile(`qq([vn])([es]*)x([es]*)x\d+qq`)

func mayRead(marks, letters string) bool { return marks == "" || strings.ContainsAny(marks, letters) }

func (d *drawing) word() string { return drawnWords[d.IntN(len(drawnWords))] }

// draw makes the file.
func (d *drawing) draw() {
	var codes []drawnSynonym // words of one item each
	for i := range 3 + d.IntN(4) {
		div := drawnDivision{id: fmt.Sprintf("d%d", i), marks: d.mark(), private: d.IntN(4) == 0}
		// Lists may show the name of a private entry, but nothing else.
		div.name = d.word() + " " + d.text(false, div.marks, "")
		div.summary = "Deals with " + d.word() + " " + d.text(div.private, div.marks, "")
		item := func() drawnItem {
			m := d.mark()
			title := d.word() + " " + d.word() + " " + d.text(div.private, div.marks, m)
			d.subjects = append(d.subjects, title)
			question := "who runs " + d.word() + " " + d.text(div.private, div.marks, m)
			code := fmt.Sprintf("nightfall%d", d.n)
			d.subjects = append(d.subjects, question, code)
			codes = append(codes, drawnSynonym{code, div.marks, m})
			return drawnItem{
				marks: m, title: title, text: "All about " + d.text(div.private, div.marks, m),
				question: question, code: code, see: -1,
			}
		}
		for range d.IntN(4) {
			div.handles = append(div.handles, item())
		}
		for range d.IntN(3) {
			div.programs = append(div.programs, item())
		}
		for _, label := range []string{"lead", "location", "budget"} {
			if d.IntN(2) == 0 {
				fact := drawnItem{marks: d.mark(), title: label}
				fact.text = d.text(div.private, div.marks, fact.marks)
				div.facts = append(div.facts, fact)
			}
		}
		if d.IntN(2) == 0 {
			m := d.mark()
			div.contact = drawnItem{marks: m, text: "#" + d.text(div.private, div.marks, m)}
		}
		d.subjects = append(d.subjects, div.name)
		d.divisions = append(d.divisions, div)
	}
	for i := range d.divisions {
		div := &d.divisions[i]
		for range d.IntN(3) {
			see := d.IntN(len(d.divisions)+1) - 1
			n := drawnItem{see: see, marks: d.mark()}
			hidden := n.marks // without a text of its own it is visible only if its target is
			if d.IntN(2) == 0 || see < 0 {
				n.text = "Ask " + d.text(false, div.marks, n.marks)
			} else if n.marks == "" {
				hidden = d.divisions[see].marks
			}
			n.title = d.word() + " " + d.word() + " " + d.text(false, div.marks, hidden)
			d.subjects = append(d.subjects, n.title)
			div.notFor = append(div.notFor, n)
		}
		for range d.IntN(3) {
			if see := d.IntN(len(d.divisions)); see != i {
				div.seeAlso = append(div.seeAlso, see)
			}
		}
		if j := d.IntN(len(d.divisions)); j != i {
			other := d.divisions[j]
			d.apart = append(d.apart,
				drawnApart{i, j, "Apart " + d.text(div.private || other.private, div.marks, other.marks)})
		}
	}
	for i := range d.IntN(4) {
		group := []drawnSynonym{{word: fmt.Sprintf("sundown%d", i)}} // occurs nowhere else
		d.subjects = append(d.subjects, group[0].word)
		for range min(len(codes), 1+d.IntN(2)) {
			k := d.IntN(len(codes))
			group = append(group, codes[k])
			codes = slices.Delete(codes, k, k+1)
		}
		d.Shuffle(len(group), func(i, j int) { group[i], group[j] = group[j], group[i] })
		d.synonyms = append(d.synonyms, group)
	}
	for range d.IntN(3) {
		m := d.mark()
		topic := d.word() + " " + d.text(false, m, "")
		d.subjects = append(d.subjects, topic)
		d.declines = append(d.declines, drawnItem{marks: m, title: topic, text: "Elsewhere " + d.text(false, m, "")})
	}
	d.snapshot = d.read(d.input(everything, true))
}

func (d *drawing) read(inputs []knowledge.Input) *knowledge.Snapshot {
	e, problems := knowledge.NewSnapshot(inputs, knowledge.Fast)
	if err := problems.Err(); err != nil {
		d.Fatalf("%v\n%s", err, inputs[0].Data)
	}
	return e
}

// everything stands for readers who may see the whole file.
const everything = "all"

// input writes the file, or the part that some readers may see, with audiences or without.
func (d *drawing) input(letters string, marked bool) []knowledge.Input {
	see := func(marks string) bool { return letters == everything || mayRead(marks, letters) }
	var b strings.Builder
	b.WriteString("version: 1\norganization: {name: Acme}\ndivisions:\n")
	marks := func(indent, m string) {
		if marked && m != "" {
			fmt.Fprintf(&b, "%saudience: [%s]\n", indent, strings.Join(strings.Split(m, ""), ", "))
		}
	}
	items := func(key, title string, list []drawnItem) {
		fmt.Fprintf(&b, "    %s:\n", key)
		for _, x := range list {
			if see(x.marks) {
				fmt.Fprintf(&b, "      - %s: %s\n        text: %s\n", title, x.title, x.text)
				fmt.Fprintf(&b, "        keywords: [%s]\n        questions: [%s]\n", x.code, x.question)
				marks("        ", x.marks)
			}
		}
	}
	for _, div := range d.divisions {
		if !see(div.marks) {
			continue
		}
		fmt.Fprintf(&b, "  - id: %s\n    name: %s\n    summary: %s\n    private: %t\n",
			div.id, div.name, div.summary, div.private)
		marks("    ", div.marks)
		items("handles", "topic", div.handles)
		items("programs", "name", div.programs)
		b.WriteString("    facts:\n")
		for _, f := range div.facts {
			if see(f.marks) {
				fmt.Fprintf(&b, "      %s:\n        text: %s\n", f.title, f.text)
				marks("        ", f.marks)
			}
		}
		if c := div.contact; c.text != "" && see(c.marks) {
			fmt.Fprintf(&b, "    contact:\n      slack: %q\n", c.text)
			marks("      ", c.marks)
		}
		b.WriteString("    not_for:\n")
		for _, n := range div.notFor {
			known := n.see >= 0 && see(d.divisions[n.see].marks)
			if !see(n.marks) || n.see >= 0 && !known && n.text == "" {
				continue
			}
			fmt.Fprintf(&b, "      - text: %s\n", n.title)
			marks("        ", n.marks)
			if known {
				fmt.Fprintf(&b, "        see: %s\n", d.divisions[n.see].id)
			}
			if n.text != "" {
				fmt.Fprintf(&b, "        say: %s\n", n.text)
			}
		}
		b.WriteString("    see_also:\n")
		for _, i := range div.seeAlso {
			if see(d.divisions[i].marks) {
				fmt.Fprintf(&b, "      - %s\n", d.divisions[i].id)
			}
		}
		fmt.Fprintf(&b, "    questions:\n      - \"What does %s do?\"\n", div.name)
	}
	b.WriteString("tell_apart:\n")
	for _, a := range d.apart {
		if see(d.divisions[a.a].marks) && see(d.divisions[a.b].marks) {
			fmt.Fprintf(&b, "  - between: [%s, %s]\n    say: %s\n", d.divisions[a.a].id, d.divisions[a.b].id, a.say)
		}
	}
	b.WriteString("synonyms:\n")
	for _, group := range d.synonyms {
		var words []string
		for _, s := range group {
			if see(s.marks) && see(s.within) {
				words = append(words, s.word)
			}
		}
		fmt.Fprintf(&b, "  - [%s]\n", strings.Join(words, ", "))
	}
	b.WriteString("declines:\n")
	for i, decline := range d.declines {
		if see(decline.marks) {
			fmt.Fprintf(&b, "  - id: t%d\n    topic: %s\n    answer: %s\n", i, decline.title, decline.text)
			marks("    ", decline.marks)
		}
	}
	return []knowledge.Input{{Name: "drawn.yaml", Data: []byte(b.String())}}
}

// question draws a question.
func (d *drawing) question() string {
	// Without the end of a marked text, so that an echo of the question is none.
	s := strings.ReplaceAll(d.subjects[d.IntN(len(d.subjects))]+" ", "qq ", "")
	switch d.IntN(8) {
	case 0:
		return "who leads " + s + "?"
	case 1:
		return "how do I reach " + s + "?"
	case 2:
		return "where is " + s + "?"
	case 3:
		return []string{"how many divisions are there?", "hello", "which divisions are there?", "help"}[d.IntN(4)]
	case 4:
		return "who handles " + d.word() + " and " + d.word() + "?"
	case 5:
		return s[strings.LastIndexByte(s, ' ')+1:]
	}
	return "who handles " + s + "?"
}
