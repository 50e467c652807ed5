package adapters

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// TestSeen checks that a key is remembered for at least ten minutes, that memory is
// freed, and that a forgotten key can be added again.
func TestSeen(t *testing.T) {
	t.Parallel()
	var s Seen
	now := time.Now()
	if !s.Add(now, "a", "b") || s.Add(now, "b") || s.Add(now.Add(10*time.Minute), "a") {
		t.Error("does not recognize a duplicate")
	}
	if !s.Add(now.Add(10*time.Minute), "", "") {
		t.Error("an empty key counts as a duplicate")
	}
	for minute := range 600 {
		for i := range 100 {
			s.Add(now.Add(time.Duration(minute)*time.Minute), string(rune(minute*100+i)))
		}
	}
	size := 0
	for _, g := range s.gens {
		size += len(g)
	}
	if size > 100*11 {
		t.Errorf("remembers %d of 100 a minute", size)
	}
	if !s.Add(now.Add(11*time.Hour), "b") {
		t.Error("remembers for ever")
	}
	s.Forget("b")
	if !s.Add(now.Add(11*time.Hour), "b") {
		t.Error("does not forget")
	}
}

// TestReplies checks that only the newest replies are kept.
func TestReplies(t *testing.T) {
	t.Parallel()
	var r Replies
	first := r.Take("C1", "0")
	if r.Take("C1", "0") != first || r.Find("C1", "0") != first || r.Find("C1", "1") != nil ||
		r.Find("C2", "0") != nil {
		t.Error("does not find a reply")
	}
	for i := range 3 * RepliesKept {
		r.Take("C2", time.Duration(i).String())
	}
	if r.Find("C1", "0") != nil || len(r.byKey) != RepliesKept ||
		r.Find("C2", time.Duration(3*RepliesKept-1).String()) == nil {
		t.Errorf("keeps %d replies", len(r.byKey))
	}
}

// TestRestore checks that a restored reply is changed by newer versions only, and that one in
// memory is not replaced.
func TestRestore(t *testing.T) {
	t.Parallel()
	var all Replies
	r := all.Restore("C1", "1", "9", "5")
	if r.ID != "9" || all.Take("C1", "1") != r || all.Restore("C1", "1", "8", "6") != r || r.ID != "9" {
		t.Errorf("restored: %+v", r)
	}
	if r.Take("") || r.Take("5") || !r.Take("7") {
		t.Error("an old version of the question is answered, or a new one is not")
	}
	r = all.Resume("C1", "2", "9", true)
	if r.ID != "9" || !r.Unclear || all.Resume("C1", "2", "", false) != r || !r.Take("") || r.Take("") {
		t.Errorf("resumed: %+v", r)
	}
}

// TestVotes checks that each person has one vote a message, and may change it.
func TestVotes(t *testing.T) {
	t.Parallel()
	var v Votes
	for i, c := range []struct {
		message, person string
		up              bool
		count           int
		counted         bool
	}{
		{"m", "ann", true, 1, true}, {"m", "ann", true, 1, false}, {"m", "ben", true, 2, true},
		{"m", "ann", false, 1, true}, {"n", "ann", false, 2, true}, {"m", "ann", true, 2, true},
	} {
		if count, counted := v.Cast(c.message, c.person, c.up); count != c.count || counted != c.counted {
			t.Errorf("vote %d: %d, %v", i, count, counted)
		}
	}
	for i := range 2 * votesKept {
		v.Cast(fmt.Sprint(i), "ann", true)
	}
	if n := len(v.byPlace); n != votesKept {
		t.Errorf("remembers %d messages", n)
	}
	for i := range 2 * votersKept {
		v.Cast("n2", fmt.Sprint(i), true)
	}
	if n := len(v.byPlace["n2"]); n != votersKept {
		t.Errorf("remembers %d people", n)
	}
}

// TestMemo checks that lookups of one key at the same time are one, that a value is cached
// and an error is not, and that a panic leaves nobody waiting.
func TestMemo(t *testing.T) {
	t.Parallel()
	var m Memo[int]
	var asked atomic.Int32
	start := make(chan struct{})
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			got, err := m.Do("a", func() (int, error) {
				<-start
				return int(asked.Add(1)), nil
			})
			if got != 1 || err != nil {
				t.Errorf("got %d, %v", got, err)
			}
		})
	}
	close(start)
	all.Wait()
	failed := errors.New("failed")
	for range 2 {
		if _, err := m.Do("b", func() (int, error) { asked.Add(1); return 0, failed }); !errors.Is(err, failed) {
			t.Error(err)
		}
	}
	func() {
		defer func() { _ = recover() }()
		_, _ = m.Do("c", func() (int, error) { panic("c") })
	}()
	if got, err := m.Do("c", func() (int, error) { return 7, nil }); got != 7 || err != nil {
		t.Errorf("got %d, %v", got, err)
	}
	if n := asked.Load(); n != 3 {
		t.Errorf("asked %d times", n)
	}
}

func TestRecent(t *testing.T) {
	t.Parallel()
	r, now := Recent{Span: time.Hour}, time.Now()
	for i, want := range []bool{true, false, false, true, false} { // every 25 minutes
		if got := r.Add(now.Add(time.Duration(i)*25*time.Minute), "a"); got != want {
			t.Errorf("after %d minutes: %v", i*25, got)
		}
	}
	for i := range mostRecent + 1 {
		r.Add(now, fmt.Sprint(i))
	}
	if len(r.at) > mostRecent || r.Has(now, "0") || !r.Has(now, fmt.Sprint(mostRecent)) {
		t.Errorf("remembers %d keys", len(r.at))
	}
}
