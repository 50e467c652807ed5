package discord

import (
	"bytes"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"frontdesk/adapters/adaptertest"
	"frontdesk/adapters/discord/gateway"
)

// answers is a transport with the same response to every request.
type answers struct {
	status int
	header http.Header
	body   []byte
}

func (a answers) RoundTrip(r *http.Request) (*http.Response, error) {
	return &http.Response{
		StatusCode: a.status, Status: http.StatusText(a.status), Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: a.header, Body: io.NopCloser(bytes.NewReader(a.body)), ContentLength: int64(len(a.body)), Request: r,
	}, nil
}

// FuzzAnswer checks that no response of Discord's causes a panic, that no error counts
// as success, that the bot waits for an hour at most and only if it was asked to, and
// that no secret is logged.
func FuzzAnswer(f *testing.F) {
	f.Add(uint16(0), "", "", "",
		[]byte(`{"id":"1","url":"wss://x","shards":2,"session_start_limit":{"remaining":0,"reset_after":-1}}`))
	f.Add(uint16(0), "", "0", "1.5", []byte(`{"id":1}`))
	f.Add(uint16(4), "", "0", "NaN", []byte(nil))
	f.Add(uint16(229), "1.5", "", "", []byte(`{"message":"x","retry_after":64.57,"global":true}`))
	f.Add(uint16(229), "1e300", "0", "-Inf", []byte(`{"retry_after":1e300}`))
	f.Add(uint16(200), "-1", "", "", []byte(`{"code":50007,"message":"x"}`))
	f.Add(uint16(201), "", "", "", []byte("<html>"))
	f.Add(uint16(303), "x", "", "", []byte("null"))
	f.Fuzz(func(t *testing.T, over200 uint16, after, remaining, reset string, body []byte) {
		var told strings.Builder
		trouble := func(_, why string) { told.WriteString(why) }
		c, err := newClient(Settings{BotToken: adaptertest.DiscordToken}, slog.New(slog.DiscardHandler), trouble)
		if err != nil {
			t.Fatal(err)
		}
		a := answers{200 + int(over200)%400, http.Header{}, body}
		for name, value := range map[string]string{
			"Retry-After": after, "X-RateLimit-Remaining": remaining, "X-RateLimit-Reset-After": reset,
		} {
			a.header.Set(name, value)
		}
		c.base = a
		what := call{Method: "GET gateway/bot", Place: "1"}
		info := gateway.Info{}
		err = c.once(t.Context(), what, http.MethodGet, "gateway/bot", nil, &info)
		if err == nil && a.status >= 300 {
			t.Errorf("HTTP %d is a success", a.status)
		}
		if c.Holding() && (remaining != "0" || a.status >= 300) {
			t.Errorf("it holds calls back after HTTP %d with %q remaining", a.status, remaining)
		}
		if err == nil {
			return
		}
		if f := new(failure); errors.As(err, &f) && f.status != a.status {
			t.Errorf("HTTP %d is told as %v", a.status, err)
		}
		if v := judge(err, true); v.Wait < 0 || v.Wait > time.Hour {
			t.Errorf("it waits for %v", v.Wait)
		}
		told.WriteString(explain(err, what, trouble).Error())
		if strings.Contains(told.String(), "not-to-be-seen") && !bytes.Contains(body, []byte("not-to-be-seen")) {
			t.Errorf("it tells a secret: %s", &told)
		}
	})
}
