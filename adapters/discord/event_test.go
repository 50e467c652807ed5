package discord

import (
	"net/http"
	"testing"
	"time"

	"frontdesk/adapters/adaptertest"
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
	f.Add("MESSAGE_DELETE_BULK", []byte(`{"ids":["1"],"channel_id":"1"}`))
	f.Add("INTERACTION_CREATE", []byte(interactionOf("1", 2, "1", askData("hi", ""), "")))
	f.Add("INTERACTION_CREATE", []byte(interactionOf("1", 4, "1", askData("hi", ""), "")))
	f.Add("INTERACTION_CREATE", []byte(press("1", "choose0|people")))
	f.Fuzz(func(t *testing.T, kind string, data []byte) {
		e, err := decodeDispatch(kind, data, adaptertest.DiscordBot)
		switch {
		case err != nil:
			if e.kind != ignored {
				t.Errorf("%v and %v", e.kind, err)
			}
		case e.kind == asked && (e.user == "" || e.user == adaptertest.DiscordBot || e.channel == "" || e.message == ""):
			t.Errorf("a question of nobody or nowhere: %+v", e)
		case (e.kind == commanded || e.kind == pressed || e.kind == typing || e.kind == listed) && (e.token == "" || e.user == ""):
			t.Errorf("nobody to answer: %+v", e)
		}
	})
}

// FuzzFresh holds that no odd time passes for now.
func FuzzFresh(f *testing.F) {
	f.Add("1790000000")
	f.Add("-9223372036854775808")
	f.Add("9223372036854775807")
	now := time.Unix(1790000000, 0)
	f.Fuzz(func(t *testing.T, stamp string) {
		if fresh(stamp, now) && (len(stamp) > 12 && stamp[0] != '0' && stamp[0] != '+' || http.CanonicalHeaderKey(stamp) == "") {
			t.Errorf("%q is fresh", stamp)
		}
	})
}
