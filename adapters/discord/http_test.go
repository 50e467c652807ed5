package discord

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"frontdesk/adapters/adaptertest"
	"frontdesk/bot"
)

// TestMalformed checks that unreadable requests and events are ignored.
func TestMalformed(t *testing.T) {
	t.Parallel()
	h := open(t, false, nil)
	h.awaitState(0, bot.Ready, "")
	h.Emit(t, "MESSAGE_CREATE", `{"id":5}`)
	h.Emit(t, "MESSAGE_CREATE", `"nothing"`)
	h.Emit(t, "MESSAGE_CREATE", `{}`)
	h.Emit(t, "INTERACTION_CREATE", `{"type":2}`)
	h.Emit(t, "INTERACTION_CREATE", interactionOf("21", 9, "1", `{}`, ""))
	h.Emit(t, "INTERACTION_CREATE", interactionOf("22", 2, "1", `{"name":"explode"}`, ""))
	h.Emit(t, "INTERACTION_CREATE", interactionOf("23", 3, "1", `{"custom_id":"pick"}`, ""))
	h.Emit(t, "GALAXY_EXPLODE", `{}`)
	h.Emit(t, "MESSAGE_CREATE", mention("9", "1", strings.Repeat("x", 1<<20)))
	h.Send(t, `not JSON`)
	h.Send(t, `{"op":99}`)
	h.ask("11", "1", "still there?")
	h.answered(1)
	h.stop()
	if err := <-h.ended; err != nil || len(h.Messages("")) != 1 {
		t.Errorf("%v, %v", err, h.Messages(""))
	}
}

// TestSignatures checks that only recent signed requests are handled, and each
// only once.
func TestSignatures(t *testing.T) {
	t.Parallel()
	h := open(t, true, nil)
	h.awaitState(0, bot.Ready, "")
	payload := interactionOf("21", 2, "1", askData("who pays?", ""), "")
	do := func(at time.Time, body string, change func(*http.Request)) (int, string) {
		t.Helper()
		r, err := h.Request(h.address, at, body)
		if err != nil {
			t.Fatal(err)
		}
		if change != nil {
			change(r)
		}
		return adaptertest.Do(t, r)
	}
	now := time.Now()
	for name, c := range map[string]struct {
		at     time.Time
		change func(*http.Request)
	}{
		"unsigned":   {now, func(r *http.Request) { r.Header.Del("X-Signature-Ed25519") }},
		"no time":    {now, func(r *http.Request) { r.Header.Del("X-Signature-Timestamp") }},
		"wrong":      {now, func(r *http.Request) { r.Header.Set("X-Signature-Ed25519", strings.Repeat("ab", 64)) }},
		"no hex":     {now, func(r *http.Request) { r.Header.Set("X-Signature-Ed25519", strings.Repeat("zz", 64)) }},
		"stale":      {now.Add(-5*time.Minute - 2*time.Second), nil},
		"future":     {now.Add(5*time.Minute + 2*time.Second), nil},
		"other time": {now, func(r *http.Request) { r.Header.Set("X-Signature-Timestamp", fmt.Sprint(now.Unix()-1)) }},
		"altered": {
			now,
			func(r *http.Request) { r.Body = io.NopCloser(strings.NewReader(payload + " ")); r.ContentLength++ },
		},
		"time in ms": {
			now, func(r *http.Request) { r.Header.Set("X-Signature-Timestamp", fmt.Sprint(now.UnixMilli())) },
		},
		"time is odd": {now, func(r *http.Request) { r.Header.Set("X-Signature-Timestamp", "now") }},
	} {
		if status, body := do(c.at, payload, c.change); status != http.StatusUnauthorized {
			t.Errorf("%s: %d %s", name, status, body)
		}
	}
	if len(h.handler.Asked()) != 0 {
		t.Error("asked the desk for somebody unknown")
	}
	status, body := do(now, `{"id":"1","type":1,"application_id":"1"}`, nil)
	if status != http.StatusOK || body != `{"type":1}` {
		t.Errorf("PING: %d %s", status, body)
	}
	if status, _ := do(now, payload, nil); status != http.StatusOK {
		t.Errorf("signed: %d", status)
	}
	if status, _ := do(now, payload, nil); status != http.StatusUnauthorized {
		t.Errorf("replayed: %d", status)
	}
	if status, _ := do(now, "{", nil); status != http.StatusBadRequest {
		t.Errorf("malformed: %d", status)
	}
	if status, _ := do(now, strings.Repeat("x", maxEvent+1), nil); status != http.StatusRequestEntityTooLarge {
		t.Errorf("too long: %d", status)
	}
	if n := len(h.handler.Asked()); n != 1 {
		t.Errorf("asked the desk %d times", n)
	}
}
