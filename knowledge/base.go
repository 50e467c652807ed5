package knowledge

import (
	"slices"

	"frontdesk/knowledge/ranking"
	"frontdesk/knowledge/text"
)

// Base is a knowledge file made ready to answer the readers of one audience. It is
// never changed once made and may be used from many goroutines at once.
type Base struct {
	// File is what these readers see of the file. Nobody may change it.
	File *File

	// View ranks questions for these readers, in the numbers of the whole file. It has
	// a name for the tests of the ranking, which look inside.
	*ranking.View

	*index
	sees    []bool           // by layer
	entries []Entry          // that these readers see
	numbers map[string]int32 // by id: its place in entries
	local   []int32          // by class: its place in entries or File.Declines, or -1
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

// Load makes a Base of the inputs, for readers who may see all. The problems list
// everything that is wrong; if one of them is an error, there is no Base.
func Load(inputs []Input) (*Base, Problems) {
	file, problems := Parse(inputs)
	if problems.Err() != nil {
		return nil, problems
	}
	ix, err := newIndex(file, Fast, true)
	if err != nil {
		return nil, append(problems, Problem{Pos: wholeOf(inputs), Message: err.Error()})
	}
	return ix.view(file.Everything()), problems
}

// Parse reads and checks the inputs without making them ready to answer.
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
	i, ok := b.numbers[id]
	if !ok {
		return Entry{}, false
	}
	return b.entries[i], true
}

// Urgent is what to say to a question that tells of danger now.
func (b *Base) Urgent(group int) text.Text { return text.Parse(b.File.Urgent[group].Say.Text) }

// Declined is a declined topic's name and where to go instead.
func (b *Base) Declined(i int) (topic string, answer text.Text) {
	d := &b.File.Declines[i]
	return d.Topic.Text, text.Parse(d.Answer.Text)
}

// TellApart is what separates two divisions, if the file says.
func (b *Base) TellApart(id, other string) text.Text {
	for _, t := range b.File.TellApart {
		if len(t.Between) == 2 && (t.Between[0].Text == id && t.Between[1].Text == other ||
			t.Between[1].Text == id && t.Between[0].Text == other) {
			return text.Parse(t.Say.Text)
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
