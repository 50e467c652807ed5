package adapters

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptrace"
	"sync/atomic"
	"time"

	"frontdesk/adapters/network"
	"frontdesk/bot"
)

// Timeouts and limits of retries.
const (
	TryTime     = 10 * time.Second       // timeout of one try
	FirstPause  = 500 * time.Millisecond // before the second try; see network.Backoff
	patience    = 2 * time.Minute        // sum of the backoff pauses, without rate limits
	longestCall = 15 * time.Minute       // with all retries; nobody waits longer for an answer
)

// Call describes a call to a platform's API.
type Call struct {
	Method string // the platform's name for it
	Place  string // the channel or the like; "" if there is none
	// Again says that the call is idempotent.
	Again bool
	Life  time.Duration // after which the call is no longer useful; 0 stands for 15 minutes
	// Pace is the distance between calls that waited for the same rate limit; 0 lets them
	// continue together.
	Pace time.Duration
	// Exempt says that neither a pause for all calls nor the limit of all calls applies to
	// this one.
	Exempt bool
	// Longest is the longest pause for this call, even if the platform asks for more; 0
	// sets no limit.
	Longest time.Duration
	// Answer says that the call delivers an answer to a person, Vital that no answer can
	// be delivered while it fails.
	Answer, Vital bool
	// Before is called right before each try leaves: after the waits for limits and pauses. Its
	// error ends the call and is no failure of the platform. It may be nil.
	Before func() error
}

// Failure classifies a failed call.
type Failure uint8

// The kinds of failure.
const (
	Refused     Failure = iota // a retry would be refused as well
	NotDone                    // the call had no effect and can be retried
	RateLimited                // the call had no effect, because of a rate limit
	Unclear                    // the call may have taken effect
)

// Judgement is what is known about a failed call.
type Judgement struct {
	Failure Failure
	Wait    time.Duration // the pause that the platform asks for; 0 if it names none
	Global  bool          // the pause is for all calls
	// Foreign says that the refusal comes not from the platform but, for example, from a
	// proxy in between.
	Foreign bool
}

// Forbidden reports whether an HTTP status is one with which a proxy refuses a call.
func Forbidden(status int) bool {
	return status == http.StatusUnauthorized || status == http.StatusForbidden || status == http.StatusProxyAuthRequired
}

// ErrUnclear ends a call that failed but may have taken effect.
var ErrUnclear = errors.New("it may have been done, so it is not tried again")

// ErrNotDone ends a call that surely had no effect, or that may be made again: the platform could
// not be reached, or did not accept it in time.
var ErrNotDone = errors.New("given up")

// Caller makes calls to a platform and retries them, except where the first try may have
// taken effect and the call is not idempotent.
type Caller struct {
	Platform string // such as Slack
	Log      *slog.Logger
	Pause    time.Duration // before the first retry
	// Judge classifies a failed call. Sent says whether any of the request was written to
	// the network.
	Judge func(err error, sent bool) Judgement
	// Explain turns an error into one that names the remedy and contains no secrets.
	Explain func(err error, what Call) error
	// Well is called after every call that succeeds. It may be nil.
	Well func(what Call)
	// Trouble is called with what is wrong with the platform for one of the causes below,
	// and with "" when that is over. It may be nil.
	Trouble func(cause, why string)
	// Limit waits until the platform's limit of all calls allows one more, and fails when
	// its context ends before that. It is not called for a call that is exempt. It may be
	// nil.
	Limit func(context.Context) error
	// Happened is called for rate-limited calls and for those with an unclear result. It
	// may be nil.
	Happened func(bot.Incident)

	holds   holds
	queue   queue
	probes  probes
	answers answers
}

// Causes of trouble with calls.
const (
	CauseCalls   = "calls"   // the platform accepts no calls
	CauseAnswers = "answers" // it accepts no answers, though perhaps other calls
	CauseHeld    = "held"    // it asks for a long pause
)

// Do makes a call and retries it as long as that is safe and may succeed.
func (c *Caller) Do(ctx context.Context, what Call, f func(context.Context) error) error {
	over := time.Now().Add(cmp.Or(what.Life, longestCall))
	paused := time.Duration(0)
	for try := 0; ; try++ {
		v, err := c.Once(ctx, what, over, f)
		switch {
		case err == nil, ctx.Err() != nil, v.Failure == Refused:
			return err
		case v.Failure == Unclear && !what.Again:
			c.happened(bot.Unclear)
			return fmt.Errorf("%w; %w", err, ErrUnclear)
		}
		if try > 0 && what.Vital {
			c.down(err)
		}
		pause := time.Duration(0) // if the platform asks for a pause, Once waits for it
		if v.Wait == 0 {
			pause = c.Backoff(try)
			paused += pause
		}
		if paused > patience || time.Now().Add(max(pause, v.Wait)).After(over) {
			return fmt.Errorf("%w (%w after %d tries)", err, ErrNotDone, try+1)
		}
		c.Log.Debug("trying again", "method", what.Method, "in", max(pause, v.Wait), "because", err)
		if err := network.Sleep(ctx, pause); err != nil {
			return fmt.Errorf("%s: %w", what.Method, err)
		}
	}
}

// Insist retries f at startup without a limit and reports to health why the adapter does
// not serve yet. It returns nil, the error of a refused call, or that of ctx.
func (c *Caller) Insist(ctx context.Context, health *Health, f func(context.Context) error) error {
	for try := 0; ; try++ {
		err := f(ctx)
		if err == nil || ctx.Err() != nil || c.Judge(err, true).Failure == Refused {
			return err
		}
		why := fmt.Sprintf("%s cannot be reached: %v", c.Platform, err)
		c.Log.Error("not connected yet", "why", why)
		health.Connection(bot.Down, why)
		if network.Sleep(ctx, c.Backoff(try)) != nil {
			return ctx.Err()
		}
	}
}

// Once makes one try after the pauses that the platform asked for and within its limit of
// all calls, and classifies its error. If the pauses last beyond over, it fails at once.
func (c *Caller) Once(
	ctx context.Context, what Call, over time.Time, f func(context.Context) error,
) (Judgement, error) {
	if err := c.admit(ctx, what, over); err != nil {
		err = fmt.Errorf("%s: %w", what.Method, err)
		if errors.Is(err, errTooLate) {
			c.unanswered(what, true, err)
		}
		return Judgement{Failure: Refused}, err
	}
	if what.Before != nil {
		if err := what.Before(); err != nil { // it is no failure of the platform
			return Judgement{Failure: Refused}, fmt.Errorf("%s: %w", what.Method, err)
		}
	}
	err, sent := once(ctx, f)
	if err == nil {
		c.succeeded(what)
		return Judgement{}, nil
	}
	v := c.Judge(err, sent)
	if what.Longest > 0 {
		v.Wait = min(v.Wait, what.Longest)
	}
	if v.Wait > 0 {
		c.holds.until(what, v.Global, time.Now().Add(v.Wait))
	}
	err = fmt.Errorf("%s: %w", what.Method, c.Explain(err, what))
	switch v.Failure {
	case RateLimited:
		c.happened(bot.RateLimited)
		c.unanswered(what, true, err)
	case NotDone, Unclear:
		c.noteFailure()
		c.unanswered(what, false, err)
	case Refused:
		if v.Foreign {
			c.noteFailure()
			c.unanswered(what, false, err)
		}
	}
	return v, err
}

// succeeded notes that a call succeeded.
func (c *Caller) succeeded(what Call) {
	c.probes.succeeded()
	c.trouble(CauseCalls, "")
	if what.Answer {
		c.Answered(what.Place)
	}
	if c.Well != nil {
		c.Well(what)
	}
}

// Answered notes that somebody got an answer in a place, by a call or otherwise.
func (c *Caller) Answered(place string) {
	c.answers.succeeded(place)
	c.trouble(CauseAnswers, "")
}

// unanswered notes that a call failed for a reason that concerns other calls as well, if
// it was to deliver an answer.
func (c *Caller) unanswered(what Call, limited bool, err error) {
	if what.Answer && c.answers.failed(what.Place, limited) {
		c.trouble(CauseAnswers, fmt.Sprintf("%s takes no answers: %v", c.Platform, err))
	}
}

// down reports that the platform accepts no calls.
func (c *Caller) down(err error) {
	c.trouble(CauseCalls, fmt.Sprintf("%s does not take calls: %v", c.Platform, err))
}

func (c *Caller) trouble(cause, why string) {
	if c.Trouble != nil {
		c.Trouble(cause, why)
	}
}

func (c *Caller) happened(i bot.Incident) {
	if c.Happened != nil {
		c.Happened(i)
	}
}

// once makes one try and reports whether any of the request was written to the network.
func once(ctx context.Context, f func(context.Context) error) (err error, sent bool) {
	ctx, cancel := context.WithTimeout(ctx, TryTime)
	defer cancel()
	var wrote atomic.Bool
	err = f(httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{WroteHeaders: func() { wrote.Store(true) }}))
	return err, wrote.Load()
}

// Backoff is the pause before the next try, with jitter.
func (c *Caller) Backoff(try int) time.Duration { return network.Backoff(c.Pause, try) }
