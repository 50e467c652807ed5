package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"frontdesk/adapters/adaptertest"
)

const fileOfInbox = `version: 1
organization: {name: Acme}
divisions:
  # Everything about people.
  - id: people
    name: People
    handles:
      - topic: Pay
        keywords: [wages, salary, payday, payslip]
  - id: buildings
    name: Buildings
    handles:
      - topic: Doors
        keywords: [door, key, lock]   # and windows
`

// slackButton returns the value of the first button of a message whose action id begins with
// action, and whose label is the one given, unless that is "".
func slackButton(t *testing.T, m adaptertest.SlackMessage, action, label string) (id, value string) {
	t.Helper()
	var blocks []struct {
		Elements []struct {
			ID    string `json:"action_id"`
			Value string `json:"value"`
			Text  struct {
				Text string `json:"text"`
			} `json:"text"`
		} `json:"elements"`
	}
	if err := json.Unmarshal([]byte(m.Blocks), &blocks); err != nil {
		t.Fatal(err)
	}
	for _, b := range blocks {
		for _, e := range b.Elements {
			if strings.HasPrefix(e.ID, action) && (label == "" || e.Text.Text == label) {
				return e.ID, e.Value
			}
		}
	}
	t.Fatalf("there is no button %q in %s", label, m.Blocks)
	return "", ""
}

// TestInboxInSlack asks a running program twice what it does not know, has an admin make the
// words an example in chat, and checks that the file is changed and used, that the one who
// wanted to know is told, and that the change can be undone.
func TestInboxInSlack(t *testing.T) {
	t.Parallel()
	fake := startSlack(t)
	file := filepath.Join(t.TempDir(), "acme.yaml")
	put(t, file, fileOfInbox)
	p := startProcess(t, slackEnv(fake.API(), "FRONTDESK_KNOWLEDGE="+file, "FRONTDESK_ADMIN_SLACK_CHANNEL=C0ADMIN",
		"FRONTDESK_ADMIN_PEOPLE=slack:U9", "FRONTDESK_STORE="+filepath.Join(t.TempDir(), "store.db")), "run")
	p.await(`adapter=slack state=ready`)
	n := 0
	emit := func(kind, payload string) {
		n++
		fake.Emit(t, fmt.Sprintf(`{"envelope_id":"e%d","type":%q,"payload":%s}`, n, kind, payload))
	}
	command := func(user, text string) {
		n++
		emit("slash_commands", fmt.Sprintf(`{"command":"/ask","team_id":"T1","channel_id":"C1","user_id":%q,"text":%q,`+
			`"trigger_id":"t%d","response_url":%q}`, user, text, n, fake.Hook("C1", user, "")))
	}
	press := func(m adaptertest.SlackMessage, user, action, label string) {
		n++
		id, value := slackButton(t, m, action, label)
		quoted, err := json.Marshal(value)
		if err != nil {
			t.Fatal(err)
		}
		emit("interactive", fmt.Sprintf(`{"type":"block_actions","user":{"id":%q},"team":{"id":"T1"},"trigger_id":"t%d",`+
			`"response_url":%q,"channel":{"id":%q},"container":{"message_ts":%q,"channel_id":%q,"is_ephemeral":true},`+
			`"actions":[{"type":"button","action_id":%q,"block_id":"b","value":%s}]}`,
			user, n, fake.Hook(m.Channel, user, m.TS), m.Channel, m.TS, m.Channel, id, quoted))
	}
	// shown waits for the newest message in a channel that has a text.
	shown := func(channel, text string) (m adaptertest.SlackMessage) {
		t.Helper()
		fake.Await(t, text, func() bool {
			for _, m = range fake.Messages(channel) {
				if strings.Contains(m.Blocks+m.Text, text) {
					return true
				}
			}
			return false
		})
		return m
	}
	command("U1", "who fixes a broken badge")
	press(shown("C1", "answer that"), "U1", "tell", "Tell me when you know")
	shown("C1", "I will tell you when I know")
	command("U2", "my badge is broken")
	fake.Await(t, "two answers", func() bool { return len(fake.Messages("C1")) == 3 })
	// The journal is written beside the answers.
	var page adaptertest.SlackMessage
	for tries := 0; !strings.Contains(page.Blocks, "broken"); tries++ {
		if tries == 50 {
			t.Fatalf("the inbox is %s", page.Blocks)
		}
		before := len(fake.Messages("C1"))
		command("U9", "inbox")
		fake.Await(t, "the inbox", func() bool { return len(fake.Messages("C1")) > before })
		page = fake.Messages("C1")[before]
	}
	if strings.Contains(page.Blocks, "U1") {
		t.Errorf("the inbox says who asked: %s", page.Blocks)
	}
	press(page, "U9", "admin", "Example of Buildings")
	press(shown("C1", "This is what changes in the file"), "U9", "admin", "Save")
	notice := shown("C0ADMIN", "The knowledge file was changed")
	p.await(`answering from the new knowledge file`)
	if told := shown("U1", "You asked me to tell you when I know"); !strings.Contains(told.Blocks, "Buildings") {
		t.Errorf("told %s", told.Blocks)
	}
	changed, err := os.ReadFile(file)
	if err != nil || !strings.Contains(string(changed), "who fixes a broken badge") ||
		!strings.Contains(string(changed), "keywords: [door, key, lock]   # and windows") {
		t.Errorf("the file is now %v\n%s", err, changed)
	}
	press(notice, "U2", "admin", "Undo")
	p.await(`ignored a button for admins`)
	press(notice, "U9", "admin", "Undo")
	shown("C0ADMIN", "was taken back")
	if again, err := os.ReadFile(file); err != nil || string(again) != fileOfInbox {
		t.Errorf("after it is undone the file is %v\n%s", err, again)
	}
	if err := p.terminate(); err != nil {
		t.Error(err)
	}
	if wrong := fake.Wrong(); len(wrong) > 0 {
		t.Error(wrong)
	}
}
