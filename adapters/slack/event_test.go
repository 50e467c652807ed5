package slack

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
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

// FuzzDecode holds that whatever Slack sends breaks nothing, and that what is
// read of it is whole.
func FuzzDecode(f *testing.F) {
	f.Add([]byte(mention("Ev1", "C1", "1.2", "hi")))
	f.Add([]byte(direct("Ev1", "1.2", "hi")))
	for _, c := range chatter {
		f.Add([]byte(eventPayload("Ev1", c)))
	}
	f.Add([]byte(`{"type":"block_actions","user":{"id":"U1"},"actions":[{"action_id":"choose:1","value":"{}"}]}`))
	f.Add([]byte(`{"type":"message_action","callback_id":"ask_desk","user":{"id":"U1"},"message":{"text":"x"}}`))
	f.Add([]byte(`{"user_id":"U1","response_url":"x","text":"hi"}`))
	f.Add([]byte(`payload=%7B%7D`))
	me := identity{user: "U0BOT", bot: "B0BOT"}
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, decode := range []func() (event, error){
			func() (event, error) { return decodeEvent(data, me) },
			func() (event, error) { return decodeInteraction(data, me) },
			func() (event, error) {
				form, err := commandForm(data)
				if err != nil {
					return event{}, err
				}
				return decodeCommand(form, me)
			},
			func() (event, error) {
				form, err := url.ParseQuery(string(data))
				if err != nil {
					return event{}, err
				}
				return decodeCommand(form, me)
			},
		} {
			e, err := decode()
			switch {
			case err != nil:
				if e.kind != ignored {
					t.Errorf("%v and %v", e.kind, err)
				}
			case e.kind == asked && (e.user == "" || e.user == me.user || e.channel == "" || e.ts == ""):
				t.Errorf("a question of nobody or nowhere: %+v", e)
			case e.kind == commanded && e.responseURL == "", e.kind == pressed && e.user == "":
				t.Errorf("nobody to answer: %+v", e)
			}
		}
		_ = readRef(string(data))
		_ = envelopeID(data)
	})
}

// FuzzVerify holds that nothing passes for signed without the secret.
func FuzzVerify(f *testing.F) {
	f.Add("v0=00", "1790000000", []byte("body"))
	f.Add("", "", []byte(nil))
	f.Fuzz(func(t *testing.T, signature, stamp string, body []byte) {
		h := http.Header{}
		h.Set("X-Slack-Signature", signature)
		h.Set("X-Slack-Request-Timestamp", stamp)
		if verify(h, "a secret that nobody knows", body) == nil {
			t.Error("it passes")
		}
		if verify(h, "", body) == nil {
			t.Error("it passes without a secret")
		}
	})
}

// TestExplain holds that an error keeps its kind and loses its address.
func TestExplain(t *testing.T) {
	t.Parallel()
	secret := &url.Error{Op: "Post", URL: "https://hooks.slack.com/actions/T1/2/hush", Err: errors.New("EOF")}
	err := explain(secret, call{Method: "response_url"}, func(string, string) {})
	if strings.Contains(err.Error(), "hush") || !strings.Contains(err.Error(), "hooks.slack.com") || !errors.Is(err, secret.Err) {
		t.Error(err)
	}
}
