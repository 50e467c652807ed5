package discord

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"frontdesk/adapters/adaptertest"
	"frontdesk/bot"
)

// page is what a proxy says instead of Discord.
const page = "<!DOCTYPE html>\n<html><head><title>Access denied | discord.com</title></head>" +
	"<body><h1>Error 1015</h1><p>You are being rate limited</p></body></html>"

// TestProxy checks that an answer that a proxy before Discord keeps from it is delivered
// later, and that the log names the proxy.
func TestProxy(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		fault adaptertest.Fault
		want  string
	}{
		"429":                  {adaptertest.Fault{Status: 429, Body: page}, "a proxy before Discord says HTTP 429"},
		"429 with Retry-After": {adaptertest.Fault{Status: 429, Body: page, RetryAfter: "1"}, "HTTP 429"},
		"403":                  {adaptertest.Fault{Status: 403, Body: page}, "a proxy before Discord says HTTP 403"},
		"40333": {adaptertest.Fault{
			Status: 403, Body: `{"message": "internal network error", "code": 40333}`,
		}, "Discord says 40333"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := open(t, false, nil)
			h.awaitState(0, bot.Ready, "")
			h.Fail("POST message", c.fault, c.fault)
			h.ask("11", "1", "hello")
			h.answered(1)
			h.stop()
			<-h.ended
			var line string
			for l := range strings.Lines(h.log.String()) {
				if strings.Contains(l, "a proxy keeps calls from Discord") {
					line += l
				}
			}
			if calls := len(h.Calls("POST message")); calls != 3 || strings.Count(line, "\n") != 1 ||
				!strings.Contains(line, "level=WARN") || !strings.Contains(line, c.want) ||
				strings.Contains(h.log.String(), "level=ERROR") {
				t.Errorf("%d calls; the log:\n%s", calls, h.log)
			}
		})
	}
	t.Run("at the start", func(t *testing.T) {
		t.Parallel()
		h := open(t, false, func(h *house, _ *Settings) {
			if h.adapter == nil {
				h.Fail("GET me", adaptertest.Fault{Status: 403, Body: page})
				h.Fail("GET gateway", adaptertest.Fault{Status: 403, Body: page})
			}
		})
		h.awaitState(0, bot.Ready, "")
	})
}

// TestLateChoices checks that an autocomplete that came too late is no more than a line at
// the level debug.
func TestLateChoices(t *testing.T) {
	t.Parallel()
	h := open(t, false, nil)
	h.awaitState(0, bot.Ready, "")
	h.Expire("21")
	h.Emit(t, "INTERACTION_CREATE", interactionOf("21", 4, "1", askData("forc", `,"focused":true`), ""))
	h.Await(t, "the choices", func() bool { return len(h.Calls("POST interaction")) == 1 })
	h.stop()
	<-h.ended
	if log := h.log.String(); !strings.Contains(log, `level=DEBUG msg="could not reply"`) ||
		strings.Contains(log, "level=WARN") || strings.Contains(log, "level=ERROR") {
		t.Errorf("the log:\n%s", log)
	}
}

// TestInvalidForm checks that the log names the field that Discord refuses.
func TestInvalidForm(t *testing.T) {
	t.Parallel()
	h := open(t, false, nil)
	h.awaitState(0, bot.Ready, "")
	h.Fail("POST message", adaptertest.Fault{Status: http.StatusBadRequest, Body: `{"code": 50035,
		"message": "Invalid Form Body", "errors": {"embeds": {"0": {"fields": {"2": {"value": {"_errors": [
		{"code": "BASE_TYPE_MAX_LENGTH", "message": "Must be 1024 or fewer in length."}]}}}}}}}`})
	h.ask("11", "1", "hello")
	h.Await(t, "the call", func() bool { return len(h.Calls("POST message")) == 1 })
	h.stop()
	<-h.ended
	const want = "Discord says 50035: Invalid Form Body (HTTP 400): " +
		"embeds[0].fields[2].value: Must be 1024 or fewer in length."
	if !strings.Contains(h.log.String(), want) {
		t.Errorf("the log:\n%s", h.log)
	}
}

// TestFormErrors checks what is read from the errors object of a response
// (discord.com/developers/docs/reference#error-messages).
func TestFormErrors(t *testing.T) {
	t.Parallel()
	const one = `{"_errors":[{"code":"BASE_TYPE_REQUIRED","message":"required"}]}`
	for name, c := range map[string]struct{ data, want string }{
		"an object": {`{"access_token":` + one + `}`, "access_token: required"},
		"the request": {
			`{"_errors":[{"code":"APPLICATION_COMMAND_TOO_LARGE","message":"Command exceeds maximum size (8000)"}]}`,
			"Command exceeds maximum size (8000)",
		},
		"an array, in order": {
			`{"1":{"options":{"10":` + one + `,"9":` + one + `}}}`, "[1].options[9]: required; [1].options[10]: required",
		},
		"no message": {`{"a":{"_errors":[{"code":"ODD"}]}}`, "a: ODD"},
		"many": {
			`{"a":` + one + `,"b":{"c":` + one + `},"d":{"0":` + one + `,"1":` + one + `,"2":` + one +
				`,"3":` + one + `}}`,
			"a: required; b.c: required; d[0]: required; d[1]: required; d[2]: required; and 1 more",
		},
		"another form": {`{"a":[1,{"_errors":"x"}],"b":null}`, ""},
		"none":         {"", ""},
	} {
		if got := formErrors(json.RawMessage(c.data)); got != c.want {
			t.Errorf("%s: %s, not %s", name, got, c.want)
		}
	}
}
