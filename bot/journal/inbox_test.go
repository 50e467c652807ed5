package journal

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"frontdesk/bot/inbox"
	"frontdesk/knowledge"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// TestGaps checks which rows are gaps, and why.
func TestGaps(t *testing.T) {
	t.Parallel()
	stores(t, func(t *testing.T, open func() Store) {
		ctx, s := t.Context(), open()
		defer closed(t, s)
		at := func(second int) time.Time { return noon.Add(time.Duration(second) * time.Second) }
		for i, r := range []Row{
			{Outcome: "declined", Words: "feed the cat"},
			{Outcome: "suggested", Words: "walk the dog"},
			{Outcome: "chosen", Words: "walk the dog", Division: "pets"},
			{Outcome: "answered", Words: "fine"}, // kept because everything is
			{Outcome: "answered", Division: "pay", Question: "q5", Answer: "a5"},
			{Outcome: "answered", Division: "pay", Question: "q6", Answer: "a6", Words: "where is my money"},
			{Outcome: "declined"}, // without words
		} {
			r.Time, r.Asker, r.Adapter = at(i), "h", "slack"
			do(t, s.Write(ctx, r))
		}
		do(t, s.AddWords(ctx, "q5", "when is payday", true))
		for _, up := range []bool{true, false} {
			_, err := s.Vote(ctx, "a6", "h", up)
			do(t, err)
		}
		_, err := s.Vote(ctx, "a5", "h", true)
		do(t, err)
		list := func(since time.Time, most int) (all []inbox.Gap) {
			do(t, s.Gaps(ctx, since, most, func(g inbox.Gap) error {
				all = append(all, g)
				return nil
			}))
			slices.SortFunc(all, func(a, b inbox.Gap) int { return a.Time.Compare(b.Time) })
			return all
		}
		want := []inbox.Gap{
			{Time: at(0), Asker: "h", Words: "feed the cat", Reason: inbox.Declined},
			{Time: at(1), Asker: "h", Words: "walk the dog", Reason: inbox.Suggested},
			{Time: at(2), Asker: "h", Words: "walk the dog", Reason: inbox.Chosen, Division: "pets"},
			{Time: at(4), Asker: "h", Words: "when is payday", Reason: inbox.AskedAgain, Division: "pay"},
			{Time: at(5), Asker: "h", Words: "where is my money", Reason: inbox.VotedDown, Division: "pay"},
		}
		if diff := cmp.Diff(want, list(noon, 10)); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		if diff := cmp.Diff(want[3:], list(noon, 2)); diff != "" {
			t.Errorf("the newest two (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff(want[2:], list(at(2), 10)); diff != "" {
			t.Errorf("since two seconds later (-want +got):\n%s", diff)
		}
	})
}

// TestInboxStore checks what the inbox keeps, also over a restart.
func TestInboxStore(t *testing.T) {
	t.Parallel()
	stores(t, func(t *testing.T, open func() Store) {
		ctx, s := t.Context(), open()
		do(t, s.Ignore(ctx, []string{"a", "b"}))
		do(t, s.Ignore(ctx, []string{"b"}))
		edit := inbox.Edit{ID: "e1", Time: noon, By: "slack:U1", Patch: knowledge.Patch{{
			Name: "acme.yaml", Before: "1", After: "2", Hunks: []knowledge.Hunk{{Line: 3, Added: []string{"a\n"}}},
		}}}
		do(t, s.KeepEdit(ctx, edit))
		first := inbox.Awaited{Adapter: "slack", Person: "T1:U1", Question: "who feeds the cat", Since: noon}
		second := first
		second.Person, second.Since = "T1:U2", noon.Add(time.Second)
		do(t, s.Await(ctx, second))
		do(t, s.Await(ctx, first))
		again := first
		again.Since = time.Now()
		do(t, s.Await(ctx, again))
		fresh(t, s, "monday", time.Hour, true)
		closed(t, s)
		s = open()
		defer closed(t, s)

		ignored, err := s.Ignored(ctx)
		do(t, err)
		if diff := cmp.Diff(map[string]bool{"a": true, "b": true}, ignored); diff != "" {
			t.Errorf("ignored (-want +got):\n%s", diff)
		}
		got, ok, err := s.Edit(ctx, "e1")
		do(t, err)
		if diff := cmp.Diff(edit, got, cmpopts.EquateEmpty()); diff != "" || !ok {
			t.Errorf("the edit, %v (-want +got):\n%s", ok, diff)
		}
		do(t, s.MarkEdit(ctx, "e1", inbox.Made, "slack:U2"))
		if got, _, err := s.Edit(ctx, "e1"); got.State != inbox.Made || got.By != "slack:U2" || err != nil {
			t.Errorf("after it is made: %+v, %v", got, err)
		}
		if _, ok, err := s.Edit(ctx, "e2"); ok || err != nil {
			t.Errorf("the edit e2 is there: %v", err)
		}
		awaited, err := s.Awaited(ctx)
		do(t, err)
		if diff := cmp.Diff([]inbox.Awaited{first, second}, awaited); diff != "" {
			t.Errorf("awaited (-want +got):\n%s", diff)
		}
		for _, want := range []bool{true, false} {
			if ok, err := s.Told(ctx, first); ok != want || err != nil {
				t.Errorf("told: %v, %v; want %v", ok, err, want)
			}
		}
		do(t, s.ForgetAwaited(ctx, "discord", "U2"))
		do(t, s.ForgetAwaited(ctx, "slack", "2"))
		if all, _ := s.Awaited(ctx); len(all) != 1 {
			t.Errorf("another person was forgotten: %v", all)
		}
		do(t, s.ForgetAwaited(ctx, "slack", "U2"))
		if all, _ := s.Awaited(ctx); len(all) != 0 {
			t.Errorf("still awaited: %v", all)
		}
		fresh(t, s, "monday", time.Hour, false)
		fresh(t, s, "tuesday", time.Hour, true)
		fresh(t, s, "monday", -time.Minute, true) // it is longer ago than that
		for _, want := range []bool{true, false} {
			if done, err := s.Done(ctx, "tuesday", time.Hour); done != want || err != nil {
				t.Errorf("tuesday is done: %v, %v; want %v", done, err, want)
			}
			do(t, s.Again(ctx, "tuesday"))
		}
		if done, err := s.Done(ctx, "monday", -time.Minute); done || err != nil {
			t.Errorf("monday is done after it: %v, %v", done, err)
		}
		fresh(t, s, "tuesday", time.Hour, true)

		for i := range inbox.MostAwaitedOf + 1 {
			a := first
			a.Question = fmt.Sprint("question ", i)
			if err := s.Await(ctx, a); errors.Is(err, inbox.ErrManyAwaited) != (i == inbox.MostAwaitedOf) {
				t.Errorf("question %d: %v", i, err)
			}
		}
		do(t, s.Await(ctx, second)) // another person
		do(t, s.Sweep(ctx, noon.Add(inbox.AwaitedFor+time.Minute), Limits{Words: time.Hour, Rows: time.Hour, Most: 10}))
		if all, _ := s.Awaited(ctx); len(all) != 0 {
			t.Errorf("after thirty days: %v", all)
		}
	})
}

func do(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Error(err)
	}
}

func fresh(t *testing.T, s Store, key string, span time.Duration, want bool) {
	t.Helper()
	if got, err := s.Once(t.Context(), key, span); got != want || err != nil {
		t.Errorf("%s is fresh: %v, %v; want %v", key, got, err, want)
	}
}
