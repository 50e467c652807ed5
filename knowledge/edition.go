package knowledge

import (
	"crypto/sha256"
	"encoding/hex"
	"io"
	"runtime"
	"slices"
	"sync"
)

// Edition is one version of a knowledge file, with a [Base] for each audience
// that asks: not a filter after matching, but what the file would be without
// the rest, so that nothing tells an outsider that there is more. It may be
// used from many goroutines at once.
type Edition struct {
	// File is the whole of what was read. Nobody may change it.
	File *File
	// Version is a short name of the file's bytes.
	Version string
	// Problems are warnings.
	Problems Problems

	groups []string // that the file mentions
	pace   Pace
	mu     sync.Mutex
	sights []*sight // the one that was asked last comes last
}

// sight is what one audience sees, once somebody of it has asked.
type sight struct {
	audience Audience
	mu       sync.Mutex // held while it is made
	base     *Base
}

// mostSights bounds the memory for groups in many combinations: each takes as
// much as the whole file alone.
const mostSights = 16

// Pace is how hard the making of a Base works the machine.
type Pace uint8

// The paces.
const (
	Fast   Pace = iota // on all processors
	Beside             // leaves one to the questions that are answered meanwhile
)

func (p Pace) workers() int {
	n := runtime.GOMAXPROCS(0)
	if p == Beside {
		n--
	}
	return max(1, n)
}

// NewEdition reads the inputs and makes what the public sees. The problems list
// everything that is wrong; if one of them is an error, there is no Edition.
func NewEdition(inputs []Input, pace Pace) (*Edition, Problems) {
	file := new(File)
	var problems Problems
	together(pace.workers(), func() {
		spoken() // read once in a program's life, and needed soon
		askedBy()
	}, func() { problems = readAll(inputs, file) })
	if problems.Err() != nil {
		problems = append(problems, checkAll(inputs, file, problems)...)
		problems.Sort()
		return nil, problems
	}
	e := &Edition{File: file, Version: Version(inputs), pace: pace, groups: file.Audiences()}
	// A file with errors can be made ready as well: it is of no use, but does no
	// harm.
	together(pace.workers(), func() { e.Problems = append(problems, checkAll(inputs, file, problems)...) }, func() { e.For("") })
	e.Problems.Sort()
	if e.Problems.Err() != nil {
		return nil, e.Problems
	}
	e.pace = Beside // from now on there are questions meanwhile
	return e, e.Problems
}

// Version is a short name of the bytes of inputs.
func Version(inputs []Input) string {
	sum := sha256.New()
	for _, in := range inputs {
		_, _ = io.WriteString(sum, in.Name+"\x00") // a hash takes all
		_, _ = sum.Write(in.Data)
	}
	return hex.EncodeToString(sum.Sum(nil))[:versionLength]
}

// versionLength is enough to tell a file's versions apart, and short enough to
// be read out.
const versionLength = 12

// For is what an audience sees. The first who asks waits until it is ready:
// about as long as it takes to read the file.
func (e *Edition) For(a Audience) *Base {
	a = AudienceOf(slices.DeleteFunc(a.Names(), func(n string) bool { return !slices.Contains(e.groups, n) })...)
	v := e.sight(a)
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.base == nil { // whoever comes after one that broke tries again
		file := e.File
		if len(e.groups) > 0 {
			file = file.For(a)
		}
		v.base = newBase(file, e.pace)
	}
	return v.base
}

// sight finds or begins what an audience sees.
func (e *Edition) sight(a Audience) *sight {
	e.mu.Lock()
	defer e.mu.Unlock()
	i := slices.IndexFunc(e.sights, func(v *sight) bool { return v.audience == a })
	v := &sight{audience: a}
	if i >= 0 {
		v = e.sights[i]
		e.sights = slices.Delete(e.sights, i, i+1)
	} else if len(e.sights) == mostSights {
		e.sights = slices.Delete(e.sights, 0, 1)
	}
	e.sights = append(e.sights, v)
	return v
}

// Seen lists the audiences that have asked.
func (e *Edition) Seen() []Audience {
	e.mu.Lock()
	defer e.mu.Unlock()
	var seen []Audience
	for _, v := range e.sights {
		seen = append(seen, v.audience)
	}
	slices.Sort(seen)
	return seen
}
