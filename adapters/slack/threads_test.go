package slack

import (
	"fmt"
	"testing"

	"frontdesk/adapters/adaptertest"
)

// TestEphemeralThread checks that an ephemeral message is in a thread only if the thread
// exists; the stand-in reports one that nobody would see.
func TestEphemeralThread(t *testing.T) {
	t.Parallel()
	h := open(t, false, nil)
	one := func(channel string, n int) adaptertest.SlackMessage {
		t.Helper()
		h.Await(t, fmt.Sprintf("message %d in %s", n, channel), func() bool { return len(h.Messages(channel)) >= n })
		return h.Messages(channel)[n-1]
	}
	// In the channel, with its buttons.
	h.send("events_api", mention("Ev1", "C1", ts(1), "hush"))
	m := one("C1", 1)
	if m.Only != "U1" || m.Thread != "" {
		t.Errorf("a private answer in the channel: %+v", m)
	}
	h.press(m, "up", true)
	if m = one("C1", 2); m.Only != "U1" || m.Thread != "" {
		t.Errorf("the thanks for it: %+v", m)
	}
	// In a thread.
	h.Thread("C2", ts(2))
	h.send("events_api", inThread("Ev2", "C2", ts(3), ts(2), "<@U0BOT> hush"))
	if m = one("C2", 1); m.Only != "U1" || m.Thread != ts(2) {
		t.Errorf("a private answer in a thread: %+v", m)
	}
	h.press(m, "up", true)
	if m = one("C2", 2); m.Only != "U1" || m.Thread != ts(2) {
		t.Errorf("the thanks for it: %+v", m)
	}
	// A shortcut on a message that has no thread.
	h.send("interactive",
		fmt.Sprintf(
			`{"type":"message_action","callback_id":"ask_desk","trigger_id":"t1","user":{"id":"U1"},`+
				`"channel":{"id":"C3"},"response_url":%q,"message":{"user":"U2","text":"who pays?","ts":%q}}`,
			h.Hook("C3", "U1", ""), ts(4)))
	h.press(one("C3", 1), "down", true)
	if m = one("C3", 2); m.Only != "U1" || m.Thread != "" {
		t.Errorf("the directory for a message without a thread: %+v", m)
	}
}

// inThread is a mention in the thread of root.
func inThread(id, channel, ts, root, text string) string {
	return eventPayload(id,
		fmt.Sprintf(`{"type":"app_mention","user":"U1","text":%s,"ts":%q,"thread_ts":%q,"channel":%q}`,
			quote(text), ts, root, channel))
}
