package journal

import (
	"context"
	"log/slog"
	"path/filepath"
	"slices"
	"testing"
	"time"

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
