package knowledge

import (
	"slices"

	"frontdesk/knowledge/ranking"
	"frontdesk/knowledge/text"
)

// Base is a knowledge file prepared to answer one audience. It is immutable and safe for
// concurrent use.
type Base struct {
	// File is the part of the file that these readers see. It must not be changed.
	File *File

	// View ranks questions for these readers. Its numbers of divisions, items and topics
	// count the whole file. It is exported for the tests of the ranking.
	*ranking.View

	*index
	sees    []bool             // by layer
	entries []Entry            // the visible divisions
	byID    map[string]int32   // the index in entries
	local   []int32            // by class: its index in entries or File.Declines, or -1 if it is hidden
	shared  map[[2]string]bool // label and text of the facts that most entries have
}

// Entry is a division with its texts parsed.
type Entry struct {
	*Division
	Summary  text.Text
	Handles  []Item
	Programs []Item
	NotFor   []Item
}

// Item is a responsibility, a program or a near miss with its text parsed.
type Item struct {
	Title string
	Text  text.Text
	See   string // of a near miss: the division that does handle it
}

// Load makes a Base of the inputs for readers who may see everything. If the problems
// include an error, the Base is nil.
func Load(inputs []Input) (*Base, Problems) {
	file, problems := Parse(inputs)
	if problems.Err() != nil {
		return nil, problems
	}
	ix, err := newIndex(file, Fast, true, nil)
	if err != nil {
		return nil, append(problems, Problem{Pos: wholeOf(inputs), Message: err.Error()})
	}
	return ix.view(file.Everything()), problems
}

// Parse reads and checks the inputs without preparing them to answer.
func Parse(inputs []Input) (*File, Problems) {
	file := new(File)
	problems := readAll(inputs, file)
	problems = append(problems, checkAll(inputs, file, problems)...)
	problems.Sort()
	return file, problems
}

// Entries lists the divisions in the order of the file.
func (b *Base) Entries() []Entry { return slices.Clip(b.entries) }

// Entry returns the division with the given id.
func (b *Base) Entry(id string) (Entry, bool) {
	i, ok := b.byID[id]
	if !ok {
		return Entry{}, false
	}
	return b.entries[i], true
}

// Urgent is the answer of a group of urgent phrases.
func (b *Base) Urgent(group int) text.Text { return text.Parse(b.File.Urgent[group].Say.Text) }

// Declined is the name of a declined topic, and where to go instead.
func (b *Base) Declined(i int) (topic string, answer text.Text) {
	d := &b.File.Declines[i]
	return d.Topic.Text, text.Parse(d.Answer.Text)
}

// Shared reports whether most entries have a fact, with the same text.
func (b *Base) Shared(f Fact) bool { return b.shared[factOf(f)] }

// fewestShared is how many entries a file must have for a fact to count as shared.
const fewestShared = 3

// sharedFacts finds the facts that most entries have, with the same text.
func sharedFacts(entries []Entry) map[[2]string]bool {
	if len(entries) < fewestShared {
		return nil
	}
	counts := map[[2]string]int{}
	for i := range entries {
		for _, f := range entries[i].Facts {
			counts[factOf(f)]++
		}
	}
	shared := map[[2]string]bool{}
	for f, n := range counts {
		if 2*n > len(entries) {
			shared[f] = true
		}
	}
	return shared
}

func factOf(f Fact) [2]string { return [2]string{f.Label.Text, f.Text.Text} }

// TellApart is what separates two divisions, or nil if the file does not say.
func (b *Base) TellApart(id, other string) text.Text {
	for _, t := range b.File.TellApart {
		if len(t.Between) == 2 && (t.Between[0].Text == id && t.Between[1].Text == other ||
			t.Between[1].Text == id && t.Between[0].Text == other) {
			return text.Parse(t.Say.Text)
		}
	}
	return nil
}

// Examples returns up to n example questions, one of each division that has any and is
// not private, in the order of the file.
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

// Questions lists the example questions of the divisions, then those of the declined
// topics.
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

// localItem is the index of an item among the visible ones of its division.
func (b *Base) localItem(division, item int) int {
	return visibleIndex(b.sees, b.itemLayers[division], item)
}

// visibleIndex is the index of the element n of a list among the visible elements, whose
// layers are listed in of. It is -1 for -1.
func visibleIndex(sees []bool, of []ranking.Layer, n int) int {
	if n < 0 {
		return -1
	}
	index := 0
	for _, l := range of[:n] {
		if sees[l] {
			index++
		}
	}
	return index
}
