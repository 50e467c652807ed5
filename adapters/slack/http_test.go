package slack

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"frontdesk/adapters/adaptertest"
	"frontdesk/bot"
)

// TestMalformed checks that unreadable input is acknowledged, logged and ignored.
func TestMalformed(t *testing.T) {
	t.Parallel()
	h := open(t, false, nil)
	for _, text := range malformed {
		h.Emit(t, text)
	}
	h.Emit(t, "not JSON at all")
	h.Emit(t, "")
	huge := mention("EvHuge", "C1", ts(9), strings.Repeat("x", 1<<20))
	h.Emit(t, fmt.Sprintf(`{"envelope_id":"huge","type":"events_api","payload":%s}`, huge))
	h.send("events_api", mention("Ev1", "C1", ts(1), "still there?"))
	h.Await(t, "the answer", func() bool { return len(h.Messages("C1")) == 1 })
	for i := range malformed {
		id := fmt.Sprintf("bad-%d", i+1)
		h.Await(t, "the acknowledgement of "+id, func() bool { return h.Acks(id) == 1 })
	}
	h.Await(t, "the acknowledgement of the long one", func() bool { return h.Acks("huge") == 1 })
	if !strings.Contains(h.Messages("C1")[0].Text, "still there?") {
		t.Error("an event of a megabyte was not ignored")
	}
	h.stop()
	<-h.ended
	if n := strings.Count(h.log.String(), "galaxy_exploded"); n != 1 {
		t.Errorf("an unknown event is logged %d times", n)
	}
	if n := strings.Count(h.log.String(), "level=WARN"); n != len(malformed)+3 {
		t.Errorf("%d lines of log for %d that cannot be read:\n%s", n, len(malformed)+3, h.log)
	}
}

// TestSignatures checks that only recent signed requests are handled, and that an
// identical request has no effect.
func TestSignatures(t *testing.T) {
	t.Parallel()
	h := open(t, true, nil)
	h.awaitState(0, bot.Ready, "")
	do := func(change func(*http.Request), body string) int {
		t.Helper()
		r, err := adaptertest.SlackRequest(h.address, "events_api", body)
		if err != nil {
			t.Fatal(err)
		}
		if change != nil {
			change(r)
		}
		status, _ := adaptertest.Do(t, r)
		return status
	}
	good := mention("Ev1", "C1", ts(1), "hello")
	sign := func(secret string, at time.Time) func(*http.Request) {
		return func(r *http.Request) { adaptertest.Sign(r, secret, at, good) }
	}
	for name, change := range map[string]func(*http.Request){
		"unsigned":       func(r *http.Request) { r.Header.Del("X-Slack-Signature") },
		"no time":        func(r *http.Request) { r.Header.Del("X-Slack-Request-Timestamp") },
		"nothing":        func(r *http.Request) { r.Header = http.Header{} },
		"another secret": sign("wrong", time.Now()),
		"stale":          sign(adaptertest.SlackSecret, time.Now().Add(-5*time.Minute-2*time.Second)),
		"future":         sign(adaptertest.SlackSecret, time.Now().Add(5*time.Minute+2*time.Second)),
		"far future":     sign(adaptertest.SlackSecret, time.Unix(1<<62, 0)),
		"other time": func(r *http.Request) {
			r.Header.Set("X-Slack-Request-Timestamp",
				fmt.Sprint(time.Now().Unix()-1))
		},
		"other version": func(r *http.Request) {
			r.Header.Set("X-Slack-Signature",
				"v1"+r.Header.Get("X-Slack-Signature")[2:])
		},
		"other length": func(r *http.Request) {
			r.Header.Set("X-Slack-Signature",
				r.Header.Get("X-Slack-Signature")[:20])
		},
		"no hex": func(r *http.Request) { r.Header.Set("X-Slack-Signature", "v0="+strings.Repeat("z", 64)) },
		"altered": func(r *http.Request) {
			altered := strings.Replace(good, "hello", "hallo", 1)
			r.Body, r.ContentLength, r.GetBody = io.NopCloser(strings.NewReader(altered)), int64(len(altered)), nil
		},
	} {
		if status := do(change, good); status != http.StatusUnauthorized {
			t.Errorf("%s: %d", name, status)
		}
	}
	at := time.Now().Add(-4 * time.Minute)
	for range 3 {
		if status := do(sign(adaptertest.SlackSecret, at), good); status != http.StatusOK {
			t.Errorf("signed: %d", status)
		}
	}
	// An event without an id is identified by its signature, in upper case too.
	anonymous := url.Values{
		"user_id": {"U1"}, "channel_id": {"C1"}, "text": {"hello"}, "response_url": {h.Hook("C7", "U1", "")},
	}.Encode()
	for _, change := range []func(string) string{
		strings.ToLower, func(s string) string { return "v0=" + strings.ToUpper(s[3:]) },
	} {
		if status := do(func(r *http.Request) {
			adaptertest.Sign(r, adaptertest.SlackSecret, at, anonymous)
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			r.Header.Set("X-Slack-Signature", change(r.Header.Get("X-Slack-Signature")))
		}, anonymous); status != http.StatusOK {
			t.Errorf("signed: %d", status)
		}
	}
	if status := do(nil, `{"type":"url_verification","token":"t","challenge":"abc"}`); status != http.StatusOK {
		t.Errorf("url_verification: %d", status)
	}
	for name, body := range map[string]string{
		"malformed": "{", "unknown": `{"type":"x"}`,
		"a megabyte": mention("EvHuge", "C1", ts(9), strings.Repeat("x", 1<<20)),
	} {
		if status := do(nil, body); status != http.StatusOK {
			t.Errorf("%s: %d", name, status)
		}
	}
	if status := do(nil, strings.Repeat("x", maxBody+1)); status != http.StatusRequestEntityTooLarge {
		t.Errorf("too long: %d", status)
	}
	if response, err := http.Get(h.address); err != nil || response.StatusCode != http.StatusMethodNotAllowed {
		t.Errorf("GET: %v", err)
	}
	h.stop()
	if err := <-h.ended; err != nil || len(h.Messages("C1")) != 1 || len(h.Messages("C7")) != 1 {
		t.Errorf("%v, %v, %v", err, h.Messages("C1"), h.Messages("C7"))
	}
}
