package knowledge

import (
	_ "embed"
	"slices"
	"strings"
	"time"
)

// Base is a knowledge file made ready to answer. It is never changed once
// made and may be used from many goroutines at once.
type Base struct {
	// File is what was read. Nobody may change it.
	File *File
	// Took says how long it took to make the Base ready.
	Took struct{ Build, Calibrate time.Duration }

	entries     []Entry
	ids         map[string]int32
	classes     []class
	examples    []example
	model       *model
	phrases     *phrases
	items       items
	confidence  confidence
	held        []heldOut
	near        nearMisses
	completions completions
	workers     int // that make it
}

// Entry is a division with its texts parsed.
type Entry struct {
	*Division
	Summary  Text
	Handles  []Item
	Programs []Item
	NotFor   []Item
}

// Item is a responsibility, a program or a near miss with its text parsed.
type Item struct {
	Title string
	Text  Text
	See   string // of a near miss: the division that does handle it
}

// classKind says what a class of the model stands for.
type classKind uint8

const (
	classDivision classKind = iota
	classDecline
	classBackground
	classOurs
)

type class struct {
	kind  classKind
	index int // of the division or the declined topic in the file
}

//go:embed background.txt
var backgroundText string

// folds is how many parts the example questions are divided into for
// calibration: each part is answered by what was learned without it.
const folds = 5

// Load makes a Base of the inputs. The problems list everything that is wrong;
// if one of them is an error, there is no Base.
func Load(inputs []Input) (*Base, Problems) {
	file, problems := Parse(inputs)
	if problems.Err() != nil {
		return nil, problems
	}
	return newBase(file, Fast), problems
}

// newBase makes a Base of a file without errors.
func newBase(file *File, pace Pace) *Base {
	start := time.Now()
	b := &Base{File: file, ids: map[string]int32{}, phrases: newPhrases(), workers: pace.workers()}
	trainer := b.build()
	b.Took.Build = time.Since(start)
	start = time.Now()
	b.calibrate(trainer)
	b.Took.Calibrate = time.Since(start)
	return b
}

// Parse reads and checks the inputs without making them ready to answer.
func Parse(inputs []Input) (*File, Problems) {
	file := new(File)
	problems := readAll(inputs, file)
	problems = append(problems, checkAll(inputs, file, problems)...)
	problems.Sort()
	return file, problems
}

func readAll(inputs []Input, file *File) (problems Problems) {
	for _, in := range inputs {
		problems = append(problems, read(in, file)...)
	}
	return problems
}

// checkAll looks at a file whose reading had these problems.
func checkAll(inputs []Input, file *File, reading Problems) Problems {
	if len(file.Divisions) == 0 && reading.Err() != nil {
		return nil // there is nothing to look at
	}
	return file.check(inputs[0].Name)
}

// build makes everything but the calibration.
func (b *Base) build() *trainer {
	c := collector{base: b}
	c.file()
	synonyms := map[string]string{}
	for _, group := range b.File.Synonyms {
		for _, l := range group {
			first := split(group[0].Text)
			if words := split(l.Text); len(words) == 1 && len(first) > 0 {
				synonyms[stem(words[0].text)] = stem(first[0].text)
			}
		}
	}
	b.examples = c.examples
	m, l := newModel(c.examples, len(b.classes), len(b.File.Divisions), synonyms, b.workers)
	b.model = m
	var t *trainer
	together(b.workers, func() {
		for _, ph := range c.phrases {
			b.phrases.add(m, ph)
		}
		b.items = newItems(b)
		b.near = newNearMisses(b)
		b.completions = newCompletions(b)
	}, func() { t = m.learn(l, b.workers) })
	return t
}

// collector goes through a file and takes what can be matched.
type collector struct {
	base     *Base
	examples []example
	phrases  []phrase
	asked    int // example questions so far, to deal them out to the folds
}

func (c *collector) file() {
	b, f := c.base, c.base.File
	for i := range f.Divisions {
		b.ids[f.Divisions[i].ID.Text] = int32(i)
	}
	nearMisses := map[string][]string{} // by id of the division that does handle them
	for i := range f.Divisions {
		for _, n := range f.Divisions[i].NotFor {
			nearMisses[n.See.Text] = append(nearMisses[n.See.Text], n.Text.Text)
		}
	}
	for i := range f.Divisions {
		d := &f.Divisions[i]
		b.classes = append(b.classes, class{classDivision, i})
		c.division(int32(i), d)
		for _, text := range nearMisses[d.ID.Text] {
			c.take(fieldText, text)
		}
	}
	for i, d := range f.Declines {
		b.classes = append(b.classes, class{classDecline, i})
		c.take(fieldName, d.Topic.Text)
		for _, q := range d.Questions {
			c.ask(q.Text)
			if len(f.Declines) >= folds {
				// What comes to the desk is more varied than what the file
				// foresees: each topic is held out as a whole.
				c.examples[len(c.examples)-1].fold = int8(i % folds)
			}
		}
	}
	b.classes = append(b.classes, class{classBackground, 0})
	for _, text := range nearMisses[""] {
		c.take(fieldText, text)
	}
	c.background()
	b.classes = append(b.classes, class{classOurs, 0})

	c.phrase(ownerName, -1, -1, f.Organization.Name.Text)
	for _, a := range f.Organization.Aliases {
		c.phrase(ownerName, -1, -1, a.Text)
	}
	for i, u := range f.Urgent {
		for _, p := range u.Phrases {
			for _, variant := range contractions(p.Text) {
				c.phrase(dangerSign, int32(i), -1, variant)
			}
		}
	}
}

func (c *collector) division(i int32, d *Division) {
	e := Entry{Division: d, Summary: ParseText(d.Summary.Text)}
	c.take(fieldName, d.Name.Text)
	c.phrase(divisionName, i, -1, d.Name.Text)
	for _, a := range d.Aliases {
		c.take(fieldName, a.Text)
		c.phrase(divisionName, i, -1, a.Text)
	}
	for _, s := range Sentences(e.Summary.Plain()) {
		c.take(fieldName, s)
	}
	for n, h := range d.Handles {
		item := Item{Title: h.Topic.Text, Text: ParseText(h.Text.Text)}
		e.Handles = append(e.Handles, item)
		c.item(i, int32(n), topicName, item, h.Keywords)
		c.phrase(topicName, i, int32(n), h.Topic.Text)
	}
	for n, p := range d.Programs {
		item := Item{Title: p.Name.Text, Text: ParseText(p.Text.Text)}
		if p.Acronym.Text != "" {
			item.Title += " (" + p.Acronym.Text + ")"
		}
		e.Programs = append(e.Programs, item)
		n := int32(len(d.Handles) + n)
		c.item(i, n, programName, item, p.Keywords)
		c.phrase(programName, i, n, p.Name.Text)
		c.phrase(programName, i, n, p.Acronym.Text)
	}
	for _, n := range d.NotFor {
		e.NotFor = append(e.NotFor, Item{Title: n.Text.Text, Text: ParseText(n.Say.Text), See: n.See.Text})
	}
	for _, q := range d.allQuestions() {
		c.ask(q.Text)
	}
	c.base.entries = append(c.base.entries, e)
}

func (c *collector) item(division, n int32, kind phraseKind, item Item, keywords []Line) {
	c.take(fieldName, item.Title)
	for _, s := range Sentences(item.Text.Plain()) {
		c.take(fieldText, s)
	}
	for _, k := range keywords {
		c.take(fieldAsk, k.Text)
		c.phrase(keyword, division, n, k.Text)
	}
}

// background takes the built-in examples of what no desk answers, except
// those that the file claims for itself.
func (c *collector) background() {
	claimed := map[string]bool{}
	for _, e := range c.examples {
		if e.fold >= 0 {
			claimed[normal(e.text)] = true
		}
	}
	for line := range strings.Lines(backgroundText) {
		line = strings.TrimSpace(line)
		if line != "" && line[0] != '#' && !claimed[normal(line)] {
			c.ask(line)
		}
	}
}

// normal is a text's words alone.
func normal(text string) string {
	var b strings.Builder
	for _, w := range split(text) {
		b.WriteString(w.text)
		b.WriteByte(' ')
	}
	return b.String()
}

// take adds an example to the class that was begun last.
func (c *collector) take(f field, text string) {
	if text != "" {
		c.examples = append(c.examples, example{text: text, class: len(c.base.classes) - 1, field: f, fold: -1})
	}
}

// ask adds an example question, one that is held out in its turn.
func (c *collector) ask(text string) {
	if text == "" {
		return
	}
	c.take(fieldAsk, text)
	c.examples[len(c.examples)-1].fold = int8(c.asked % folds)
	c.asked++
}

func (c *collector) phrase(kind phraseKind, division, item int32, text string) {
	if text != "" {
		c.phrases = append(c.phrases, phrase{kind: kind, division: division, item: item, text: text})
	}
}

// contractions gives a phrase in its long and its short form: "I am" and "I'm".
func contractions(text string) []string {
	short := text
	for _, c := range [][2]string{
		{"i am", "im"}, {"he is", "hes"}, {"she is", "shes"}, {"they are", "theyre"}, {"we are", "were"},
		{"is not", "isnt"}, {"do not", "dont"}, {"does not", "doesnt"}, {"will not", "wont"}, {"cannot", "cant"}, {"can not", "cant"},
	} {
		padded := " " + strings.ToLower(strings.NewReplacer("'", "", "’", "").Replace(short)) + " "
		short = strings.TrimSpace(strings.ReplaceAll(padded, " "+c[0]+" ", " "+c[1]+" "))
	}
	if normal(short) == normal(text) {
		return []string{text}
	}
	return []string{text, short}
}

// Entries lists the divisions in the order of the file.
func (b *Base) Entries() []Entry { return slices.Clip(b.entries) }

// Entry returns the division with the given id.
func (b *Base) Entry(id string) (Entry, bool) {
	i, ok := b.ids[id]
	if !ok {
		return Entry{}, false
	}
	return b.entries[i], true
}

// Urgent is what to say to a question that tells of danger now.
func (b *Base) Urgent(group int) Text { return ParseText(b.File.Urgent[group].Say.Text) }

// Declined is a declined topic's name and where to go instead.
func (b *Base) Declined(i int) (topic string, answer Text) {
	d := &b.File.Declines[i]
	return d.Topic.Text, ParseText(d.Answer.Text)
}

// TellApart is what separates two divisions, if the file says.
func (b *Base) TellApart(id, other string) Text {
	for _, t := range b.File.TellApart {
		if len(t.Between) == 2 && (t.Between[0].Text == id && t.Between[1].Text == other || t.Between[1].Text == id && t.Between[0].Text == other) {
			return ParseText(t.Say.Text)
		}
	}
	return nil
}

// Examples returns up to n example questions, one of each of the first
// divisions that have any and are not private.
func (b *Base) Examples(n int) []string {
	var examples []string
	for i := range b.entries {
		if len(examples) == n {
			break
		}
		if qs := b.entries[i].Questions; len(qs) > 0 && !b.entries[i].Private {
			examples = append(examples, qs[0].Text)
		}
	}
	return examples
}

// Threshold is the chance of being right from which an answer is given.
func (b *Base) Threshold() float64 { return b.confidence.sure }

// Questions lists the example questions of the file: of the divisions, then of
// what is declined.
func (b *Base) Questions() []string {
	var questions []string
	add := func(lines []Line) {
		for _, l := range lines {
			if l.Text != "" {
				questions = append(questions, l.Text)
			}
		}
	}
	for i := range b.File.Divisions {
		add(b.File.Divisions[i].allQuestions())
	}
	for i := range b.File.Declines {
		add(b.File.Declines[i].Questions)
	}
	return questions
}

// allQuestions are those of a division and of all that belongs to it.
func (d *Division) allQuestions() []Line {
	all := slices.Clip(d.Questions)
	for _, h := range d.Handles {
		all = append(all, h.Questions...)
	}
	for _, p := range d.Programs {
		all = append(all, p.Questions...)
	}
	return all
}

// Everything is the audience that sees all of a file.
func (f *File) Everything() Audience { return AudienceOf(f.Audiences()...) }
