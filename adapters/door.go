package adapters

import (
	"cmp"
	"encoding/hex"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	"frontdesk/bot"
)

const (
	// FreshFor is how far the timestamp of a signature may be from our clock: Slack's
	// limit (docs.slack.dev/authentication/verifying-requests-from-slack), used for
	// Discord as well, which states none.
	FreshFor = 5 * time.Minute
	// BodyTime is how long a body may take to arrive. The platforms wait three seconds
	// for a response.
	BodyTime = 3 * time.Second
	// mostStamp is the largest number of digits of a timestamp in seconds: enough for
	// 30,000 years.
	mostStamp = 12
)

// Sender is a platform that sends signed HTTP requests: how to verify them, and where to
// log and count rejected ones. The signed message is Before(timestamp) and then the body.
type Sender struct {
	Platform string // such as Slack
	Setting  string // that signatures are verified with, such as SLACK_SIGNING_SECRET
	// SignatureIn and StampIn name the headers with the signature and its timestamp in
	// seconds since 1970.
	SignatureIn, StampIn string
	Scheme               string // prefix of the hex digits in the signature header
	Size                 int    // of the signature, in bytes
	Before               func(stamp string) string
	Right                func(message, signature []byte) bool // verifies the signature
	Most                 int                                  // longest body, in bytes
	Log                  *slog.Logger
	Monitor              bot.Monitor

	sparse  Sparse
	mu      sync.Mutex
	refused map[Reason]int // since the last log line
}

// headers returns the signature and the part of the message before the body, or the reason
// to reject the request by its headers.
func (s *Sender) headers(h http.Header, now time.Time) (signature []byte, before string, wrong Reason) {
	digits, ok := strings.CutPrefix(h.Get(s.SignatureIn), s.Scheme)
	if !ok || len(digits) != hex.EncodedLen(s.Size) {
		return nil, "", Headers
	}
	signature, err := hex.DecodeString(digits)
	if err != nil {
		return nil, "", Headers
	}
	stamp := h.Get(s.StampIn)
	seconds, err := strconv.ParseUint(stamp, 10, 63) // takes no sign
	if err != nil || len(stamp) > mostStamp {
		return nil, "", Headers
	}
	if now.Sub(time.Unix(int64(seconds), 0)).Abs() > FreshFor {
		return nil, "", Stale
	}
	return signature, s.Before(stamp), ""
}

// Door verifies the HTTP requests of the platforms and rejects all others. The process has
// one Door, so that all request bodies share one memory limit. The zero value is ready for
// use.
type Door struct {
	// Known is called with each verified request, before the response. It may be nil.
	Known func(http.ResponseWriter, *http.Request)

	patience   time.Duration // timeout of a body; 0 stands for BodyTime
	unverified unverified
}

// Admit returns the body of a request whose signature is valid and at most [FreshFor]
// from our clock. It rejects any other request and closes the connection; if the headers
// are the reason, it does so before it reads any of the body.
func (d *Door) Admit(w http.ResponseWriter, r *http.Request, from *Sender) (body []byte, ok bool) {
	w.Header().Set("Connection", "close")
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		from.Refuse(w, NotPost)
		return nil, false
	}
	signature, before, wrong := from.headers(r.Header, time.Now())
	if wrong == "" && r.ContentLength > int64(from.Most) {
		wrong = TooLarge
	}
	if wrong != "" {
		from.Refuse(w, wrong)
		return nil, false
	}
	body, wrong = d.verified(w, r, from, signature, before)
	switch wrong {
	case "":
		w.Header().Del("Connection")
		if d.Known != nil {
			d.Known(w, r)
		}
		return body, true
	case cutOff: // counted already, and the connection is closed
	default:
		from.Refuse(w, wrong)
	}
	return nil, false
}

// cutOff stands for a connection that was closed in favor of another.
const cutOff Reason = "cut off"

// verified reads a body and verifies its signature.
func (d *Door) verified(
	w http.ResponseWriter, r *http.Request, from *Sender, signature []byte, before string,
) (body []byte, wrong Reason) {
	control := http.NewResponseController(w)
	deadline := func(t time.Time) { _ = control.SetReadDeadline(t) } // fails only where there are none
	deadline(time.Now().Add(cmp.Or(d.patience, BodyTime)))
	defer deadline(time.Time{}) // the deadline is for the body only
	a := d.unverified.enter(func() { deadline(time.Unix(1, 0)) })
	defer d.unverified.leave(a)

	err := d.unverified.read(a, r.Body, from.Most)
	switch {
	case errors.Is(err, errBusy):
		return nil, Busy
	case errors.Is(err, net.ErrClosed):
		return nil, cutOff
	case errors.Is(err, os.ErrDeadlineExceeded):
		return nil, TooSlow
	case err != nil:
		return nil, Broken
	case a.size > from.Most:
		return nil, TooLarge
	}
	body, ok := d.unverified.verify(a, before, func(message []byte) bool { return from.Right(message, signature) })
	if !ok {
		return nil, Signature
	}
	return body, ""
}
