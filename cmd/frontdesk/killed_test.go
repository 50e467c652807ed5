package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"frontdesk/adapters/adaptertest"
	"frontdesk/config"
)

// TestKilled kills the program three times while it is asked, and checks that what it
// acknowledged is answered once after the next start. BenchmarkKilled does so 50 times for
// each engine.
func TestKilled(t *testing.T) {
	t.Parallel()
	k := killed(t, filepath.Join(t.TempDir(), "store.db"), 3, 40)
	if k.twice > 0 || k.lost > k.unclear+k.missed {
		t.Errorf("%+v", k)
	}
}

// BenchmarkKilled asks 200 questions a second of a program that is killed again and again,
// and prints how many of those that it acknowledged were answered once, twice and never, of
// how many it is unclear whether Slack has the answer, and how many changes the store was too
// slow for, so that they are not recorded. For 50 kills:
//
//	go test -run '^$' -bench Killed -benchtime 50x -timeout 30m ./cmd/frontdesk
func BenchmarkKilled(b *testing.B) {
	eachStore(b, func(b *testing.B, store string) {
		if store == config.Off {
			b.Skip("without a store, what is in flight is lost")
		}
		k := killed(b, store, b.N, loadRate)
		k.report(b)
	})
}

func (k killing) report(b *testing.B) {
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(float64(k.acknowledged), "acknowledged")
	b.ReportMetric(float64(k.acknowledged-k.lost), "answered")
	b.ReportMetric(float64(k.lost), "never")
	b.ReportMetric(float64(k.twice), "twice")
	b.ReportMetric(float64(k.unclear), "unclear")
	b.ReportMetric(float64(k.missed), "not-recorded")
	b.ReportMetric(k.slowest.Seconds(), "slowest-s")
}

// eachStore runs a benchmark without a store, with a new one in a file, and with the PostgreSQL
// whose address TEST_POSTGRES has.
func eachStore(b *testing.B, run func(b *testing.B, store string)) {
	b.Run("off", func(b *testing.B) { run(b, config.Off) })
	b.Run("sqlite", func(b *testing.B) { run(b, filepath.Join(b.TempDir(), "store.db")) })
	b.Run("postgres", func(b *testing.B) {
		address := os.Getenv("TEST_POSTGRES")
		if address == "" {
			b.Skip("TEST_POSTGRES has no address")
		}
		run(b, address)
	})
}

// killing is what became of the questions while the program was killed.
type killing struct {
	acknowledged, lost, twice int
	unclear, missed           int // as the metrics say
	slowest                   time.Duration
}

// killed kills the program so many times while it is asked rate questions a second.
func killed(t testing.TB, store string, times, rate int) (k killing) {
	t.Helper()
	a := newAsking(t, store)
	defer a.cancel()
	p := a.start()
	stop := a.begin(rate)
	for range times {
		time.Sleep(300 * time.Millisecond) // of asking
		k.count(t, p)
		if err := p.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		<-p.ended
		p = a.start()
	}
	stop()
	k.settle(a, p, true)
	if err := p.terminate(); err != nil {
		t.Error(err)
	}
	return k
}

// asking asks a program over HTTP. As Slack does, it sends a question again until it is
// acknowledged.
type asking struct {
	t       testing.TB
	fake    *adaptertest.Slack
	env     []string
	ctx     context.Context
	cancel  context.CancelFunc
	client  *http.Client
	address atomic.Value // string

	mu           sync.Mutex
	acknowledged map[string]time.Time // by time of the question
}

func newAsking(t testing.TB, store string) *asking {
	t.Helper()
	fake := startSlack(t)
	a := &asking{
		t: t, fake: fake, env: slackEnv(fake.API(), "FRONTDESK_SLACK_TRANSPORT=http", "FRONTDESK_STORE="+store,
			"FRONTDESK_LOG_LEVEL=info"),
		client:       &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 50}, Timeout: 3 * time.Second},
		acknowledged: map[string]time.Time{},
	}
	a.ctx, a.cancel = context.WithCancel(t.Context())
	return a
}

// start starts the program that is asked.
func (a *asking) start() *process {
	p := startProcess(a.t, a.env, "run")
	a.address.Store(p.public())
	p.await(`adapter=slack state=ready`)
	return p
}

// begin asks rate questions a second until stop is called, which waits until all are acknowledged.
func (a *asking) begin(rate int) (stop func()) {
	var all sync.WaitGroup
	sending, end := context.WithCancel(a.ctx)
	all.Go(func() {
		tick := time.NewTicker(time.Second / time.Duration(rate))
		defer tick.Stop()
		for i := 0; sending.Err() == nil; i++ {
			<-tick.C
			all.Go(func() { a.ask(i) })
		}
	})
	return func() {
		end()
		all.Wait()
	}
}

func (a *asking) ask(i int) {
	ts := fmt.Sprintf("%d.%06d", time.Now().Unix(), i)
	body := slackMention(fmt.Sprint("Ev", i), fmt.Sprint("C", i), ts, "who handles forced labor cases?")
	for a.ctx.Err() == nil {
		r, err := adaptertest.SlackRequest(a.address.Load().(string)+"/slack/events", "events_api", body)
		if err != nil {
			a.t.Error(err)
			return
		}
		response, err := a.client.Do(r)
		if err == nil {
			_, _ = io.Copy(io.Discard, response.Body)
			response.Body.Close()
			if response.StatusCode == http.StatusOK {
				a.mu.Lock()
				defer a.mu.Unlock()
				a.acknowledged[ts] = time.Now()
				return
			}
		}
		time.Sleep(20 * time.Millisecond) // as for a retry
	}
}

// settle waits until the answers are there, or the metrics say why not, and counts them.
func (k *killing) settle(a *asking, p *process, unclear bool) {
	posted := func() map[string]int {
		list := map[string]int{}
		for _, m := range a.fake.Messages("") {
			list[m.Thread]++
		}
		return list
	}
	deadline := time.Now().Add(20 * time.Second)
	for {
		got := posted()
		k.lost, k.twice = 0, 0
		for ts := range a.acknowledged {
			switch n := got[ts]; {
			case n == 0:
				k.lost++
			case n > 1:
				k.twice++
			}
		}
		if time.Now().After(deadline) || k.lost == 0 || unclear && k.accounted(a.t, p) {
			k.count(a.t, p)
			break
		}
		time.Sleep(50 * time.Millisecond)
	}
	k.acknowledged = len(a.acknowledged)
	for _, m := range a.fake.Messages("") {
		if at, ok := a.acknowledged[m.Thread]; ok {
			k.slowest = max(k.slowest, m.At.Sub(at))
		}
	}
}

// count adds what the metrics of a process say.
func (k *killing) count(t testing.TB, p *process) {
	t.Helper()
	metrics := metricsOf(t, p)
	k.unclear += valueOf(t, metrics, unclearMetric)
	k.missed += valueOf(t, metrics, missedMetric)
}

// accounted reports whether the questions without an answer are unclear or not recorded.
func (k killing) accounted(t testing.TB, p *process) bool {
	t.Helper()
	k.count(t, p)
	return k.lost <= k.unclear+k.missed
}

var (
	unclearMetric = regexp.MustCompile(`(?m)^frontdesk_incidents_total\{adapter="slack",incident="unclear"\} (\d+)`)
	missedMetric  = regexp.MustCompile(`(?m)^frontdesk_store_missed_total (\d+)`)
)

func metricsOf(t testing.TB, p *process) []byte {
	t.Helper()
	response, err := http.Get(p.private() + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	data, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// valueOf is the value of a metric, 0 if it is not there.
func valueOf(t testing.TB, metrics []byte, line *regexp.Regexp) int {
	t.Helper()
	found := line.FindSubmatch(metrics)
	if found == nil {
		return 0
	}
	n, err := strconv.Atoi(string(found[1]))
	if err != nil {
		t.Fatal(err)
	}
	return n
}
