package discord

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"

	"frontdesk/adapters/adaptertest"
	"frontdesk/bot"
)

func TestPlainText(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"<@1> who handles this?":       "who handles this?",
		"who, <@!1>, handles <#2>?":    "who, , handles ?",
		"<@&3> <t:1700000000:R> look":  "look",
		"run </ask:5> <a:party:6>":     "run ask party",
		"<id:customize> 1 < 2 <b> > c": "1 < 2 <b> > c",
	} {
		if got := plainText(in); got != want {
			t.Errorf("%q becomes %q, not %q", in, got, want)
		}
	}
}

// FuzzDecode holds that whatever Discord sends breaks nothing, and that what is
// read of it is whole.
func FuzzDecode(f *testing.F) {
	f.Add("MESSAGE_CREATE", []byte(mention("1", "1", "hi")))
	f.Add("MESSAGE_UPDATE", []byte(direct("1", "hi")))
	f.Add("MESSAGE_CREATE", []byte(mentionRole("1", "1", "60")))
	f.Add("MESSAGE_CREATE", []byte(strings.Replace(direct("1", ""), `"type":0`,
		`"type":0,"poll":`+pollJSON+`,`+fmt.Sprintf(forwardOf, `""`, embedJSON), 1)))
	f.Add(
		"MESSAGE_UPDATE",
		[]byte(
			`{"id":"1","channel_id":"1","guild_id":"50","content":"hi","author":{"id":"70"},`+
				`"edited_timestamp":"2026-01-01T00:00:00Z"}`,
		),
	)
	f.Add("MESSAGE_DELETE_BULK", []byte(`{"ids":["1"],"channel_id":"1"}`))
	f.Add("INTERACTION_CREATE", []byte(interactionOf("1", 2, "1", askData("hi", ""), "")))
	f.Add("INTERACTION_CREATE", []byte(interactionOf("1", 5, "1",
		`{"custom_id":"form|answer","components":[{"type":18,"component":{"type":3,"custom_id":"a","values":["b"]}}]}`,
		`,"message":{"id":"9","flags":64}`)))
	f.Add("INTERACTION_CREATE", []byte(interactionOf("1", 3, "1", `{"custom_id":"tell"}`,
		`,"message":{"id":"9","referenced_message":{"content":"<@1> who?"}}`)))
	f.Add(
		"INTERACTION_CREATE",
		[]byte(interactionOf("1", 2, "1", askData(chosen+"people", `},{"name":"private","type":5,"value":true`), "")),
	)
	f.Add(
		"INTERACTION_CREATE",
		[]byte(
			interactionOf(
				"1",
				2,
				"80",
				`{"name":"Ask the desk","target_id":"9","resolved":{"messages":{"9":{"content":"<@1> hi"}}}}`,
				"",
			),
		),
	)
	f.Add("INTERACTION_CREATE", []byte(interactionOf("1", 4, "1", askData("hi", ""), "")))
	f.Add("INTERACTION_CREATE", []byte(interactionOf("1", 3, "1", `{"custom_id":"pick","values":["people"]}`, "")))
	f.Add("INTERACTION_CREATE", []byte(press("1", "choose0|people")))
	f.Add("INTERACTION_CREATE", []byte(`{"type":1}`))
	f.Fuzz(func(t *testing.T, kind string, data []byte) {
		e, err := decodeDispatch(kind, data, adaptertest.DiscordBot)
		switch e.kind {
		case ignored:
			if e.text != "" || e.gone != nil {
				t.Errorf("it is ignored and says %+v", e)
			}
		case asked, roleMentioned:
			if (e.kind == roleMentioned) != (e.mentioned != nil) || e.mentioned != nil && e.text != "" {
				t.Errorf("it mentions roles: %+v", e)
			}
			if e.id == "" || e.user == "" || e.user == adaptertest.DiscordBot || e.channel == "" || e.message == "" {
				t.Errorf("a question of nobody or nowhere: %+v", e)
			}
		case commanded, listed, pressed, submitted, typing:
			if e.id == "" || e.token == "" || e.user == "" {
				t.Errorf("nobody to answer: %+v", e)
			}
			if strings.Contains(e.action, "|") || e.choice != "" && e.kind != commanded {
				t.Errorf("%+v", e)
			}
		}
		switch e.kind {
		case asked, commanded, listed, pressed:
			var back kept
			if err := json.Unmarshal(encode(e.kept()), &back); err != nil {
				t.Error(err)
			}
			if len(e.roles) == 0 {
				e.roles = nil
			}
			if got := back.event(); !reflect.DeepEqual(got, e) {
				t.Errorf("of %+v the ledger keeps %+v", e, got)
			}
		}
		if err != nil && e.kind != ignored {
			t.Errorf("%v and %v", e.kind, err)
		}
		if e.kind != typing && strings.TrimSpace(e.text) != e.text {
			t.Errorf("the question %q", e.text)
		}
		if kind == "INTERACTION_CREATE" { // over HTTP the same is read
			if over, err2 := decodeInteraction(data); !reflect.DeepEqual(e, over) || (err == nil) != (err2 == nil) {
				t.Errorf("read %+v, %v, and over HTTP %+v, %v", e, err, over, err2)
			}
		}
	})
}

// FuzzVerify holds that of two requests that differ in a byte at most one
// passes for signed, and none that another key has signed or at another time.
func FuzzVerify(f *testing.F) {
	f.Add("00", "1790000000", []byte(`{"type":1}`), []byte(`{"type":2}`), int64(0))
	f.Add("", "", []byte(nil), []byte(" "), int64(299))
	f.Add(strings.Repeat("0", 128), "+1", []byte(`{"type":1}`), []byte(`{"type":1} `), int64(-299))
	f.Add(strings.Repeat("f", 128), " 1790000000", []byte("1"), []byte(""), int64(302))
	f.Add("0x", "-9223372036854775808", []byte("x"), []byte("y"), int64(-302))
	f.Add("\n", "9223372036854775807", []byte("x"), []byte("x\n"), int64(1)<<62)
	keyOf := func(s string) ed25519.PrivateKey {
		seed := sha256.Sum256([]byte(s))
		return ed25519.NewKeyFromSeed(seed[:])
	}
	key, stranger := keyOf("Discord"), keyOf("somebody")
	a, err := New(
		Settings{HTTP: true, PublicKey: hex.EncodeToString(key.Public().(ed25519.PublicKey))},
		slog.New(slog.DiscardHandler),
		bot.Monitor{},
	)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, signature, stamp string, body, other []byte, late int64) {
		// passes sends a request; what was signed is looked into, and then the
		// adapter is not ready.
		passes := func(signature, stamp string, body []byte) bool {
			t.Helper()
			r := httptest.NewRequest(http.MethodPost, Path, bytes.NewReader(body))
			r.Header.Set("X-Signature-Ed25519", signature)
			r.Header.Set("X-Signature-Timestamp", stamp)
			w := httptest.NewRecorder()
			a.ServeHTTP(w, r)
			pong := w.Body.String() == `{"type":1}`
			switch w.Code {
			case http.StatusUnauthorized:
				if pong {
					t.Error("it answers what is not signed")
				}
				return false
			case http.StatusServiceUnavailable, http.StatusOK:
				if pong != (w.Code == http.StatusOK) {
					t.Errorf("it says %d %s", w.Code, w.Body)
				}
				return true
			}
			t.Fatalf("it says %d", w.Code)
			return false
		}
		sign := func(key ed25519.PrivateKey, stamp string, body []byte) string {
			return hex.EncodeToString(ed25519.Sign(key, append([]byte(stamp), body...)))
		}
		now := time.Now().Unix()
		at := strconv.FormatInt(now, 10)
		if passes(signature, stamp, body) || passes(signature, at, body) ||
			passes(sign(stranger, at, body), at, body) {
			t.Error("it passes")
		}
		right := sign(key, at, body)
		if !passes(right, at, body) {
			t.Error("what is signed does not pass")
		}
		if !bytes.Equal(body, other) && passes(right, at, other) {
			t.Errorf("%q passes for %q", other, body)
		}
		// The time and the body are signed as one text: digits may move from one
		// to the other, and then the time must not be near any more.
		if passes(right, stamp, body) && stamp != at || passes(right, at+"0", body) ||
			passes(right, at[:len(at)-1], append([]byte(at[len(at)-1:]), body...)) {
			t.Errorf("another time passes for %s", at)
		}
		if signature != "" &&
			(passes(right+signature, at, body) || passes(signature+right, at, body) ||
				passes(right[:len(signature)%len(right)], at, body)) {
			t.Errorf("it passes with %q at the signature", signature)
		}
		// A second may go by meanwhile.
		then := strconv.FormatInt(now+late, 10)
		if ok := passes(sign(key, then, body), then, body); ok != (late >= -300 && late <= 300) &&
			(late < -302 || late > -298) &&
			(late < 298 || late > 302) {
			t.Errorf("it passes (%v) %d seconds away", ok, late)
		}
		if passes(sign(key, stamp, body), stamp, body) {
			if n, err := strconv.ParseInt(stamp, 10, 64); err != nil || n < now-302 || n > now+302 {
				t.Errorf("it passes at %q", stamp)
			}
		}
	})
}
