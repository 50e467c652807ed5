package discord

import (
	"fmt"
	"log/slog"
	"testing"
	"time"

	"frontdesk/bot"
	"frontdesk/bot/journal"
)

// TestJournal checks which questions are in the journal, with their votes, and that the words
// of a question are deleted with it.
func TestJournal(t *testing.T) {
	t.Parallel()
	r := newRecords(t)
	keeper := journal.NewKeeper(r, []byte("key"), journal.KeepAll, journal.Limits{}, func() string { return "v1" },
		slog.New(slog.DiscardHandler), func() {})
	t.Cleanup(keeper.Close)
	h := open(t, false, func(h *house, s *Settings) {
		s.Keeper = keeper
		s.Audiences.Servers = map[string]bot.Audience{"50": "staff"}
		r.use(nil)(h, s)
	})
	rows := func() map[string]journal.Row {
		byQuestion := map[string]journal.Row{}
		err := r.Rows(t.Context(), time.Time{}, func(row journal.Row) error {
			byQuestion[row.Question] = row
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		return byQuestion
	}
	await := func(what string, there func() bool) {
		t.Helper()
		h.Await(t, what, func() bool {
			h.Touch()
			return there()
		})
	}
	h.interact("22", press("22", "choose0|people")) // below what nobody remembers
	await("the first row", func() bool { return len(rows()) == 1 })
	h.ask("11", "1", "one")
	h.answered(1)
	h.command("21", "1", "two")
	h.interact("24", interactionOf("24", 2, "1", askData("offer", ""), ""))
	await("the suggestion", func() bool { return rows()["discord 1 24"].Outcome == "suggested" })
	h.interact("25", interactionOf("25", 3, "1", `{"component_type":2,"custom_id":"choose0|buildings"}`,
		`,"message":{"id":"778","channel_id":"1","interaction_metadata":{"id":"24","type":2}}`))
	await("the choice", func() bool { return rows()["discord 1 24"].Outcome == journal.Chosen })
	h.interact("23", interactionOf("23", 2, "1", `{"id":"2","name":"divisions","type":1}`, "")) // is no question
	await("the rows", func() bool { return len(rows()) == 4 })
	for question, want := range map[string]struct{ words, division, answer, outcome string }{
		"discord 1 11": {"one", "about", "discord 1 " + h.Messages("1")[0].ID, "answered"},
		"discord 1 21": {"two", "about", "discord 1 21", "answered"},
		"discord 1 22": {"", "people", "discord 1 9", journal.Chosen},
		"discord 1 24": {"offer", "buildings", "discord 1 24", journal.Chosen},
	} {
		row := rows()[question]
		if row.Words != want.words || row.Division != want.division || row.Answer != want.answer ||
			row.Audience != "staff" || row.Asker == "" || row.Version != "v1" || row.Outcome != want.outcome {
			t.Errorf("%s: %+v", question, row)
		}
	}
	vote := func(id, what, message string) {
		t.Helper()
		h.interact(id, interactionOf(id, 3, "1", fmt.Sprintf(`{"component_type":2,"custom_id":%q}`, what+"|about"),
			`,"message":`+message))
	}
	reply := fmt.Sprintf(`{"id":%q,"channel_id":"1"}`, h.Messages("1")[0].ID)
	vote("31", "up", reply)
	command := `{"id":"777","channel_id":"1","interaction_metadata":{"id":"21","type":2}}`
	vote("32", "down", command)
	await("the votes", func() bool { return rows()["discord 1 11"].Up == 1 && rows()["discord 1 21"].Down == 1 })
	h.Emit(t, "MESSAGE_DELETE", `{"id":"11","channel_id":"1","guild_id":"50"}`)
	await("the words to be deleted, and the place", func() bool {
		_, there := rows()["discord 1 11"]
		return !there && rows()[""].Words == ""
	})
	if rows()["discord 1 21"].Words != "two" {
		t.Error("the words of another question are deleted")
	}
	h.end()
	h = start(t, h.Discord, false, func(h *house, s *Settings) {
		s.Keeper = keeper
		r.use(nil)(h, s)
	})
	h.awaitState(0, bot.Ready, "")
	vote("33", "down", reply)
	vote("34", "down", command) // the same vote
	vote("35", "up", command)
	await("the changed votes", func() bool {
		all := rows()
		return all[""].Up == 0 && all[""].Down == 1 && all["discord 1 21"].Up == 1 &&
			all["discord 1 21"].Down == 0
	})
}
