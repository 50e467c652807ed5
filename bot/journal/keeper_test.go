package journal

import (
	"context"
	"log/slog"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"frontdesk/bot"
)

// TestChosen checks which words a choice is written with under each policy.
func TestChosen(t *testing.T) {
	t.Parallel()
	answer := func(o bot.Outcome) bot.Answer { return bot.Answer{Outcome: o, Division: "people"} }
	suggested := Asked{Question: "s q1", Answer: "s a1", Asker: "U1", Words: "who helps?", Reply: answer(bot.Suggested)}
	without := suggested
	without.Question, without.Answer = "", ""
	answered := suggested
	answered.Reply = answer(bot.Answered)
	choice := func(asker, below string) Asked {
		return Asked{Asker: asker, Below: below, Chosen: true, Reply: answer(bot.Answered)}
	}
	private := choice("U1", "s a1")
	private.Reply.Private = true
	for name, c := range map[string]struct {
		policy          Policy
		asked, chosen   Asked
		words, question string
		before          func(*Keeper)
	}{
		"gap":              {KeepGaps, suggested, choice("U1", "s a1"), "who helps?", "s q1", nil},
		"by somebody else": {KeepGaps, suggested, choice("U2", "s a1"), "", "s q1", nil},
		"elsewhere":        {KeepGaps, suggested, choice("U1", "s other"), "who helps?", "s q1", nil},
		"of nobody":        {KeepGaps, suggested, choice("U2", "s other"), "", "", nil},
		"without a place":  {KeepGaps, without, choice("U1", ""), "who helps?", "", nil},
		"answered":         {KeepGaps, answered, choice("U1", "s a1"), "", "", nil},
		"answered, all":    {KeepAll, answered, choice("U1", "s a1"), "who helps?", "s q1", nil},
		"voted down": {KeepGaps, answered, choice("U1", "s a1"), "who helps?", "s q1",
			func(k *Keeper) { k.Voted("s", "s a1", "U1", false) }},
		"none":    {KeepNone, suggested, choice("U1", "s a1"), "", "", nil},
		"private": {KeepGaps, suggested, private, "", "", nil},
		"deleted": {KeepGaps, suggested, choice("U1", "s a1"), "", "", func(k *Keeper) { k.Deleted("s q1") }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			store, _, err := OpenSQLite(t.Context(), filepath.Join(t.TempDir(), "store.db"))
			if err != nil {
				t.Fatal(err)
			}
			defer closed(t, store)
			k := NewKeeper(store, []byte("key"), c.policy, Limits{Words: time.Hour, Rows: time.Hour, Most: 100},
				func() string { return "v1" }, slog.New(slog.DiscardHandler), func() { t.Error("missed") })
			k.Note(c.asked)
			if c.before != nil {
				c.before(k)
			}
			k.Note(c.chosen)
			k.Deleted("s other question")
			k.Close()
			rows := func() (rows []Row) {
				err := store.Rows(t.Context(), time.Time{}, func(r Row) error {
					rows = append(rows, r)
					return nil
				})
				if err != nil {
					t.Fatal(err)
				}
				return rows
			}
			i := slices.IndexFunc(rows(), func(r Row) bool { return r.Outcome == Chosen })
			if len(rows()) != 2 || i < 0 {
				t.Fatalf("%+v", rows())
			}
			want := "people"
			if c.chosen.Reply.Private {
				want = ""
			}
			if r := rows()[i]; r.Words != c.words || r.Question != c.question || r.Division != want {
				t.Errorf("%+v", r)
			}
			if err := store.ForgetQuestion(context.WithoutCancel(t.Context()), "s q1"); err != nil {
				t.Fatal(err)
			}
			if r := rows()[i]; c.question != "" && r.Words != "" {
				t.Errorf("after the deletion of the question: %+v", r)
			}
		})
	}
}

// TestNews checks that the words of a question are kept when another process records that its
// answer did not help, and that the words of a deleted question are not.
func TestNews(t *testing.T) {
	t.Parallel()
	stores(t, func(t *testing.T, open func() Store) {
		var all []*Keeper
		var store Store
		for range 2 {
			store = open()
			defer closed(t, store)
			all = append(all, NewKeeper(store, []byte("key"), KeepGaps, Limits{Words: time.Hour, Rows: time.Hour, Most: 100},
				func() string { return "v1" }, slog.New(slog.DiscardHandler), func() { t.Error("missed") }))
		}
		first, second := all[0], all[1]
		ask := func(k *Keeper, n, words string, o bot.Outcome) {
			k.Note(Asked{
				Question: "s q" + n, Answer: "s a" + n, Asker: "U" + n, Words: words,
				Reply: bot.Answer{Outcome: o, Division: "people"},
			})
		}
		ask(first, "1", "voted down", bot.Answered)
		ask(first, "2", "asked again", bot.Answered)
		ask(first, "3", "helped", bot.Answered)
		ask(first, "4", "deleted", bot.Answered)
		ask(first, "5", "offered", bot.Suggested)
		first.Close()
		second.Voted("", "s a1", "U9", false)
		second.Voted("", "s a3", "U9", true)
		second.Voted("", "s a4", "U9", false)
		second.Deleted("s q4")
		answered := bot.Answer{Outcome: bot.Answered}
		second.Note(Asked{Question: "s again", Asker: "U2", Words: "in other words", Reply: answered})
		second.Note(Asked{Asker: "U5", Below: "s a5", Chosen: true, Reply: answered})
		second.Close()
		third := NewKeeper(store, []byte("key"), KeepGaps, Limits{Words: time.Hour, Rows: time.Hour, Most: 100},
			func() string { return "v1" }, slog.New(slog.DiscardHandler), func() { t.Error("missed") })
		for question, w := range first.waiting { // which was asked some time before
			w.at = w.at.Add(-time.Second)
			first.waiting[question] = w
		}
		third.waiting, third.answers, third.last = first.waiting, first.answers, first.last
		for range 2 {
			if err := third.follow(time.Now().Add(-time.Minute)); err != nil {
				t.Error(err)
			}
		}
		third.Close()
		got := map[string]string{}
		if err := store.Rows(t.Context(), time.Time{}, func(r Row) error {
			if r.Words != "" {
				got[r.Outcome+" "+r.Question] = r.Words
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		want := map[string]string{
			"answered s q1": "voted down", "answered s q2": "asked again", "suggested s q5": "offered",
			Chosen + " s q5": "offered",
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("kept (-want +got):\n%s", diff)
		}
	})
}
