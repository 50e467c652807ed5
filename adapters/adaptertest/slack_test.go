package adaptertest

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// TestUnseen checks that the stand-in reports an ephemeral message in a thread that does
// not exist, from either way to send it, and no other.
func TestUnseen(t *testing.T) {
	t.Parallel()
	s, err := StartSlack()
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	send := func(address, body string) {
		t.Helper()
		r, err := http.NewRequest(http.MethodPost, address, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer "+SlackBotToken)
		r.Header.Set("Content-Type", "application/json")
		if status, body := Do(t, r); status != http.StatusOK {
			t.Fatalf("status %d: %s", status, body)
		}
	}
	ephemeral := func(thread string) {
		t.Helper()
		send(s.API()+"chat.postEphemeral", fmt.Sprintf(`{"channel":"C1","user":"U1","text":"x","thread_ts":%q}`, thread))
		send(s.Hook("C1", "U1", ""), fmt.Sprintf(`{"response_type":"ephemeral","text":"x","thread_ts":%q}`, thread))
	}
	ephemeral("1.1")
	if n := len(s.Wrong()); n != 2 {
		t.Errorf("%d of 2 messages that nobody sees are reported", n)
	}
	s.Thread("C1", "1.2")
	send(s.API()+"chat.postMessage", `{"channel":"C1","text":"a reply","thread_ts":"1.3"}`)
	send(s.Hook("C1", "U1", ""), `{"response_type":"in_channel","text":"a reply","thread_ts":"1.4"}`)
	for _, thread := range []string{"", "1.2", "1.3", "1.4"} {
		ephemeral(thread)
	}
	if wrong := s.Wrong(); len(wrong) != 2 {
		t.Errorf("reported: %q", wrong)
	}
}
