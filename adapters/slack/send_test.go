package slack

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"frontdesk/adapters"
	"frontdesk/adapters/adaptertest"

	"github.com/slack-go/slack"
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

// FuzzAnswer checks that no response of Slack's causes a panic, that no error counts as
// success, that the bot waits for an hour at most, and that no secret is logged.
func FuzzAnswer(f *testing.F) {
	f.Add(uint16(0), "", []byte(`{"ok":true,"ts":"1.2","channel":"C1","url":"wss://x","user_id":"U1"}`))
	f.Add(uint16(0), "",
		[]byte(`{"ok":false,"error":"missing_scope","needed":"a:b","response_metadata":{"messages":["x"]}}`))
	f.Add(uint16(0), "", []byte(`{"ok":false,"error":"invalid_blocks","errors":["x"]}`))
	f.Add(uint16(0), "", []byte("ok"))
	f.Add(uint16(229), "30", []byte(nil))
	f.Add(uint16(229), "100000000", []byte(nil))
	f.Add(uint16(229), "9223372036854775807", []byte("{}"))
	f.Add(uint16(102), "1e300", []byte("<html>"))
	f.Add(uint16(303), "-1", []byte("null"))
	f.Fuzz(func(t *testing.T, over200 uint16, after string, body []byte) {
		var told strings.Builder
		c := newClient(Settings{BotToken: adaptertest.SlackBotToken, AppToken: adaptertest.SlackAppToken},
			slog.New(slog.DiscardHandler), func(_, why string) { told.WriteString(why) })
		a := answers{
			200 + int(over200)%400, http.Header{"Retry-After": {after}, "Content-Type": {"application/json"}}, body,
		}
		c.http.Transport = a
		var said struct {
			OK    bool
			Error string
		}
		// slack-go treats an object without ok and error as success.
		ok := json.NewDecoder(bytes.NewReader(body)).Decode(&said) == nil &&
			(said.OK || strings.TrimSpace(said.Error) == "") && a.status < 300
		for method, call := range map[string]func(context.Context) error{
			"auth.test": func(ctx context.Context) error {
				_, err := c.api.AuthTestContext(ctx)
				return err
			},
			methodConnect: func(ctx context.Context) error {
				_, _, err := c.api.StartSocketModeContext(ctx)
				return err
			},
			"chat.postMessage": func(ctx context.Context) error {
				_, _, err := c.api.PostMessageContext(ctx, "C1", message{Text: "x"}.content())
				return err
			},
		} {
			judgement, err := c.Once(t.Context(), adapters.Call{Method: method, Place: "C1"}, time.Now(), call)
			if err == nil && !ok {
				t.Errorf("%s: HTTP %d %q is a success", method, a.status, body)
			}
			if judgement.Wait < 0 || judgement.Wait > time.Hour {
				t.Errorf("%s: it waits for %v", method, judgement.Wait)
			}
			if err != nil {
				told.WriteString(err.Error())
			}
			if errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("%s: %v", method, err)
			}
		}
		const hook = "https://hooks.slack.com/commands/not-to-be-seen"
		judgement, err := c.Once(t.Context(), adapters.Call{Method: methodRespond, Place: hook}, time.Now(),
			func(ctx context.Context) error {
				return c.postHook(ctx, hook, &slack.WebhookMessage{Text: "x"})
			})
		if judgement.Wait < 0 || judgement.Wait > time.Hour || err == nil && a.status != http.StatusOK {
			t.Errorf("%+v, %v", judgement, err)
		}
		if err != nil {
			told.WriteString(err.Error())
		}
		if strings.Contains(told.String(), "not-to-be-seen") && !bytes.Contains(body, []byte("not-to-be-seen")) {
			t.Errorf("it tells a secret: %s", &told)
		}
	})
}
