package knowledge

import (
	"crypto/sha256"
	"encoding/hex"
	"io"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"frontdesk/knowledge/parallel"
	"frontdesk/knowledge/words"
)

// Snapshot is one version of a knowledge file, with a [Base] for each audience
// that asks: not a filter after matching, but what the file would be without
// the rest, so that nothing tells an outsider that there is more. The views share
// one index, and each takes a few kilobytes. A Snapshot may be used from many
// goroutines at once.
type Snapshot struct {
	// File is the whole of what was read. Nobody may change it.
	File *File
	// Version is a short name of the file's bytes.
	Version string
	// Problems are warnings.
	Problems Problems

	index   *index
	groups  []string   // that the file mentions
	making  sync.Mutex // held while a view is made: one at a time
	mu      sync.Mutex
	views   []*view // the one that was asked for last comes last
	crowded bool    // one had to go for another
	public  *Base
}

// view is what one audience sees, once somebody of it has asked.
type view struct {
	audience Audience
	base     atomic.Pointer[Base]
}

// MostViews bounds the memory for groups in many combinations. A view that is asked
// for again after so many others takes some milliseconds to make.
const MostViews = 256

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

// NewSnapshot reads the inputs and makes what the public sees. The problems list
// everything that is wrong; if one of them is an error, there is no Snapshot.
func NewSnapshot(inputs []Input, pace Pace) (*Snapshot, Problems) {
	file := new(File)
	var problems Problems
	parallel.Do(pace.workers(), func() {
		words.Load() // needed soon
	}, func() { problems = readAll(inputs, file) })
	if problems.Err() != nil {
		problems = append(problems, checkAll(inputs, file, problems)...)
		problems.Sort()
		return nil, problems
	}
	e := &Snapshot{File: file, Version: Version(inputs), groups: file.Audiences()}
	var tooMuch error
	// A file with errors can be made ready as well: it is of no use, but does no
	// harm.
	parallel.Do(pace.workers(), func() { e.Problems = append(problems, checkAll(inputs, file, problems)...) }, func() {
		if e.index, tooMuch = newIndex(file, pace, false); tooMuch == nil {
			e.public = e.index.view("")
		}
	})
	if tooMuch != nil {
		e.Problems = append(e.Problems, Problem{Pos: wholeOf(inputs), Message: tooMuch.Error()})
	}
	e.Problems.Sort()
	if e.Problems.Err() != nil {
		return nil, e.Problems
	}
	e.index.ranking.Workers = Beside.workers() // from now on there are questions meanwhile
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

// For is what an audience sees. The first who asks waits until it is ready: as long
// as it takes to make the file ready for each lesson that nobody has needed before,
// and some milliseconds; and as long for each other audience that asks for the first
// time just then. The public never waits.
func (e *Snapshot) For(a Audience) *Base {
	a = AudienceOf(slices.DeleteFunc(a.Names(), func(n string) bool { return !slices.Contains(e.groups, n) })...)
	if a == "" {
		return e.public
	}
	v := e.view(a)
	if b := v.base.Load(); b != nil {
		return b
	}
	e.making.Lock()
	defer e.making.Unlock()
	if b := v.base.Load(); b != nil {
		return b
	}
	b := e.index.view(a)
	v.base.Store(b)
	return b
}

// view finds or begins what an audience sees.
func (e *Snapshot) view(a Audience) *view {
	e.mu.Lock()
	defer e.mu.Unlock()
	i := slices.IndexFunc(e.views, func(v *view) bool { return v.audience == a })
	v := &view{audience: a}
	if i >= 0 {
		v = e.views[i]
		e.views = slices.Delete(e.views, i, i+1)
	} else if len(e.views) == MostViews {
		e.views = slices.Delete(e.views, 0, 1)
		e.crowded = true
	}
	e.views = append(e.views, v)
	return v
}

// Crowded reports whether more combinations of audiences have asked than views
// are kept, so that some are made again and again.
func (e *Snapshot) Crowded() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.crowded
}

// Seen lists the audiences that have asked, but for the public.
func (e *Snapshot) Seen() []Audience {
	e.mu.Lock()
	defer e.mu.Unlock()
	var seen []Audience
	for _, v := range e.views {
		seen = append(seen, v.audience)
	}
	slices.Sort(seen)
	return seen
}
