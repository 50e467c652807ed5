package adapters

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"frontdesk/bot"
)

// platform is a fake platform that accepts calls or fails.
type platform struct {
	mu     sync.Mutex
	kind   Failure // of calls, where broken
	wait   time.Duration
	broken bool
	hangs  bool // calls are never answered
	calls  []time.Time
	states int // number of reported states
}

var errBroken = errors.New("broken")

func (p *platform) call(ctx context.Context) error {
	p.mu.Lock()
	p.calls = append(p.calls, time.Now())
	broken, hangs := p.broken, p.hangs
	p.mu.Unlock()
	if hangs {
		<-ctx.Done()
		return ctx.Err()
	}
	if broken {
		return errBroken
	}
	return nil
}

func (p *platform) set(broken, hangs bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.broken, p.hangs = broken, hangs
}

// asked returns the times of the calls so far.
func (p *platform) asked() []time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.calls)
}

// kept starts probing a platform, and returns its caller and the resulting state.
func kept(t *testing.T, p *platform) (c *Caller, phase func() bot.Phase) {
	t.Helper()
	var mu sync.Mutex
	now := bot.Connecting
	h := &Health{Mutes: []string{"token", CauseCalls, CauseAnswers}, Report: func(s bot.State) {
		mu.Lock()
		defer mu.Unlock()
		now = s.Phase
		p.states++
	}}
	h.Connection(bot.Ready, "")
	c = &Caller{
		Log: slog.New(slog.DiscardHandler), Pause: FirstPause,
		Judge: func(err error, _ bool) Judgement {
			if errors.Is(err, errBroken) {
				return Judgement{Failure: p.kind, Wait: p.wait}
			}
			return Judgement{Failure: Unclear}
		},
		Explain: func(err error, _ Call) error {
			if errors.Is(err, errBroken) && p.kind == Refused {
				h.Trouble("token", "it is refused")
			}
			return err
		},
		Platform: "It", Trouble: h.Trouble,
	}
	c.Well = func(what Call) {
		h.Trouble("token", "")
		if !what.Exempt {
			c.NoteHealthy()
		}
	}
	t.Cleanup(
		c.Probe(context.WithoutCancel(t.Context()), ProbeEvery, Call{Method: "test", Longest: LongestProbePause},
			p.call))
	return c, func() bot.Phase {
		synctest.Wait()
		mu.Lock()
		defer mu.Unlock()
		return now
	}
}

// TestProbe checks that an outage and its end are noticed within a minute without other
// calls, and that probes are not frequent.
func TestProbe(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		kind  Failure
		hangs bool
	}{
		"the token is revoked": {Refused, false},
		"it fails":             {NotDone, false},
		"a gateway fails":      {Unclear, false},
		"it never responds":    {Unclear, true},
		"it limits the rate":   {RateLimited, false},
		"after two hours":      {Refused, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p := &platform{kind: c.kind}
				_, phase := kept(t, p)
				time.Sleep(2*time.Hour + 7*time.Second)
				if n := len(p.asked()); n < 60*2*2 || n > 60*2*4 {
					t.Errorf("asked %d times in two hours", n)
				}
				if phase() != bot.Ready {
					t.Errorf("without trouble the state is %s", phase())
				}
				p.set(!c.hangs, c.hangs)
				time.Sleep(time.Minute)
				if phase() != bot.Down {
					t.Errorf("after a minute the state is %s", phase())
				}
				before := len(p.asked())
				time.Sleep(time.Hour)
				if n := len(p.asked()) - before; n > 60*4 {
					t.Errorf("asked %d times in an hour of trouble", n)
				}
				all := p.asked()
				for i, at := range all[1:] {
					if at.Sub(all[i]) < ProbeEvery/8 {
						t.Errorf("asked again after %v", at.Sub(all[i]))
					}
				}
				p.set(false, false)
				time.Sleep(time.Minute)
				if phase() != bot.Ready {
					t.Errorf("a minute after the trouble the state is %s", phase())
				}
			})
		})
	}
}

// TestProbeBesideOthers checks that other successful calls replace probes, that a failed
// call causes a probe soon, and that one failure alone is not trouble.
func TestProbeBesideOthers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := &platform{kind: Unclear}
		c, phase := kept(t, p)
		good := func(context.Context) error { return nil }
		for range 1000 {
			time.Sleep(ProbeEvery / 3)
			if err := c.Do(t.Context(), Call{Method: "post"}, good); err != nil {
				t.Fatal(err)
			}
		}
		if n := len(p.asked()); n > 0 {
			t.Errorf("asked %d times beside calls that succeed", n)
		}
		fail := func(context.Context) error { return errBroken }
		if err := c.Do(t.Context(), Call{Method: "post"}, fail); !errors.Is(err, ErrUnclear) {
			t.Error(err)
		}
		time.Sleep(ProbeEvery / 2)
		if n := len(p.asked()); n != 1 || phase() != bot.Ready {
			t.Errorf("after one that fails it was asked %d times, and the state is %s", n, phase())
		}
		p.set(true, false)
		for range 200 { // at once
			_ = c.Do(t.Context(), Call{Method: "post"}, fail)
		}
		time.Sleep(ProbeEvery / 2)
		if n := len(p.asked()); n != 2 || phase() != bot.Down {
			t.Errorf("after many that fail it was asked %d times, and the state is %s", n, phase())
		}
	})
}

// TestProbeWaits checks that a platform that asks for a long pause is probed once a minute,
// so that trouble and its end are noticed, and that the pause is reported.
func TestProbeWaits(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := &platform{kind: RateLimited, wait: 10 * time.Minute, broken: true}
		c, phase := kept(t, p)
		time.Sleep(ProbeEvery * 3)
		if n := len(p.asked()); n != 1 || phase() != bot.Degraded {
			t.Errorf("asked %d times, and the state is %s", n, phase())
		}
		time.Sleep(9 * time.Minute)
		if n := len(p.asked()); n < 6 || n > 10 || phase() != bot.Down {
			t.Errorf("asked %d times, and the state is %s", n, phase())
		}
		for range 20 { // answers that are exempt from the pause
			_ = c.Do(t.Context(), Call{Method: "interaction", Exempt: true, Answer: true},
				func(context.Context) error { return nil })
			time.Sleep(ProbeEvery / 2)
			if phase() == bot.Down {
				t.Error("answers are delivered, and the state is down")
			}
		}
		p.set(false, false)
		time.Sleep(2 * time.Minute)
		if phase() != bot.Ready {
			t.Errorf("after the wait the state is %s", phase())
		}
	})
}

// TestStray checks that one failure alone, of any kind, changes no state.
func TestStray(t *testing.T) {
	t.Parallel()
	for _, kind := range []Failure{Refused, NotDone, RateLimited, Unclear} {
		synctest.Test(t, func(t *testing.T) {
			p := &platform{kind: kind}
			c, phase := kept(t, p)
			c.Explain = func(err error, _ Call) error { return err } // does not report the token
			time.Sleep(ProbeEvery * 10)
			p.set(true, false)
			before := len(p.asked())
			for len(p.asked()) == before {
				time.Sleep(time.Second)
			}
			p.set(false, false)
			for range 120 {
				if time.Sleep(time.Second); phase() != bot.Ready {
					t.Fatalf("after one failure of kind %d the state is %s", kind, phase())
				}
			}
		})
	}
}

// TestAnswers checks that a platform that accepts every call but answers stays down while
// they fail, and is ready again after the first delivered answer or when nobody has asked
// for a while.
func TestAnswers(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		kind   Failure
		places []string // in turn
		good   string   // a place where answers are delivered
		want   bot.Phase
	}{
		"unclear":                                {Unclear, []string{"a", "b"}, "", bot.Down},
		"not done":                               {NotDone, []string{"a", "b"}, "", bot.Down},
		"in the only place":                      {Unclear, []string{"a"}, "", bot.Down},
		"limited":                                {RateLimited, []string{"a", "b"}, "", bot.Down},
		"not a fault of the platform":            {Refused, []string{"a", "b"}, "", bot.Ready},
		"in one place, answers arrive in others": {Unclear, []string{"a"}, "z", bot.Ready},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p := &platform{kind: c.kind}
				caller, phase := kept(t, p)
				caller.Explain = func(err error, _ Call) error { return err }
				ask := func(place string, f func(context.Context) error) {
					_ = caller.Do(t.Context(), Call{Method: "post", Place: place, Answer: true, Life: 3 * time.Second},
						f)
				}
				fail := func(context.Context) error { return errBroken }
				well := func(context.Context) error { return nil }
				ask("a", well)
				time.Sleep(time.Hour)
				states := 0
				for i := range 100 {
					if ask(c.places[i%len(c.places)], fail); c.good != "" {
						ask(c.good, well)
					}
					time.Sleep(5 * time.Second)
					if i == 10 { // a minute later
						phase()
						states = p.states
					}
				}
				if got := phase(); got != c.want || p.states != states {
					t.Errorf("the state is %s; after the first minute it changed %d times", got, p.states-states)
				}
				if c.want != bot.Down {
					return
				}
				if ask("a", well); phase() != bot.Ready {
					t.Errorf("after an answer that arrived the state is %s", phase())
				}
				for range 10 {
					ask("a", fail)
					ask("b", fail)
					time.Sleep(5 * time.Second)
				}
				if phase() != bot.Down {
					t.Errorf("where answers fail once more the state is %s", phase())
				}
				if time.Sleep(answersFade + ProbeEvery*2); phase() != bot.Ready {
					t.Errorf("when nobody has asked for long the state is %s", phase())
				}
			})
		})
	}
}

// TestClock checks that a clock counts as off only if two responses agree, and that
// responses from a cache do not count.
func TestClock(t *testing.T) {
	t.Parallel()
	wrong := func(by time.Duration, age string) http.Header {
		h := http.Header{"Date": {time.Now().Add(by).UTC().Format(http.TimeFormat)}}
		if age != "" {
			h.Set("Age", age)
		}
		return h
	}
	for name, c := range map[string]struct {
		replies []http.Header
		want    string // the cause
	}{
		"right":                 {[]http.Header{wrong(0, ""), wrong(0, "")}, ""},
		"once":                  {[]http.Header{wrong(0, ""), wrong(12*time.Minute, ""), wrong(0, "")}, ""},
		"the first":             {[]http.Header{wrong(12*time.Minute, "")}, ""},
		"two that do not agree": {[]http.Header{wrong(12*time.Minute, ""), wrong(-30*time.Minute, "")}, ""},
		"twice":                 {[]http.Header{wrong(12*time.Minute, ""), wrong(12*time.Minute, "")}, CauseStale},
		"a little":              {[]http.Header{wrong(2*time.Minute, ""), wrong(2*time.Minute, "")}, CauseClock},
		"of a cache":            {[]http.Header{wrong(-12*time.Minute, "720"), wrong(-12*time.Minute, "720")}, ""},
		"set again": {
			[]http.Header{wrong(9*time.Minute, ""), wrong(9*time.Minute, ""), wrong(0, ""), wrong(0, "")}, "",
		},
	} {
		clock, i := &Clock{}, 0
		clock.Base = roundTrip(func(*http.Request) (*http.Response, error) {
			i++
			return &http.Response{StatusCode: http.StatusOK, Header: c.replies[i-1]}, nil
		})
		for range c.replies {
			if _, err := clock.RoundTrip(nil); err != nil {
				t.Fatal(err)
			}
		}
		got := ""
		clock.Tell("It", true, func(cause, why string) {
			if why != "" {
				got = cause
			}
		})
		if got != c.want {
			t.Errorf("%s: %q, not %q", name, got, c.want)
		}
	}
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// TestHealth checks the joined state of a connection and trouble with calls.
func TestHealth(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		connection bot.State
		troubles   []string
		want       bot.State
	}{
		{bot.State{Phase: bot.Connecting}, nil, bot.State{Phase: bot.Connecting}},
		{
			bot.State{Phase: bot.Connecting, Why: "moved"}, []string{"scope"},
			bot.State{Phase: bot.Connecting, Why: "moved"},
		},
		{bot.State{Phase: bot.Connecting}, []string{"down"}, bot.State{Phase: bot.Down, Why: "down!"}},
		{bot.State{Phase: bot.Ready}, nil, bot.State{Phase: bot.Ready}},
		{bot.State{Phase: bot.Ready}, []string{"scope"}, bot.State{Phase: bot.Degraded, Why: "scope!"}},
		{bot.State{Phase: bot.Ready}, []string{"scope", "down", "token"}, bot.State{Phase: bot.Down, Why: "token!"}},
		{
			bot.State{Phase: bot.Degraded, Why: "a shard"}, []string{"scope"},
			bot.State{Phase: bot.Degraded, Why: "a shard"},
		},
		{bot.State{Phase: bot.Degraded, Why: "a shard"}, []string{"down"}, bot.State{Phase: bot.Down, Why: "down!"}},
		{bot.State{Phase: bot.Down, Why: "cut"}, []string{"down"}, bot.State{Phase: bot.Down, Why: "cut"}},
		{bot.State{Phase: bot.Failed, Why: "end"}, []string{"down"}, bot.State{Phase: bot.Failed, Why: "end"}},
	} {
		var got []bot.State
		h := &Health{Mutes: []string{"token", "down"}, Report: func(s bot.State) { got = append(got, s) }}
		for _, cause := range c.troubles {
			h.Trouble(cause, cause+"!")
		}
		h.Connection(c.connection.Phase, c.connection.Why)
		if last := got[len(got)-1]; last != c.want {
			t.Errorf("%v with %v is %v, not %v", c.connection, c.troubles, last, c.want)
		}
		for _, cause := range c.troubles {
			h.Trouble(cause, "")
		}
		if last := got[len(got)-1]; last != c.connection {
			t.Errorf("%v without %v is %v", c.connection, c.troubles, last)
		}
	}
}
