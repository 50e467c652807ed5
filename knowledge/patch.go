package knowledge

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"frontdesk/knowledge/text"
)

// ErrFileChanged is the error for a file that is not what a patch was made for.
var ErrFileChanged = errors.New("the file has changed since this change was prepared; prepare it again")

// Patch changes knowledge files line by line. As JSON it can be kept and undone later (see
// [Patch.Reverse]).
type Patch []FilePatch

// FilePatch changes one file.
type FilePatch struct {
	Name   string `json:"name"`
	Before string `json:"before"` // hash of all its bytes before; "" if the file did not exist
	After  string `json:"after"`  // … and afterwards; "" if it does not exist then
	Hunks  []Hunk `json:"hunks"`  // in the order of the file
}

// Hunk replaces some lines that follow each other. Lines have their line ends.
type Hunk struct {
	// Line is the number of the first line that is removed, or, if none is, of the line before
	// which lines are added. It counts from 1, in the file before the patch.
	Line    int      `json:"line"`
	Removed []string `json:"removed,omitempty"`
	Added   []string `json:"added,omitempty"`
	// Above and Below are the lines around it, at most as many as a diff shows, that no
	// other hunk changes.
	Above []string `json:"above,omitempty"`
	Below []string `json:"below,omitempty"`
}

// contextLines is how many lines around a change a diff shows, as diff -u does.
const contextLines = 3

// Empty reports whether the patch changes nothing.
func (p Patch) Empty() bool { return len(p) == 0 }

// Reverse returns the patch that undoes this one.
func (p Patch) Reverse() Patch {
	undo := make(Patch, len(p))
	for i, f := range p {
		hunks := slices.Clone(f.Hunks)
		moved := 0
		for k := range hunks {
			h := &hunks[k]
			h.Line += moved
			moved += len(h.Added) - len(h.Removed)
			h.Removed, h.Added = h.Added, h.Removed
		}
		undo[len(p)-1-i] = FilePatch{f.Name, f.After, f.Before, hunks}
	}
	return undo
}

// Apply returns the inputs with the changes. The error wraps [ErrFileChanged] if an input is
// not what the patch was made for. The inputs are not changed.
func (p Patch) Apply(inputs []Input) ([]Input, error) {
	all := slices.Clone(inputs)
	for _, f := range p {
		i := slices.IndexFunc(all, func(in Input) bool { return in.Name == f.Name })
		var data []byte
		if i >= 0 {
			data = all[i].Data
		}
		data, err := f.apply(data, i >= 0)
		switch {
		case err != nil:
			return nil, err
		case i < 0:
			all = append(all, Input{f.Name, data})
		case f.After == "":
			all = slices.Delete(all, i, i+1)
		default:
			all[i].Data = data
		}
	}
	return all, nil
}

// apply returns the bytes of one file with the changes.
func (f *FilePatch) apply(data []byte, exists bool) ([]byte, error) {
	if exists != (f.Before != "") || exists && hashData(data) != f.Before {
		return nil, fmt.Errorf("%s: %w", text.PrintableLine(f.Name), ErrFileChanged)
	}
	lines := splitLines(data)
	var b bytes.Buffer
	at := 0
	for _, h := range f.Hunks {
		first := h.Line - 1
		if first < at || first > len(lines) || first+len(h.Removed) > len(lines) ||
			!slices.Equal(lines[first:first+len(h.Removed)], h.Removed) {
			return nil, fmt.Errorf("%s: the change of line %d does not fit the file: %w",
				text.PrintableLine(f.Name), h.Line, ErrFileChanged)
		}
		writeLines(&b, lines[at:first])
		writeLines(&b, h.Added)
		at = first + len(h.Removed)
	}
	writeLines(&b, lines[at:])
	switch {
	case f.After == "" && b.Len() == 0:
		return nil, nil
	case hashData(b.Bytes()) != f.After:
		return nil, fmt.Errorf("%s: the change does not give the file that it was made for", text.PrintableLine(f.Name))
	}
	return b.Bytes(), nil
}

// hashData identifies the bytes of a file.
func hashData(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// splitLines are the lines of a file with their line ends.
func splitLines(data []byte) []string {
	var lines []string
	for line := range strings.Lines(string(data)) {
		lines = append(lines, line)
	}
	return lines
}

func writeLines(b *bytes.Buffer, lines []string) {
	for _, l := range lines {
		b.WriteString(l)
	}
}

// Diff shows the patch as a unified diff, as patch -p0 and git apply -p0 read it.
func (p Patch) Diff() string {
	var b strings.Builder
	for _, f := range p {
		before, after := f.Name, f.Name
		if f.Before == "" {
			before = "/dev/null"
		}
		if f.After == "" {
			after = "/dev/null"
		}
		fmt.Fprintf(&b, "--- %s\n+++ %s\n", diffName(before), diffName(after))
		moved := 0
		for rest := f.Hunks; len(rest) > 0; {
			n := 1
			for n < len(rest) && rest[n-1].gap(rest[n]) <= 2*contextLines {
				n++
			}
			moved += diffHunks(&b, rest[:n], moved)
			rest = rest[n:]
		}
	}
	return b.String()
}

// gap is how many lines are between two hunks.
func (h *Hunk) gap(next Hunk) int { return next.Line - h.Line - len(h.Removed) }

// diffHunks writes hunks that share their context as one. Those before added so many lines
// more than they removed. It returns how many these do.
func diffHunks(b *strings.Builder, hunks []Hunk, moved int) int {
	var lines strings.Builder
	before, after := 0, 0
	write := func(sign byte, all []string) {
		for _, l := range all {
			lines.WriteByte(sign)
			lines.WriteString(l)
			if !strings.HasSuffix(l, "\n") {
				lines.WriteString("\n\\ No newline at end of file\n")
			}
		}
		if sign != '+' {
			before += len(all)
		}
		if sign != '-' {
			after += len(all)
		}
	}
	for i, h := range hunks {
		above := h.Above
		if i > 0 { // the hunk before has shown some of them
			between := hunks[i-1].gap(h)
			above = above[len(above)-max(0, min(len(above), between-len(hunks[i-1].Below))):]
		}
		write(' ', above)
		write('-', h.Removed)
		write('+', h.Added)
		write(' ', h.Below)
	}
	first := hunks[0].Line - len(hunks[0].Above)
	fmt.Fprintf(b, "@@ -%s +%s @@\n%s", diffRange(first, before), diffRange(first+moved, after), lines.String())
	return after - before
}

// diffRange is a range of lines as a diff writes it.
func diffRange(first, n int) string {
	switch n {
	case 0:
		return fmt.Sprintf("%d,0", first-1)
	case 1:
		return strconv.Itoa(first)
	}
	return fmt.Sprintf("%d,%d", first, n)
}

// diffName is the name of a file in a diff: in quotes if it has unusual characters, and
// followed by a tab if it has spaces, as git does.
func diffName(name string) string {
	switch {
	case strings.ContainsFunc(name, func(r rune) bool { return r < ' ' || r == '"' || r == '\\' || r == 0x7f }):
		return strconv.Quote(name)
	case strings.Contains(name, " "):
		return name + "\t"
	}
	return name
}

// splice replaces the bytes from offset at to offset end.
type splice struct {
	at, end int
	text    string
}

// newFilePatch makes the patch that makes the splices, which do not overlap. It is nil if
// they change nothing.
func newFilePatch(name string, data []byte, splices []splice) *FilePatch {
	slices.SortStableFunc(splices, func(a, b splice) int { return a.at - b.at })
	lines := splitLines(data)
	starts := make([]int, 1, len(lines)+1)
	for _, l := range lines {
		starts = append(starts, starts[len(starts)-1]+len(l))
	}
	p := &FilePatch{Name: name, Before: hashData(data)}
	for len(splices) > 0 {
		first, end := splices[0].lines(starts, data)
		n := 1
		for ; n < len(splices); n++ {
			next, last := splices[n].lines(starts, data)
			if next > end {
				break
			}
			end = max(end, last)
		}
		added := splitLines(spliced(data[:starts[end]], starts[first], splices[:n]))
		if h := newHunk(first+1, lines[first:end], added); h != nil {
			p.Hunks = append(p.Hunks, *h)
		}
		splices = splices[n:]
	}
	if len(p.Hunks) == 0 {
		return nil
	}
	for i := range p.Hunks {
		h := &p.Hunks[i]
		first, end := h.Line-1, h.Line-1+len(h.Removed)
		from, to := 0, len(lines)
		if i > 0 {
			from = p.Hunks[i-1].Line - 1 + len(p.Hunks[i-1].Removed)
		}
		if i+1 < len(p.Hunks) {
			to = p.Hunks[i+1].Line - 1
		}
		h.Above = cloned(lines[max(from, first-contextLines):first])
		h.Below = cloned(lines[end:min(to, end+contextLines)])
	}
	var after bytes.Buffer
	at := 0
	for _, h := range p.Hunks {
		writeLines(&after, lines[at:h.Line-1])
		writeLines(&after, h.Added)
		at = h.Line - 1 + len(h.Removed)
	}
	writeLines(&after, lines[at:])
	p.After = hashData(after.Bytes())
	return p
}

// spliced is data from an offset on with the splices.
func spliced(data []byte, from int, splices []splice) []byte {
	var b bytes.Buffer
	for _, s := range splices {
		b.Write(data[from:s.at])
		b.WriteString(s.text)
		from = s.end
	}
	b.Write(data[from:])
	return b.Bytes()
}

// lines are the lines that a splice changes, of which these are the offsets: from the line
// first up to the line end. They are the same if it only adds lines before that line.
func (s splice) lines(starts []int, data []byte) (first, end int) {
	first, atStart := slices.BinarySearch(starts, s.at)
	if atStart && s.end == s.at && (s.text == "" || strings.HasSuffix(s.text, "\n")) &&
		(s.at == 0 || data[s.at-1] == '\n') {
		return first, first
	}
	if !atStart || first == len(starts)-1 { // within a line, or at the end of the last one
		first--
	}
	end, _ = slices.BinarySearch(starts, max(s.end, s.at+1))
	return max(0, first), min(end, len(starts)-1)
}

// newHunk is the hunk that replaces lines by others, without those that stay at its beginning
// and end. It is nil if it changes nothing.
func newHunk(line int, removed, added []string) *Hunk {
	for len(removed) > 0 && len(added) > 0 && removed[0] == added[0] {
		line, removed, added = line+1, removed[1:], added[1:]
	}
	for len(removed) > 0 && len(added) > 0 && removed[len(removed)-1] == added[len(added)-1] {
		removed, added = removed[:len(removed)-1], added[:len(added)-1]
	}
	if len(removed)+len(added) == 0 {
		return nil
	}
	return &Hunk{Line: line, Removed: cloned(removed), Added: cloned(added)}
}

// cloned are lines that do not keep the file that they are from in memory.
func cloned(lines []string) (own []string) {
	for _, l := range lines {
		own = append(own, strings.Clone(l))
	}
	return own
}
