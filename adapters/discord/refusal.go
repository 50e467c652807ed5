package discord

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"

	"frontdesk/adapters"
)

// failure is an error response, from Discord or from a proxy before it.
type failure struct {
	status  int
	code    int // Discord's own (topics/opcodes-and-status-codes#json)
	message string
	fields  string // what is wrong with which field of the request; see formErrors
	wait    time.Duration
	global  bool
	proxied bool // the response is not Discord's
}

func (f *failure) Error() string {
	switch {
	case f.proxied:
		return fmt.Sprintf("a proxy before Discord says HTTP %d", f.status)
	case f.code == 0:
		return fmt.Sprintf("Discord says HTTP %d", f.status)
	case f.fields != "":
		return fmt.Sprintf("Discord says %d: %s (HTTP %d): %s", f.code, f.message, f.status, f.fields)
	}
	return fmt.Sprintf("Discord says %d: %s (HTTP %d)", f.code, f.message, f.status)
}

// blocked reports whether a proxy, such as Cloudflare's before Discord, keeps the request
// from Discord. Unlike a refusal of Discord's, that ends.
func (f *failure) blocked() bool {
	return f.code == codeBlocked || f.proxied && (f.status == http.StatusForbidden || f.limited())
}

func (f *failure) limited() bool { return f.status == http.StatusTooManyRequests }

// longestWait is the upper limit of a Retry-After, in seconds.
const longestWait = 3600

// newFailure reads an error response. Discord's have a JSON body with a message.
func newFailure(status int, header http.Header, body []byte) *failure {
	var said struct {
		Code    int             `json:"code"`
		Message string          `json:"message"`
		After   float64         `json:"retry_after"` // seconds
		Global  bool            `json:"global"`
		Errors  json.RawMessage `json:"errors"`
	}
	f := &failure{status: status}
	f.proxied = json.Unmarshal(body, &said) != nil && len(bytes.TrimSpace(body)) > 0
	f.code, f.message, f.fields = said.Code, said.Message, formErrors(said.Errors)
	after, _ := strconv.ParseFloat(header.Get("Retry-After"), 64)
	if said.After > 0 {
		after = said.After // the header has whole seconds
	}
	if after > 0 { // false for NaN
		f.wait = time.Duration(min(after, longestWait) * float64(time.Second))
	}
	// A proxy limits the address of this machine.
	f.global = said.Global || header.Get("X-RateLimit-Global") == "true" || f.proxied && f.limited()
	return f
}

// longestErrorBody is the upper limit of the body of an error response, in bytes.
const longestErrorBody = 64 << 10

// response keeps the status, the headers and, if it is an error, the body of a response,
// which discordgo returns only in part.
type response struct {
	base   http.RoundTripper
	status int
	header http.Header
	body   []byte
}

func (r *response) RoundTrip(q *http.Request) (*http.Response, error) {
	a, err := r.base.RoundTrip(q)
	if err != nil {
		return nil, err
	}
	r.status, r.header = a.StatusCode, a.Header
	if a.StatusCode >= http.StatusBadRequest {
		r.body, err = io.ReadAll(io.LimitReader(a.Body, longestErrorBody))
		_ = a.Body.Close() // was only read
		a.Body = io.NopCloser(bytes.NewReader(r.body))
	}
	return a, err
}

// judge classifies a failed request; see [adapters.Caller].
func judge(err error, sent bool) adapters.Judgement {
	var f *failure
	switch {
	case errors.As(err, &f):
		switch {
		case f.limited():
			return adapters.Judgement{Failure: adapters.RateLimited, Wait: f.wait, Global: f.global}
		case f.status == http.StatusInternalServerError, f.status == http.StatusServiceUnavailable:
			return adapters.Judgement{Failure: adapters.NotDone}
		case f.status > 500, f.blocked():
			return adapters.Judgement{Failure: adapters.Unclear}
		}
		return adapters.Judgement{Failure: adapters.Refused, Foreign: f.message == "" && adapters.Forbidden(f.status)}
	case !sent:
		return adapters.Judgement{Failure: adapters.NotDone}
	}
	return adapters.Judgement{Failure: adapters.Unclear}
}
