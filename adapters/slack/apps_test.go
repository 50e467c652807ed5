package slack

import (
	"fmt"
	"strings"
	"testing"

	"frontdesk/bot"
)

// TestApps checks that mentions by apps are answered only with the setting, once in each
// thread, and that the bot never answers itself.
func TestApps(t *testing.T) {
	t.Parallel()
	post := func(id, channel, ts, thread, author, text string) string {
		in := ""
		if thread != "" {
			in = fmt.Sprintf(`"thread_ts":%q,`, thread)
		}
		return eventPayload(id,
			fmt.Sprintf(`{"type":"app_mention",%s,"text":%s,"ts":%q,%s"channel":%q,"event_ts":%q}`,
				author, quote("<@U0BOT> "+text), ts, in, channel, ts))
	}
	const (
		person   = `"user":"U1"`
		workflow = `"subtype":"bot_message","bot_id":"B2","username":"Requests","workflow_id":"Wf1"`
		token    = `"user":"U2","bot_id":"B3","app_id":"A3"` // an app that has a person's token
		self     = `"user":"U0BOT","bot_id":"B0BOT"`
		selfOnly = `"subtype":"bot_message","bot_id":"B0BOT"`
	)
	for _, on := range []bool{false, true} {
		t.Run(fmt.Sprint(on), func(t *testing.T) {
			t.Parallel()
			h := open(t, true, func(h *house) {
				h.adapter.settings.Apps = on
				h.adapter.settings.Audiences.Workspaces = map[string]bot.Audience{"T1": "employees"}
			})
			await := func(channel string, n int) {
				t.Helper()
				h.Await(t, fmt.Sprintf("%d answers in %s", n, channel),
					func() bool { return len(h.Messages(channel)) >= n })
			}
			h.send("events_api", post("Ev1", "C1", ts(1), "", workflow, "who pays?"))
			h.send("events_api", post("Ev2", "C2", ts(2), "", token, "who pays?"))
			h.send("events_api", post("Ev3", "C3", ts(3), "", workflow, "hush"))
			if on {
				await("C1", 1)
				await("C2", 1)
				await("C3", 1)
				if m := h.Messages("C1")[0]; m.Thread != ts(1) || !strings.Contains(m.Text, "about: who pays?") {
					t.Errorf("a workflow is answered with %+v", m)
				}
			}
			// The app answers our answer; another one joins.
			h.send("events_api", post("Ev4", "C1", ts(4), ts(1), workflow, "thank you"))
			h.send("events_api", post("Ev5", "C1", ts(5), ts(1), token, "and you"))
			h.send("events_api", post("Ev6", "C4", ts(6), "", self, "who pays?"))
			h.send("events_api", post("Ev7", "C4", ts(7), "", selfOnly, "who pays?"))
			h.send("events_api",
				eventPayload("Ev8", fmt.Sprintf(`{"type":"message","channel_type":"im",%s,"text":"hi","ts":%q,`+
					`"channel":"D1"}`, token, ts(8))))
			h.send("events_api", post("Ev9", "C1", ts(9), ts(1), person, "who else pays?"))
			apps := map[bool]int{true: 1}[on]
			await("C1", apps+1)
			h.stop()
			if err := <-h.ended; err != nil {
				t.Error(err)
			}
			for channel, n := range map[string]int{"C1": apps + 1, "C2": apps, "C3": apps, "C4": 0, "D1": 0, "U2": 0} {
				if all := h.Messages(channel); len(all) != n {
					t.Errorf("%d answers in %s: %+v", len(all), channel, all)
				}
			}
			for _, c := range h.Calls("users.info") {
				if c.Args["user"] == "" {
					t.Error("looks up nobody")
				}
			}
		})
	}
}
