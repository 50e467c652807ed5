package gateway

import (
	"testing"
	"time"
)

// TestSessions checks that at most 950 sessions start in a day.
func TestSessions(t *testing.T) {
	t.Parallel()
	i, now, n := newSessions(IdentifyEvery, 1, Info{Limit: Limit{Remaining: 1000}}), time.Now(), 0
	for at := range 24 * time.Hour / time.Second {
		if i.day.AllowN(now.Add(at*time.Second), 1) {
			n++
		}
	}
	if n > 950 {
		t.Errorf("%d sessions in a day", n)
	}
}

// TestQueue checks that a bucket's shards start in turns, and that a shard whose connection
// fails before it starts a session uses up neither the interval nor the day.
func TestQueue(t *testing.T) {
	t.Parallel()
	s := newSessions(IdentifyEvery, 3, Info{Limit: Limit{Remaining: 1000, AtOnce: 2}})
	first, other, second := s.queue(0), s.queue(1), s.queue(2)
	begun := func(turn *turn) bool {
		select {
		case <-turn.begins:
			return true
		default:
			return false
		}
	}
	if !begun(first) || !begun(other) || begun(second) {
		t.Fatalf("of shards 0, 1 and 2 in two buckets, %v, %v and %v begin", begun(first), begun(other), begun(second))
	}
	left := s.day.Tokens()
	first.end()
	if !begun(second) || time.Until(second.at()) > 0 || s.day.Tokens() < left {
		t.Errorf("after a turn without a session, the next begins: %v, at %v", begun(second), second.at())
	}
	third := s.queue(4)
	second.started()
	if wait := time.Until(third.at()); !begun(third) || wait < IdentifyEvery || s.day.Tokens() > left-0.5 {
		t.Errorf("after a session, the next one begins: %v, in %v", begun(third), wait)
	}
}
