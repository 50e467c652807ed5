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

// How long and how often a call is tried.
const (
	TryTime     = 10 * time.Second       // for one try
	FirstPause  = 500 * time.Millisecond // before the second try; see network.Backoff
	patience    = 2 * time.Minute        // pauses in all, those that were asked for not counted
	longestCall = 15 * time.Minute       // all in all; nobody waits longer for an answer
)

// Call is something to be done at a platform.
type Call struct {
	Method string // the platform's name for it
	Place  string // where, if anywhere
	// Again says that doing it twice is no different from doing it once.
	Again bool
	Life  time.Duration // after which it is of no use; 0 stands for 15 minutes
	// Pace is how far apart calls are to be that waited for the same place; 0
	// lets them go together.
	Pace time.Duration
	// Exempt says that a pause for all calls is not for this one.
	Exempt bool
	// Longest is the longest pause that this call takes, however long the platform
	// asks for; 0 sets no bound.
	Longest time.Duration
	// Answer says that it brings a person an answer, Vital that without it nobody
	// gets one.
	Answer, Vital bool
}

// Fate is what became of a call that failed.
type Fate uint8

// The fates.
const (
	Refused Fate = iota // and would be again
	Undone              // nothing happened: it can be tried again
	Limited             // nothing happened, because too much did before
	Unclear             // it may have been done
)

// Verdict is what is known of a call that failed.
type Verdict struct {
	Fate   Fate
	Wait   time.Duration // as long as the platform asks to wait; 0 if it does not say
	Global bool          // other calls are to wait as well
	// Foreign says that the refusal is not the platform's own but, for one, that of
	// a proxy on the way.
	Foreign bool
}

// Forbidden reports whether an HTTP status is one with which a proxy keeps a call back.
func Forbidden(status int) bool {
	return status == http.StatusUnauthorized || status == http.StatusForbidden || status == http.StatusProxyAuthRequired
}

// ErrUnclear ends a call that may have been done although it failed.
var ErrUnclear = errors.New("it may have been done, so it is not tried again")

// Caller makes calls to a platform: again and again where that is safe, never
// twice where the first try may have been heard.
type Caller struct {
	Platform string // such as Slack
	Log      *slog.Logger
	Pause    time.Duration // before the first repeated try
	// Judge says what became of a failed call; sent, whether anything of it
	// reached the network.
	Judge func(err error, sent bool) Verdict
	// Explain makes of an error one that says what to do and has no secrets.
	Explain func(err error, what Call) error
	// Well is told of every call that succeeds. It may be nil.
	Well func(what Call)
	// Trouble is told what is wrong with the platform for one of the causes below,
	// and "" when that is over. It may be nil.
	Trouble func(cause, why string)
	// Happened is told of calls that came too soon and of those that nobody
	// knows the end of. It may be nil.
	Happened func(bot.Incident)

	holds   holds
	pulse   pulse
	answers answers
}

// Causes of trouble with calls.
const (
	CauseCalls   = "calls"   // the platform takes none
	CauseAnswers = "answers" // it takes no answers, whatever it says to other calls
	CauseHeld    = "held"    // it asks to wait for long
)

// Do makes a call, and repeats it as long as that is safe and promises success.
func (c *Caller) Do(ctx context.Context, what Call, f func(context.Context) error) error {
	over := time.Now().Add(cmp.Or(what.Life, longestCall))
	paused := time.Duration(0)
	for try := 0; ; try++ {
		v, err := c.Once(ctx, what, over, f)
		switch {
		case err == nil, ctx.Err() != nil, v.Fate == Refused:
			return err
		case v.Fate == Unclear && !what.Again:
			c.happened(bot.Unclear)
			return fmt.Errorf("%w; %w", err, ErrUnclear)
		}
		if try > 0 && what.Vital {
			c.down(err)
		}
		pause := time.Duration(0) // a hold does the waiting where one was asked for
		if v.Wait == 0 {
			pause = c.Backoff(try)
			paused += pause
		}
		if paused > patience || time.Now().Add(max(pause, v.Wait)).After(over) {
			return fmt.Errorf("%w (given up after %d tries)", err, try+1)
		}
		c.Log.Debug("trying again", "method", what.Method, "in", max(pause, v.Wait), "because", err)
		if err := network.Sleep(ctx, pause); err != nil {
			return fmt.Errorf("%s: %w", what.Method, err)
		}
	}
}

// Insist makes calls before the adapter serves, for as long as it takes, and tells health why
// it does not serve yet. It ends with an error that the platform refuses, or with that of ctx.
func (c *Caller) Insist(ctx context.Context, health *Health, f func(context.Context) error) error {
	for try := 0; ; try++ {
		err := f(ctx)
		if err == nil || ctx.Err() != nil || c.Judge(err, true).Fate == Refused {
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

// Once makes one try, after the pauses that were asked for, and says what became
// of it. It does not wait beyond the time when the call is of no use any more.
func (c *Caller) Once(ctx context.Context, what Call, over time.Time, f func(context.Context) error) (Verdict, error) {
	if err := c.holds.wait(ctx, what, over); err != nil {
		err = fmt.Errorf("%s: %w", what.Method, err)
		if errors.Is(err, errTooLate) {
			c.unanswered(what, true, err)
		}
		return Verdict{Fate: Refused}, err
	}
	err, sent := once(ctx, f)
	if err == nil {
		c.succeeded(what)
		return Verdict{}, nil
	}
	v := c.Judge(err, sent)
	if what.Longest > 0 {
		v.Wait = min(v.Wait, what.Longest)
	}
	if v.Wait > 0 {
		c.holds.until(what, v.Global, time.Now().Add(v.Wait))
	}
	err = fmt.Errorf("%s: %w", what.Method, c.Explain(err, what))
	switch v.Fate {
	case Limited:
		c.happened(bot.RateLimited)
		c.unanswered(what, true, err)
	case Undone, Unclear:
		c.doubt()
		c.unanswered(what, false, err)
	case Refused:
		if v.Foreign {
			c.doubt()
			c.unanswered(what, false, err)
		}
	}
	return v, err
}

// succeeded notes that a call has.
func (c *Caller) succeeded(what Call) {
	c.pulse.succeeded()
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

// unanswered notes that a call failed for no fault of its own, if it was to bring an
// answer.
func (c *Caller) unanswered(what Call, limited bool, err error) {
	if what.Answer && c.answers.failed(what.Place, limited) {
		c.trouble(CauseAnswers, fmt.Sprintf("%s takes no answers: %v", c.Platform, err))
	}
}

// down says that the platform takes no calls.
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

// once makes one try and says whether anything of it reached the network.
func once(ctx context.Context, f func(context.Context) error) (err error, sent bool) {
	ctx, cancel := context.WithTimeout(ctx, TryTime)
	defer cancel()
	var wrote atomic.Bool
	err = f(httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{WroteHeaders: func() { wrote.Store(true) }}))
	return err, wrote.Load()
}

// Backoff is the pause before the next try, with jitter so that many callers
// do not come back at once.
func (c *Caller) Backoff(try int) time.Duration { return network.Backoff(c.Pause, try) }
