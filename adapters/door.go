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
	// FreshFor is how far the time of a signature may lie from ours: Slack's
	// own bound (docs.slack.dev/authentication/verifying-requests-from-slack),
	// and as good for Discord, which names none.
	FreshFor = 5 * time.Minute
	// BodyTime is how long a body may take to arrive. The platforms wait three
	// seconds for an answer.
	BodyTime = 3 * time.Second
	// mostStamp is how many digits a time in seconds has for the next 30,000
	// years.
	mostStamp = 12
)

// Sender is a platform that sends signed requests over HTTP: how they are
// known, and who is told of those that are not its own. What is signed is
// Before of the time, and then the body.
type Sender struct {
	Platform string // such as Slack
	Setting  string // with which signatures are checked, such as SLACK_SIGNING_SECRET
	// SignatureIn and StampIn name the headers of the signature and of its time
	// in seconds since 1970.
	SignatureIn, StampIn string
	Scheme               string // what stands before the hex digits of the signature
	Size                 int    // of the signature, in bytes
	Before               func(stamp string) string
	Right                func(message, signature []byte) bool
	Most                 int // bytes of the longest body
	Log                  *slog.Logger
	Monitor              bot.Monitor

	sparse  Sparse
	mu      sync.Mutex
	refused map[Reason]int // since the last line of the log
}

// headers reads the signature and what comes before the body, or says what is
// wrong as far as the headers alone show it.
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

// Door is where requests of platforms come in over HTTP, mixed with those of
// whoever else finds the address. One Door is for the whole process, so that
// what bodies weigh has one bound. The zero value is ready for use.
type Door struct {
	// Known is called with each request whose signature is right, before it is
	// answered. It may be nil.
	Known func(http.ResponseWriter, *http.Request)

	patience   time.Duration // with a body; 0 stands for BodyTime
	unverified unverified
}

// Admit returns the body of a request that the sender has signed within the
// last five minutes. Any other is answered here: for its headers before one
// byte of the body is read, and the connection ends with it.
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
	case cutOff: // has been counted, and nobody is there to answer
	default:
		from.Refuse(w, wrong)
	}
	return nil, false
}

// cutOff stands for a connection that made room for another.
const cutOff Reason = "cut off"

// verified reads a body and checks its signature. Until then its bytes count as
// unverified.
func (d *Door) verified(
	w http.ResponseWriter, r *http.Request, from *Sender, signature []byte, before string,
) (body []byte, wrong Reason) {
	control := http.NewResponseController(w)
	deadline := func(t time.Time) { _ = control.SetReadDeadline(t) } // who cannot has time-outs of its own
	deadline(time.Now().Add(cmp.Or(d.patience, BodyTime)))
	defer deadline(time.Time{}) // the answer has as long as it needs
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
