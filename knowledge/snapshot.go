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

// Snapshot is one version of a knowledge file, with a view ([Base]) for each audience that
// asks. A view is not a filter after matching: it answers as if the file had no other
// parts, so that it reveals nothing of them. The views share one index, and each takes a
// few kilobytes. A Snapshot is safe for concurrent use.
type Snapshot struct {
	// File is the whole file. It must not be changed.
	File *File
	// Version identifies the bytes of the file (see [Version]).
	Version string
	// Problems are warnings.
	Problems Problems

	index   *index
	groups  []string   // that the file mentions
	making  sync.Mutex // held while a view is made, because the index makes one at a time
	mu      sync.Mutex // guards views and crowded
	views   []*view    // the most recently used one last
	crowded bool       // a view was dropped
	public  *Base
}

// view is the view of one audience. Its base is nil until it is made.
type view struct {
	audience Audience
	base     atomic.Pointer[Base]
}

// MostViews is how many views a Snapshot keeps, the most recently used ones. To make one
// again takes some milliseconds.
const MostViews = 256

// Pace is how many processors may work on a file.
type Pace uint8

// The paces.
const (
	Fast   Pace = iota // all processors
	Beside             // all but one, which answers questions meanwhile
)

func (p Pace) workers() int {
	n := runtime.GOMAXPROCS(0)
	if p == Beside {
		n--
	}
	return max(1, n)
}

// NewSnapshot reads the inputs and makes the view of the public. If the problems include
// an error, the Snapshot is nil.
func NewSnapshot(inputs []Input, pace Pace) (*Snapshot, Problems) {
	file := new(File)
	var problems Problems
	parallel.Do(pace.workers(), words.Load, func() { problems = readAll(inputs, file) })
	if problems.Err() != nil {
		problems = append(problems, checkAll(inputs, file, problems)...)
		problems.Sort()
		return nil, problems
	}
	s := &Snapshot{File: file, Version: Version(inputs), groups: file.Audiences()}
	var tooMuch error
	// To save time, the index is made while the file is still checked for errors.
	parallel.Do(pace.workers(), func() { s.Problems = append(problems, checkAll(inputs, file, problems)...) }, func() {
		if s.index, tooMuch = newIndex(file, pace, false, keptCalibration(s.Version)); tooMuch == nil {
			s.public = s.index.view("")
		}
	})
	if tooMuch != nil {
		s.Problems = append(s.Problems, Problem{Pos: wholeOf(inputs), Message: tooMuch.Error()})
	}
	s.Problems.Sort()
	if s.Problems.Err() != nil {
		return nil, s.Problems
	}
	s.index.ranking.Workers = Beside.workers() // views are made while questions are answered
	return s, s.Problems
}

// Version identifies the names and bytes of the inputs by twelve hexadecimal digits.
func Version(inputs []Input) string {
	sum := sha256.New()
	for _, in := range inputs {
		_, _ = io.WriteString(sum, in.Name+"\x00") // a hash returns no error
		_, _ = sum.Write(in.Data)
	}
	return hex.EncodeToString(sum.Sum(nil))[:versionLength]
}

// versionLength is enough digits to distinguish the versions of a file, and few enough to
// read out.
const versionLength = 12

// For is the view of an audience. The public never waits for it. For another audience the
// first call makes the view: it learns the layers that no earlier view needed, each of
// which takes as long as loading the file, and then takes some milliseconds. Meanwhile
// other audiences that ask for the first time wait.
func (s *Snapshot) For(a Audience) *Base {
	a = AudienceOf(slices.DeleteFunc(a.Names(), func(n string) bool { return !slices.Contains(s.groups, n) })...)
	if a == "" {
		return s.public
	}
	v := s.view(a)
	if b := v.base.Load(); b != nil {
		return b
	}
	s.making.Lock()
	defer s.making.Unlock()
	if b := v.base.Load(); b != nil {
		return b
	}
	b := s.index.view(a)
	v.base.Store(b)
	return b
}

// view finds the view of an audience, or adds an empty one, and makes it the last one.
func (s *Snapshot) view(a Audience) *view {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := slices.IndexFunc(s.views, func(v *view) bool { return v.audience == a })
	v := &view{audience: a}
	if i >= 0 {
		v = s.views[i]
		s.views = slices.Delete(s.views, i, i+1)
	} else if len(s.views) == MostViews {
		s.views = slices.Delete(s.views, 0, 1)
		s.crowded = true
	}
	s.views = append(s.views, v)
	return v
}

// Crowded reports whether more than [MostViews] audiences have asked, so that views are
// dropped and made again.
func (s *Snapshot) Crowded() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.crowded
}
