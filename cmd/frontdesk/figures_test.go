package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"frontdesk/adapters/adaptertest"
	"frontdesk/bot"
	"frontdesk/knowledge"
)

// soak is how long the load of BenchmarkFigures/soak lasts.
var soak = flag.Duration("soak", 20*time.Second, "how long the mixed load of BenchmarkFigures lasts")

// BenchmarkFigures prints the program's figures in service: start time, size, how soon a
// saved knowledge file is used and how that affects latency, and memory over half an
// hour of mixed load. To run all of it:
//
//	go test -run '^$' -bench Figures -benchtime 1x -timeout 60m ./cmd/frontdesk -soak 30m
func BenchmarkFigures(b *testing.B) {
	program := built(b)
	b.Run("start", func(b *testing.B) { benchmarkStart(b, program) })
	b.Run("idle", func(b *testing.B) { benchmarkIdle(b, true) })
	b.Run("reload", func(b *testing.B) { benchmarkReload(b, program) })
	b.Run("reload-15000", benchmarkBigReload)
	b.Run("soak", func(b *testing.B) { benchmarkSoak(b, program) })
}

// benchmarkStart prints the time from the start of the process until /readyz says ready,
// with Slack and Discord, and the size of the program.
func benchmarkStart(b *testing.B, program string) {
	took := starts(b, program)
	info, err := os.Stat(program)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(quantile(took, 0.5), "ready-p50-ms")
	b.ReportMetric(quantile(took, 0), "ready-min-ms")
	b.ReportMetric(float64(info.Size())/1e6, "binary-MB")
}

// starts starts the program several times and returns how long each takes until it is ready.
func starts(b *testing.B, program string, more ...string) (took []time.Duration) {
	const tries = 15
	fake, err := adaptertest.StartDiscord()
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(fake.Close)
	env := slackEnv(startSlack(b).API(), append(discordEnv(fake), more...)...)
	for range tries {
		start := time.Now()
		p := startProcessOf(b, program, env, "run")
		address := p.private()
		for {
			if r, status := ready(b, address); status == http.StatusOK && r.Status == statusReady {
				break
			}
			time.Sleep(time.Millisecond)
		}
		took = append(took, time.Since(start))
		if err := p.terminate(); err != nil {
			b.Error(err)
		}
	}
	return took
}

// asker asks a running program over Discord's HTTP transport, whose answers come
// with the response.
type asker struct {
	b       *testing.B
	signer  *adaptertest.Discord
	client  *http.Client
	address string

	asked int // questions so far, so that each gets its own id

	mu     sync.Mutex
	took   []time.Duration
	failed int
}

func newAsker(b *testing.B) *asker {
	signer, err := adaptertest.StartDiscord() // has the same key as the stand-in
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(signer.Close)
	return &asker{b: b, signer: signer,
		client: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: loadChannels}}}
}

func (a *asker) ask(i int, question string) { a.askWith(i, question, nil) }

// askWith asks as a member with these roles; with any, the answer is private.
func (a *asker) askWith(i int, question string, roles []string) {
	held, err := json.Marshal(append([]string{}, roles...))
	if err != nil {
		a.b.Error(err)
		return
	}
	body := fmt.Sprintf(`{"id":"%d","application_id":"1","type":2,"token":"t%d","channel_id":"%d",`+
		`"channel":{"id":"%d","type":0},"guild_id":"%d","app_permissions":"16384","member":{"user":{"id":"%d"},`+
		`"roles":%s},"data":{"name":"ask","type":1,"options":[{"name":"question","type":3,"value":%q},`+
		`{"name":"private","type":5,"value":%t}]}}`,
		1000+i, i, i%loadChannels, i%loadChannels, i%20, i%5000, held, question, len(roles) > 0)
	r, err := a.signer.Request(a.address, time.Now(), body)
	if err != nil {
		a.b.Error(err)
		return
	}
	at := time.Now()
	response, err := a.client.Do(r)
	if err == nil {
		_, err = io.Copy(io.Discard, response.Body)
		_ = response.Body.Close()
	}
	took := time.Since(at)
	a.mu.Lock()
	defer a.mu.Unlock()
	if err != nil || response.StatusCode != http.StatusOK {
		if a.failed++; a.failed == 1 {
			a.b.Logf("the first failure: %v %v", response, err)
		}
		return
	}
	a.took = append(a.took, took)
}

// during asks 200 questions a second until stop is closed, and returns the latency of
// each, including the loopback network.
func (a *asker) during(questions []string, stop <-chan struct{}) []time.Duration {
	a.took, a.failed = nil, 0
	var all sync.WaitGroup
	start := time.Now()
	for i := 0; ; i++ {
		select {
		case <-stop:
			all.Wait()
			if a.failed > 0 {
				a.b.Errorf("%d questions were not answered", a.failed)
			}
			return a.took
		case <-time.After(time.Until(start.Add(time.Duration(i) * time.Second / loadRate))):
		}
		n := a.asked
		a.asked++
		all.Go(func() { a.ask(n, questions[n%len(questions)]) })
	}
}

// benchmarkReload prints how soon a saved file is used, and the program's latency at 200
// questions a second during reloads and otherwise; and the latency during reloads as the
// client sees it, with the loopback network and one core left for the client.
func benchmarkReload(b *testing.B, program string) {
	const saves = 10
	a := newAsker(b)
	inputs, err := knowledge.Open("")
	if err != nil {
		b.Fatal(err)
	}
	file := filepath.Join(b.TempDir(), "acme.yaml")
	put(b, file, string(inputs[0].Data))
	p := startProcessOf(b, program, []string{
		"DISCORD_API_URL=" + a.signer.API(), "DISCORD_BOT_TOKEN=" + adaptertest.DiscordToken,
		"DISCORD_PUBLIC_KEY=" + a.signer.PublicKey(),
		"FRONTDESK_DISCORD_TRANSPORT=http", "FRONTDESK_HTTP_ADDR=127.0.0.1:0", "FRONTDESK_PRIVATE_ADDR=127.0.0.1:0",
		"FRONTDESK_LOG_FORMAT=text", "FRONTDESK_KNOWLEDGE=" + file,
	}, "run")
	p.await("state=ready")
	a.address = p.public() + "/discord/interactions"
	address, questions := p.private(), exampleQuestions(b)

	quiet := make(chan struct{})
	time.AfterFunc(3*time.Second, func() { close(quiet) })
	a.during(questions, quiet)
	before := p.replies(0)
	var seen []time.Duration
	stop := make(chan struct{})
	go func() {
		defer close(stop)
		for i := range saves {
			last, _ := ready(b, address)
			put(b, file, string(inputs[0].Data)+fmt.Sprintf("# save %d\n", i))
			saved := time.Now()
			for {
				if r, _ := ready(b, address); r.Knowledge.Version != last.Knowledge.Version {
					break
				}
				time.Sleep(5 * time.Millisecond)
			}
			seen = append(seen, time.Since(saved))
		}
	}()
	outside := a.during(questions, stop)
	meanwhile := p.replies(len(before))
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(quantile(seen, 0.5), "seen-p50-ms")
	b.ReportMetric(quantile(seen, 1), "seen-max-ms")
	b.ReportMetric(quantile(before, 0.99), "quiet-p99-ms")
	b.ReportMetric(quantile(meanwhile, 0.5), "meanwhile-p50-ms")
	b.ReportMetric(quantile(meanwhile, 0.99), "meanwhile-p99-ms")
	b.ReportMetric(quantile(outside, 0.99), "meanwhile-p99-ms-with-network")
}

// replies lists the latencies in the program's log, without the first from ones.
func (p *process) replies(from int) []time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	var took []time.Duration
	for _, line := range p.lines {
		if _, rest, ok := strings.Cut(line, "msg=replied"); ok {
			_, text, _ := strings.Cut(rest, "took=")
			d, err := time.ParseDuration(text)
			if err != nil {
				p.t.Error(err)
			}
			took = append(took, d)
		}
	}
	return took[from:]
}

// benchmarkBigReload prints the desk's latency while a file with 15,000 example questions
// is loaded in the background, and otherwise.
func benchmarkBigReload(b *testing.B) {
	inputs := bigFile(15_000)
	e, problems := knowledge.NewSnapshot(inputs, knowledge.Fast)
	if err := problems.Err(); err != nil {
		b.Fatal(err)
	}
	desk := &bot.Desk{Base: e.For}
	questions := e.For("").Questions()
	ask := func(stop <-chan struct{}) (took []time.Duration) {
		for i := 0; ; i++ {
			select {
			case <-stop:
				return took
			case <-time.After(2 * time.Millisecond):
			}
			start := time.Now()
			desk.Answer(b.Context(), bot.Question{Text: questions[i%len(questions)]})
			took = append(took, time.Since(start))
		}
	}
	quiet := make(chan struct{})
	time.AfterFunc(3*time.Second, func() { close(quiet) })
	before := ask(quiet)
	built := make(chan struct{})
	start := time.Now()
	go func() {
		defer close(built)
		if _, problems := knowledge.NewSnapshot(inputs, knowledge.Beside); problems.Err() != nil {
			b.Error(problems)
		}
	}()
	meanwhile := ask(built)
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(float64(time.Since(start).Milliseconds()), "build-ms")
	for name, q := range map[string]float64{"p50": 0.5, "p99": 0.99} {
		b.ReportMetric(quantile(before, q)*1e3, "quiet-"+name+"-µs")
		b.ReportMetric(quantile(meanwhile, q)*1e3, "meanwhile-"+name+"-µs")
		b.ReportMetric(quantile(meanwhile, q)/quantile(before, q), name+"-ratio")
	}
}

// bigFile is a knowledge file with n example questions for 150 divisions.
func bigFile(n int) []knowledge.Input {
	const divisions = 150
	rnd := rand.New(rand.NewPCG(1, 2))
	words := make([]string, 6000)
	for i := range words {
		for range 2 + rnd.IntN(3) {
			words[i] += string("bdfgklmnprstv"[rnd.IntN(13)]) + string("aeiou"[rnd.IntN(5)])
		}
	}
	var f strings.Builder
	f.WriteString("version: 1\ndivisions:\n")
	for d := range divisions {
		fmt.Fprintf(&f, "  - id: d%d\n    name: Division %s\n    questions:\n", d, words[d])
		for range n / divisions {
			f.WriteString("      - who can help me with")
			for range 5 {
				w := rnd.IntN(len(words))
				if rnd.IntN(2) == 0 { // the division's own
					w = d*40 + w%40
				}
				f.WriteString(" " + words[w])
			}
			f.WriteString("\n")
		}
	}
	return []knowledge.Input{{Name: "big.yaml", Data: []byte(f.String())}}
}

// benchmarkSoak asks 200 questions a second, half in Slack and half in Discord, and
// samples the memory ten times. The live heap is half of the size at which the next
// collection starts.
func benchmarkSoak(b *testing.B, program string) {
	const looks = 10
	standIn := startStandIn(b, "slackstand-in")
	a := newAsker(b)
	p := startProcessOf(b, program, slackEnv(standIn.api,
		"DISCORD_API_URL="+a.signer.API(), "DISCORD_BOT_TOKEN="+adaptertest.DiscordToken,
		"DISCORD_PUBLIC_KEY="+a.signer.PublicKey(), "FRONTDESK_DISCORD_TRANSPORT=http",
		"FRONTDESK_SLACK_TRANSPORT=http", "FRONTDESK_LOG_LEVEL=info"), "run")
	p.await("adapter=discord state=ready")
	p.await("adapter=slack state=ready")
	server := p.public()
	a.address = server + "/discord/interactions"
	address, questions := p.private(), exampleQuestions(b)

	var slackFailed atomic.Int64
	event := func(i int) {
		ts := fmt.Sprintf("1780000000.%06d", i)
		r, err := adaptertest.SlackRequest(server+"/slack/events", "events_api",
			slackMention(fmt.Sprint("Ev", i), fmt.Sprint("C", i%loadChannels), ts, questions[i%len(questions)]))
		if err != nil {
			b.Error(err)
			return
		}
		response, err := a.client.Do(r)
		if err != nil || response.StatusCode != http.StatusOK {
			slackFailed.Add(1)
		}
		if err == nil {
			_, _ = io.Copy(io.Discard, response.Body)
			_ = response.Body.Close()
		}
	}
	b.Logf("%8s %10s %10s %10s", "after", "heap MB", "RSS MB", "goroutines")
	var heap, goroutines []float64
	var all sync.WaitGroup
	start, next, i := time.Now(), *soak/looks, 0
	for ; time.Since(start) < *soak; i++ {
		time.Sleep(time.Until(start.Add(time.Duration(i) * time.Second / loadRate)))
		n := i
		if n%2 == 0 {
			all.Go(func() { event(n) })
		} else {
			all.Go(func() { a.ask(n, questions[n%len(questions)]) })
		}
		if time.Since(start) >= next {
			all.Go(func() {
				body, _ := get(b, address+pathMetrics)
				heap = append(heap, metric(b, body, "go_memstats_next_gc_bytes")/2e6)
				goroutines = append(goroutines, metric(b, body, "go_goroutines"))
				b.Logf("%8s %10.2f %10.1f %10.0f", time.Since(start).Round(time.Second), heap[len(heap)-1],
					resident(p.Process.Pid), goroutines[len(goroutines)-1])
			})
			next += *soak / looks
		}
	}
	all.Wait()
	memory := resident(p.Process.Pid)
	if err := p.terminate(); err != nil {
		b.Error(err)
	}
	_ = standIn.in.Close()
	posted := 0
	for standIn.out.Scan() {
		if strings.HasPrefix(standIn.out.Text(), "wrong") {
			b.Errorf("Slack would refuse: %s", standIn.out.Text())
			continue
		}
		posted++
	}
	if lost := (i+1)/2 - posted; lost != 0 || a.failed > 0 || slackFailed.Load() > 0 {
		b.Errorf("of %d questions, %d of Slack's were lost or answered twice, %d not acknowledged; %d of "+
			"Discord's failed", i, lost, slackFailed.Load(), a.failed)
	}
	third := len(heap) / 3
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(float64(i), "questions")
	b.ReportMetric(quantile(a.took, 0.99), "answer-p99-ms")
	b.ReportMetric(heap[third], "heap-after-a-third-MB")
	b.ReportMetric(heap[len(heap)-1], "heap-at-the-end-MB")
	b.ReportMetric(goroutines[third], "goroutines-after-a-third")
	b.ReportMetric(goroutines[len(goroutines)-1], "goroutines-at-the-end")
	b.ReportMetric(memory, "MB")
}

// metric is the value of a metric without labels.
func metric(b *testing.B, body, name string) float64 {
	for line := range strings.Lines(body) {
		if rest, ok := strings.CutPrefix(line, name+" "); ok {
			v, err := strconv.ParseFloat(strings.TrimSpace(rest), 64)
			if err != nil {
				b.Error(err)
			}
			return v
		}
	}
	b.Errorf("there is no metric %s", name)
	return 0
}
