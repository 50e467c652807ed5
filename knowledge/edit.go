package knowledge

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"frontdesk/knowledge/text"
	"frontdesk/knowledge/words"
)

// Change is one thing that an admin adds to a knowledge file.
type Change struct {
	Kind ChangeKind `json:"kind"`
	// Division is the id of a division. AddDecline and AddSynonyms have none.
	Division string `json:"division,omitempty"`
	// Topic is, for AddQuestions and AddKeywords, the topic of the responsibility or the name of
	// the program that they belong to, or "" for the division as a whole, of which keywords
	// become aliases, because the format has no others. Of several with the same name and the
	// same readers it is the first. For AddResponsibility and AddDecline it is the new topic.
	// If there is one already, the questions are added to it.
	Topic string `json:"topic,omitempty"`
	// Lines are the questions, keywords, aliases or words. Those of AddResponsibility and
	// AddDecline are questions.
	Lines []string `json:"lines,omitempty"`
	// Text is, for AddResponsibility, what the division does about it, and for AddDecline,
	// where to go instead. Markdown.
	Text string `json:"text,omitempty"`
}

// ChangeKind says what a [Change] adds. In JSON it is a name, such as "questions".
type ChangeKind uint8

// The kinds of changes.
const (
	AddQuestions ChangeKind = iota
	AddKeywords
	AddAliases
	AddResponsibility
	AddDecline
	AddSynonyms // one group
)

// changeKinds are the names of the kinds.
var changeKinds = []string{"questions", "keywords", "aliases", "responsibility", "decline", "synonyms"}

func (k ChangeKind) String() string {
	if int(k) < len(changeKinds) {
		return changeKinds[k]
	}
	return fmt.Sprintf("change %d", k)
}

// MarshalText implements [encoding.TextMarshaler].
func (k ChangeKind) MarshalText() ([]byte, error) {
	if int(k) >= len(changeKinds) {
		return nil, fmt.Errorf("there is no kind of change %d", k)
	}
	return []byte(k.String()), nil
}

// UnmarshalText implements [encoding.TextUnmarshaler].
func (k *ChangeKind) UnmarshalText(name []byte) error {
	i := slices.Index(changeKinds, string(name))
	if i < 0 {
		return fmt.Errorf("a change cannot be %q; it is one of %s",
			text.Clip(string(name), maxQuoted), strings.Join(changeKinds, ", "))
	}
	*k = ChangeKind(i)
	return nil
}

// Edit returns the patch that makes the changes to knowledge files. It changes only the lines
// that it must, and adds new ones in the style of their neighbours. Lines that are there
// already are left out, so that the patch may be empty.
//
// An error names the division or topic that is not there, or a text that the format does not
// allow. Before it returns a patch, Edit reads the patched files. If they are not the old ones
// with exactly these changes, it returns an error with the lines to add by hand.
func Edit(inputs []Input, changes []Change) (Patch, error) {
	if len(inputs) == 0 {
		return nil, errors.New("there is no knowledge file to edit")
	}
	old := new(File)
	reading := readAll(inputs, old)
	if err := reading.Err(); err != nil {
		return nil, fmt.Errorf("correct the mistakes in the file before it is edited:\n%w", err)
	}
	wanted := *old
	wanted.Divisions = slices.Clone(old.Divisions)
	for i, c := range changes {
		if err := wanted.add(c); err != nil {
			if len(changes) > 1 {
				return nil, fmt.Errorf("change %d: %w", i+1, err)
			}
			return nil, err
		}
	}
	e, err := newEditor(inputs)
	if err != nil {
		return nil, err
	}
	if err := e.edit(old, &wanted); err != nil {
		return nil, e.byHand(err)
	}
	patch := e.patch()
	if patch.Empty() {
		return nil, nil
	}
	if err := verify(inputs, patch, old, &wanted, reading); err != nil {
		return nil, e.byHand(err)
	}
	return patch, nil
}

// verify reads the patched files, and says why they are not what is wanted.
func verify(inputs []Input, patch Patch, old, wanted *File, reading Problems) error {
	patched, err := patch.Apply(inputs)
	if err != nil {
		return err
	}
	got := new(File)
	problems := readAll(patched, got)
	if err := problems.Err(); err != nil {
		return err
	}
	if !sameFile(got, wanted) {
		return errors.New("it would be read in another way")
	}
	before, _ := checkAll(inputs, old, reading).Count()
	checked := checkAll(patched, got, problems)
	if after, _ := checked.Count(); after > before {
		return checked.Err()
	}
	return nil
}

// add adds a change to the file in memory. The lists of the divisions are shared with another
// File, and are cloned.
func (f *File) add(c Change) error {
	lines, err := cleaned(c)
	if err != nil {
		return err
	}
	switch c.Kind {
	case AddDecline:
		return f.addDecline(c, lines)
	case AddSynonyms:
		return f.addSynonyms(lines)
	case AddQuestions, AddKeywords, AddAliases, AddResponsibility:
		i := slices.IndexFunc(f.Divisions, func(d Division) bool { return d.ID.Text == c.Division })
		if i < 0 {
			return fmt.Errorf("there is no division %q%s", text.Clip(c.Division, maxQuoted), f.meant(c.Division))
		}
		return f.Divisions[i].add(c, lines)
	}
	return fmt.Errorf("there is no kind of change %d", c.Kind)
}

// meant suggests the id of a division.
func (f *File) meant(id string) string {
	ids := make([]string, len(f.Divisions))
	for i := range f.Divisions {
		ids[i] = f.Divisions[i].ID.Text
	}
	if near := nearest(id, ids); near != "" {
		return "; did you mean " + near + "?"
	}
	return "; name it by its id, such as " + ids[0]
}

// cleaned are the lines of a change as they are written, each in one line. Empty ones are left
// out.
func cleaned(c Change) (lines []string, err error) {
	kind := kinds[""]
	if c.Kind == AddQuestions || c.Kind == AddResponsibility || c.Kind == AddDecline {
		kind = kinds["question"]
	}
	for _, l := range c.Lines {
		if l, err = clean(l, kind); err != nil {
			return nil, err
		}
		if l != "" {
			lines = append(lines, l)
		}
	}
	return lines, nil
}

// clean is a text in one line, or the reason why it cannot be in a file.
func clean(s string, k kind) (string, error) {
	s = strings.Join(strings.Fields(s), " ")
	return s, allowed(s, k)
}

// allowed says why a text cannot be in a file.
func allowed(s string, k kind) error {
	short := text.PrintableLine(text.Clip(s, maxQuoted))
	if !utf8.ValidString(s) {
		return fmt.Errorf("the text %q is not UTF-8", short)
	}
	if r := forbidden(s); r >= 0 {
		return fmt.Errorf("the text %q cannot contain %s; delete it", short, nameOf(r))
	}
	if n := utf8.RuneCountInString(s); n > k.length {
		return fmt.Errorf("the text %q has %s characters, and at most %s are allowed; shorten it",
			short, grouped(n), grouped(k.length))
	}
	return nil
}

// prose is the text of a change as it is written. Two spaces at the end of a line stay, because
// Markdown breaks the line there.
func prose(s string) (string, error) {
	lines := strings.Split(strings.ReplaceAll(s, "\r\n", "\n"), "\n")
	for i, l := range lines {
		if strings.TrimSpace(l) == "" {
			lines[i] = ""
		}
	}
	s = strings.TrimSpace(strings.Join(lines, "\n"))
	return s, allowed(s, kinds["prose"])
}

// add adds a change to a division.
func (d *Division) add(c Change, lines []string) error {
	topic, err := clean(c.Topic, kinds[""])
	if err != nil {
		return err
	}
	switch {
	case c.Kind == AddAliases, c.Kind == AddKeywords && topic == "":
		d.Aliases = joined(d.Aliases, lines)
		return nil
	case c.Kind == AddQuestions && topic == "":
		d.Questions = joined(d.Questions, lines)
		return nil
	case c.Kind == AddResponsibility && topic == "":
		return fmt.Errorf("the new responsibility of %s has no topic; name it in one to five words", d.ID)
	}
	d.Handles, d.Programs = slices.Clone(d.Handles), slices.Clone(d.Programs)
	handle, program, err := d.named(topic)
	switch {
	case err != nil:
		return err
	case c.Kind == AddResponsibility && handle == nil:
		what, err := prose(c.Text)
		if err != nil {
			return err
		}
		d.Handles = append(d.Handles, Responsibility{
			Topic: Line{Text: topic}, Text: Line{Text: what}, Questions: joined(nil, lines),
		})
	case c.Kind == AddResponsibility:
		if what, _ := prose(c.Text); what != "" && what != handle.Text.Text {
			return fmt.Errorf("%s has a responsibility %q already, with another text; "+
				"choose another topic, or leave out the text to add the questions to it", d.ID, topic)
		}
		handle.Questions = joined(handle.Questions, lines)
	case handle == nil && program == nil:
		return fmt.Errorf("%s has no responsibility or program %q; %s", d.ID, topic, d.topics())
	case handle == nil && c.Kind == AddQuestions:
		program.Questions = joined(program.Questions, lines)
	case handle == nil:
		program.Keywords = joined(program.Keywords, lines)
	case c.Kind == AddQuestions:
		handle.Questions = joined(handle.Questions, lines)
	default:
		handle.Keywords = joined(handle.Keywords, lines)
	}
	return nil
}

// named finds the responsibility or program with a name: as it is written, or else in other
// capitals and punctuation. Of several with the same readers it chooses the first, and a
// responsibility before a program.
func (d *Division) named(name string) (handle *Responsibility, program *Program, err error) {
	for _, same := range []func(s string) bool{
		func(s string) bool { return s == name },
		func(s string) bool { return alike(s, name) },
	} {
		var readers []string
		for i := range d.Handles {
			if h := &d.Handles[i]; same(h.Topic.Text) {
				readers = append(readers, readersOf(h.Audience))
				if handle == nil {
					handle = h
				}
			}
		}
		for i := range d.Programs {
			if p := &d.Programs[i]; same(p.Name.Text) || p.Acronym.Text != "" && same(p.Acronym.Text) {
				readers = append(readers, readersOf(p.Audience))
				if handle == nil && program == nil {
					program = p
				}
			}
		}
		if len(slices.Compact(readers)) > 1 {
			return nil, nil, fmt.Errorf("%s has %d responsibilities or programs named %q with different readers; "+
				"rename all but one of them first", d.ID, len(readers), name)
		}
		if len(readers) > 0 {
			return handle, program, nil
		}
	}
	return nil, nil, nil
}

// readersOf identifies an audience.
func readersOf(audience []Line) string {
	groups := textsOf(audience)
	slices.Sort(groups)
	return strings.Join(groups, " ")
}

// topics lists some names to choose from.
func (d *Division) topics() string {
	var names []string
	for _, h := range d.Handles {
		names = append(names, h.Topic.Text)
	}
	for _, p := range d.Programs {
		names = append(names, p.Name.Text)
	}
	if len(names) == 0 {
		return "leave out the topic, or add the responsibility first"
	}
	const most = 12 // enough to recognize how they are named
	list := text.PrintableLine(strings.Join(names[:min(most, len(names))], ", "))
	if len(names) > most {
		list += " …"
	}
	return "it has: " + list
}

// alike reports whether two texts have the same words.
func alike(a, b string) bool {
	if a == b {
		return true
	}
	n := words.Normal(a)
	return n != "" && n == words.Normal(b)
}

// joined is a list with the lines that it does not have yet.
func joined(list []Line, lines []string) []Line {
	seen, exact := map[string]bool{"": true}, map[string]bool{}
	for _, l := range list {
		seen[words.Normal(l.Text)], exact[l.Text] = true, true
	}
	delete(seen, "") // of a text without words, such as "+++"
	list = slices.Clip(list)
	for _, l := range lines {
		if n := words.Normal(l); !exact[l] && !seen[n] {
			list = append(list, Line{Text: l})
			exact[l] = true
			if n != "" {
				seen[n] = true
			}
		}
	}
	return list
}

// addDecline adds a declined topic, or questions to one.
func (f *File) addDecline(c Change, lines []string) error {
	topic, err := clean(c.Topic, kinds[""])
	if err != nil {
		return err
	}
	if topic == "" {
		return errors.New("the declined topic has no name; name it as people know it")
	}
	answer, err := prose(c.Text)
	if err != nil {
		return err
	}
	f.Declines = slices.Clone(f.Declines)
	for i := range f.Declines {
		d := &f.Declines[i]
		if !alike(d.Topic.Text, topic) && d.ID.Text != topic {
			continue
		}
		if answer != "" && answer != d.Answer.Text {
			return fmt.Errorf("the declined topic %q is there already, with another answer; "+
				"choose another topic, or leave out the answer to add the questions to it", topic)
		}
		d.Questions = joined(d.Questions, lines)
		return nil
	}
	f.Declines = append(f.Declines, Decline{
		ID: Line{Text: f.newID(topic)}, Topic: Line{Text: topic},
		Questions: joined(nil, lines), Answer: Line{Text: answer},
	})
	return nil
}

// newID makes the id of a declined topic from its name.
func (f *File) newID(topic string) string {
	const most = 40 // characters; ids are short
	id := ""
	for _, w := range words.Split(topic) {
		next := strings.Trim(id+"-"+w.Text, "-")
		if idForm.MatchString(next) && (len(next) <= most || id == "") {
			id = next
		}
	}
	if id == "" || id == "none" {
		id = strings.Trim("topic-"+id, "-")
	}
	for n, base := 2, id; ; n++ {
		if !slices.ContainsFunc(f.Declines, func(d Decline) bool { return d.ID.Text == id }) {
			return id
		}
		id = fmt.Sprintf("%s-%d", base, n)
	}
}

// addSynonyms adds a group, or words to the group that has one of them. Words with the same stem
// count as the same, as they do for the matcher.
func (f *File) addSynonyms(lines []string) error {
	given := map[string]bool{}
	var added []Line
	for _, l := range lines {
		s, ok := stemOf(l)
		if !ok {
			return fmt.Errorf("the synonym %q is not one word; make it a keyword", text.Clip(l, maxQuoted))
		}
		if !given[s] {
			added = append(added, Line{Text: l})
		}
		given[s] = true
	}
	if len(added) == 1 {
		return fmt.Errorf("a group of synonyms needs at least two words, but this one has only %q", added[0].Text)
	}
	group := -1
	var of Line
	for i, g := range f.Synonyms {
		for _, l := range g {
			s, ok := stemOf(l.Text)
			if !ok || !given[s] {
				continue
			}
			if group >= 0 && group != i {
				return fmt.Errorf("the words %s and %s are in two groups of synonyms, in %s and %s; join these groups first",
					of, l, of.Pos, l.Pos.from(of.Pos))
			}
			group, of = i, l
			added = slices.DeleteFunc(added, func(a Line) bool { known, _ := stemOf(a.Text); return known == s })
		}
	}
	switch {
	case len(added) == 0:
		return nil
	case group < 0:
		f.Synonyms = append(slices.Clip(f.Synonyms), added)
	default:
		f.Synonyms = slices.Clone(f.Synonyms)
		f.Synonyms[group] = append(slices.Clip(f.Synonyms[group]), added...)
	}
	return nil
}

// stemOf is the stem of a word. It is false for a text that is not one word.
func stemOf(s string) (stem string, ok bool) {
	parts := words.Split(s)
	if len(parts) != 1 {
		return "", false
	}
	return words.Stem(parts[0].Text), true
}
