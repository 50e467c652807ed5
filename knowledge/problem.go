package knowledge

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"frontdesk/knowledge/text"
)

// Problem is one mistake in a knowledge file. Its texts can be printed anywhere (see
// [Printable]).
type Problem struct {
	Pos     Pos
	Warning bool   // the file can be used
	Message string // one sentence without its full stop

	last bool // it says that there are more problems
}

func (p Problem) String() string { return p.Pos.String() + ": " + p.Message }

// Problems are the mistakes in a knowledge file, in the order of the file.
type Problems []Problem

// maxProblems is how many problems are reported at most: more than anybody reads before
// correcting the first of them. Errors take precedence over warnings.
const maxProblems = 1000

// Err is an error that lists the problems that are no warnings, or nil if there are none.
func (ps Problems) Err() error {
	var lines []string
	for _, p := range ps {
		if !p.Warning {
			lines = append(lines, p.String())
		}
	}
	if len(lines) == 0 {
		return nil
	}
	return errors.New(strings.Join(lines, "\n"))
}

// Sort sorts the problems in the order of the file.
func (ps Problems) Sort() {
	slices.SortStableFunc(ps, func(a, b Problem) int {
		switch {
		case a.last:
			return 1
		case b.last:
			return -1
		}
		return cmp.Or(
			strings.Compare(a.Pos.File, b.Pos.File),
			cmp.Compare(a.Pos.Line, b.Pos.Line),
			cmp.Compare(a.Pos.Column, b.Pos.Column),
		)
	})
}

// And returns these problems and others in the order of the file, at most maxProblems. If
// there are more, the last one says so.
func (ps Problems) And(others Problems) Problems {
	var f findings
	for _, p := range slices.Concat(ps, others) {
		f.whole.File = cmp.Or(f.whole.File, p.Pos.File)
		switch {
		case p.last:
			f.more = true
		case p.Warning:
			f.warnings = append(f.warnings, p)
		default:
			f.errors = append(f.errors, p)
		}
	}
	all := f.list()
	all.Sort()
	return all
}

// Count returns how many of the problems are errors, and how many are warnings.
func (ps Problems) Count() (errors, warnings int) {
	for _, p := range ps {
		switch {
		case p.last:
		case p.Warning:
			warnings++
		default:
			errors++
		}
	}
	return errors, warnings
}

// findings collects problems.
type findings struct {
	whole            Pos // of the problem that says that there are more
	reported         int // how many errors were reported before
	errors, warnings Problems
	more             bool
}

// full reports whether no more problems are reported.
func (f *findings) full() bool { return f.reported+len(f.errors) >= maxProblems && f.more }

// errorf adds an error. Arguments of the type string are texts of a file and are
// shortened; those of the type verbatim are not.
func (f *findings) errorf(at Pos, format string, args ...any) {
	f.errors = f.note(f.errors, Problem{Pos: at}, format, args)
}

// warnf adds a warning.
func (f *findings) warnf(at Pos, format string, args ...any) {
	f.warnings = f.note(f.warnings, Problem{Pos: at, Warning: true}, format, args)
}

func (f *findings) note(ps Problems, p Problem, format string, args []any) Problems {
	if f.reported+len(ps) >= maxProblems {
		f.more = true
		return ps
	}
	for i, a := range args {
		switch a := a.(type) {
		case string:
			args[i] = text.Clip(a, maxQuoted)
		case Line:
			args[i] = text.Clip(a.Text, maxQuoted)
		}
	}
	p.Message = text.PrintableLine(fmt.Sprintf(format, args...))
	return append(ps, p)
}

// maxQuoted is how many characters of a text are quoted: enough to find it.
const maxQuoted = 60

// verbatim is a part of a message that does not come from a file.
type verbatim string

// list returns the problems, errors first, up to the number that is reported.
func (f *findings) list() Problems {
	room := max(0, maxProblems-f.reported)
	all := slices.Concat(f.errors, f.warnings)
	if f.more || len(all) > room {
		more := Problem{Pos: f.whole, Warning: len(f.errors) == 0, last: true}
		more.Message = fmt.Sprintf("there are more than %s problems; correct these first", grouped(maxProblems))
		all = append(all[:min(room, len(all))], more)
	}
	return all
}

// grouped writes a number with commas, such as 14,000.
func grouped(n int) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
