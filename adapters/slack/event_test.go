package slack

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"

	"frontdesk/adapters/slack/socketmode"
	"frontdesk/bot"
)

func TestPlainText(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"<@U0BOT> who handles this?":                          "who handles this?",
		"who handles this, <@U0BOT|frontdesk>?":               "who handles this, ?",
		"a &lt;b&gt; &amp; &amp;lt;c":                         "a <b> & &lt;c",
		"<@U2> and <@U3|ann> lost it":                         "and ann lost it",
		"in <#C1|general>, <#C2>":                             "in general,",
		"<!here> <!channel|channel> <!subteam^S1|@it> look":   "channel it look",
		"on <!date^1392734382^{date}|Feb 18, 2014>":           "on Feb 18, 2014",
		"see <https://example.org/a?b=1&amp;c=2>":             "see https://example.org/a?b=1&c=2",
		"see <https://example.org|the page> <mailto:a@b.c>":   "see the page a@b.c",
		"a &lt;@U0BOT&gt; that was typed":                     "a <@U0BOT> that was typed",
		"  <@U0BOT>  ":                                        "",
		"\n<@U0BOT>\nwho?\n":                                  "who?",
		strings.Repeat("<@U0BOT>", 2000) + "x" + "<!channel>": "x",
	} {
		if got := plainText(in, "U0BOT"); got != want {
			t.Errorf("%q becomes %q, not %q", in, got, want)
		}
	}
}

// me is the bot's identity in these tests.
var me = identity{user: "U0BOT", bot: "B0BOT"}

// checkRead checks an event that was decoded from input that Slack may have sent.
func checkRead(t *testing.T, e event, err error) {
	t.Helper()
	switch {
	case err != nil:
		if e.kind != ignored {
			t.Errorf("%v and %v", e.kind, err)
		}
	case e.kind == asked && (e.user == "" && e.bot == "" || e.bot == me.bot || e.user == me.user ||
		e.channel == "" || e.ts == ""):
		t.Errorf("a question of nobody or nowhere: %+v", e)
	case e.kind == commanded && (e.user == "" || e.responseURL == ""),
		(e.kind == pressed || e.kind == shortcut || e.kind == homeOpened) && e.user == "",
		e.kind == chatOpened && e.channel == "":
		t.Errorf("nobody to answer: %+v", e)
	}
	if e.kind == ignored && (e.text != "" || e.challenge != "") {
		t.Errorf("it is ignored and says %+v", e)
	}
	if strings.TrimSpace(e.text) != e.text {
		t.Errorf("the question %q", e.text)
	}
}

// FuzzDecode checks that no request causes a panic, and that decoded events are
// complete.
func FuzzDecode(f *testing.F) {
	const form = "application/x-www-form-urlencoded"
	f.Add("application/json", []byte(mention("Ev1", "C1", "1.2", "hi")))
	f.Add("application/json", []byte(direct("Ev1", "1.2", "hi")))
	for _, c := range chatter {
		f.Add("application/json", []byte(eventPayload("Ev1", c)))
	}
	f.Add("", []byte(`{"type":"url_verification","challenge":"x"}`))
	for _, payload := range []string{
		`{"type":"block_actions","user":{"id":"U1"},"actions":[{"action_id":"choose:1","value":"{}"}]}`,
		`{"type":"message_action","callback_id":"ask_desk","user":{"id":"U1"},"message":{"text":"x"}}`,
	} {
		f.Add(form, []byte(url.Values{"payload": {payload}}.Encode()))
	}
	f.Add(form, []byte("user_id=U1&response_url=x&text=hi"))
	f.Add(form+"; charset=utf-8", []byte("ssl_check=1"))
	f.Fuzz(func(t *testing.T, contentType string, data []byte) {
		e, err := (&session{me: me}).decodeRequest(contentType, data)
		checkRead(t, e, err)
		if r := readRef(e.value); r != (ref{}) && readRef(r.value()) == (ref{}) {
			t.Errorf("%q is read as %+v, and what is written of that is not read", e.value, r)
		}
	})
}

// FuzzEnvelope checks that no envelope causes a panic, and that it is decoded to the
// same event as over HTTP.
func FuzzEnvelope(f *testing.F) {
	for kind, payload := range map[string]string{
		"events_api":     mention("Ev1", "C1", "1.2", "hi"),
		"slash_commands": `{"user_id":"U1","response_url":"x","text":"hi","trigger_id":"1.2"}`,
		"interactive": `{"type":"block_actions","user":{"id":"U1"},"actions":[{"action_id":"choose:1",` +
			`"value":"{}"}]}`,
	} {
		f.Add(fmt.Appendf(nil, `{"envelope_id":"e","type":%q,"payload":%s}`, kind, payload))
	}
	f.Add([]byte(`{"envelope_id":"e","type":3}`))
	f.Add([]byte(`{"type":"disconnect","reason":"link_disabled"}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		var e socketmode.Envelope
		if json.Unmarshal(data, &e) != nil {
			return
		}
		ev, err := openEnvelope(e, me)
		checkRead(t, ev, err)
		request := func(contentType string, body []byte) {
			t.Helper()
			over, err2 := (&session{me: me}).decodeRequest(contentType, body)
			if (err == nil) != (err2 == nil) || !reflect.DeepEqual(ev, over) {
				t.Errorf("read %+v, %v, and over HTTP %+v, %v", ev, err, over, err2)
			}
		}
		switch {
		case e.Type == "events_api":
			request("application/json", e.Payload)
		case e.Type == "interactive" && len(e.Payload) > 0:
			request("application/x-www-form-urlencoded", []byte(url.Values{"payload": {string(e.Payload)}}.Encode()))
		}
	})
}

// FuzzVerify checks that of two requests that differ in a byte at most one has a valid
// signature, and none without the secret or at another time.
func FuzzVerify(f *testing.F) {
	f.Add("v0=00", "1790000000", []byte("body"), []byte("bodz"), int64(0))
	f.Add("", "", []byte(nil), []byte(" "), int64(299))
	f.Add("v0="+strings.Repeat("0", 64), "+1", []byte("a=b"), []byte("a=b&c"), int64(-299))
	f.Add("v1=", " 1790000000", []byte(`{"type":"url_verification","challenge":"x"}`), []byte("{}"), int64(302))
	f.Add("V0=", "1e9", []byte("x"), []byte("y"), int64(-302))
	f.Add(" v0=", "0x1", []byte("x"), []byte("x\n"), int64(1)<<62)
	f.Fuzz(func(t *testing.T, signature, stamp string, body, other []byte, late int64) {
		door := func(secret string) *Adapter {
			return New(Settings{HTTP: true, SigningSecret: secret}, slog.New(slog.DiscardHandler), bot.Monitor{})
		}
		const secret = "a secret that nobody knows"
		// passes reports whether a signature is valid: then the adapter reports that it is not
		// ready.
		passes := func(a *Adapter, signature, stamp string, body []byte) bool {
			t.Helper()
			r := httptest.NewRequest(http.MethodPost, Path, bytes.NewReader(body))
			r.Header.Set("X-Slack-Signature", signature)
			r.Header.Set("X-Slack-Request-Timestamp", stamp)
			w := httptest.NewRecorder()
			a.ServeHTTP(w, r)
			switch w.Code {
			case http.StatusUnauthorized:
				if bytes.Contains(w.Body.Bytes(), []byte("challenge")) {
					t.Error("it answers what is not signed")
				}
				return false
			case http.StatusServiceUnavailable, http.StatusOK:
				return true
			}
			t.Fatalf("it says %d", w.Code)
			return false
		}
		sign := func(secret, stamp string, body []byte) string {
			mac := hmac.New(sha256.New, []byte(secret))
			mac.Write([]byte("v0:" + stamp + ":"))
			mac.Write(body)
			return "v0=" + hex.EncodeToString(mac.Sum(nil))
		}
		a, now := door(secret), time.Now().Unix()
		at := strconv.FormatInt(now, 10)
		for _, s := range []string{stamp, at} {
			if passes(a, signature, s, body) {
				t.Error("it passes")
			}
			if passes(door(""), sign("", s, body), s, body) || passes(door(""), signature, s, body) {
				t.Error("it passes without a secret")
			}
		}
		right := sign(secret, at, body)
		if !passes(a, right, at, body) {
			t.Error("what is signed does not pass")
		}
		if !bytes.Equal(body, other) && passes(a, right, at, other) {
			t.Errorf("%q passes for %q", other, body)
		}
		if passes(a, right, stamp, body) && stamp != at {
			t.Errorf("%q passes for %s", stamp, at)
		}
		if passes(a, right+signature, at, body) && signature != "" ||
			passes(a, signature+right, at, body) && signature != "" {
			t.Errorf("it passes with %q at the signature", signature)
		}
		if len(signature) > 0 {
			cut := right[:len(signature)%len(right)]
			if passes(a, cut, at, body) {
				t.Errorf("%q is enough", cut)
			}
		}
		// The clock may advance by a second meanwhile.
		then := strconv.FormatInt(now+late, 10)
		if ok := passes(a, sign(secret, then, body), then, body); ok != (late >= -300 && late <= 300) &&
			(late < -302 || late > -298) && (late < 298 || late > 302) {
			t.Errorf("it passes (%v) %d seconds away", ok, late)
		}
		if ok := passes(a, sign(secret, stamp, body), stamp, body); ok {
			if n, err := strconv.ParseInt(stamp, 10, 64); err != nil || n < now-302 || n > now+302 {
				t.Errorf("it passes at %q", stamp)
			}
		}
	})
}

// TestExplain checks that an error keeps its type and loses its address.
func TestExplain(t *testing.T) {
	t.Parallel()
	secret := &url.Error{Op: "Post", URL: "https://hooks.slack.com/actions/T1/2/hush", Err: errors.New("EOF")}
	err := explain(secret, call{Method: "response_url"}, func(string, string) {})
	if strings.Contains(err.Error(), "hush") || !strings.Contains(err.Error(), "hooks.slack.com") ||
		!errors.Is(err, secret.Err) {
		t.Error(err)
	}
}
