package main

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

const (
	hostileClients = 1000
	hostileTime    = 8 * time.Second // of each attack
	genuineEvery   = 50 * time.Millisecond
	platformWaits  = 3 * time.Second // for an answer
	mixed          = "mixed"         // all attacks at once
)

// looksSigned is a request's head as Slack sends it, with an invalid signature.
func looksSigned(length int) string {
	return fmt.Sprintf("POST /slack/events HTTP/1.1\r\nHost: desk\r\nContent-Type: application/json\r\n"+
		"X-Slack-Request-Timestamp: %d\r\nX-Slack-Signature: v0=%s\r\nContent-Length: %d\r\n\r\n",
		time.Now().Unix(), strings.Repeat("ab", 32), length)
}

// attacks are what hostile clients send before they go silent, until they are
// disconnected.
var attacks = map[string]func() string{
	"silent": func() string { return "" },
	"announce": func() string {
		return "POST /slack/events HTTP/1.1\r\nHost: desk\r\nContent-Length: 4000000\r\n\r\n"
	},
	"chunked": func() string {
		chunk := "Transfer-Encoding: chunked\r\n\r\nfffff\r\n" + strings.Repeat("x", 1<<20-2)
		return strings.Replace(looksSigned(1), "Content-Length: 1\r\n\r\n", chunk, 1)
	},
	"bodies": func() string { return looksSigned(1_200_000) + strings.Repeat("x", 1_200_000-1) },
	"small":  func() string { return looksSigned(30_000) + strings.Repeat("x", 30_000-1) },
	"lines": func() string {
		var b strings.Builder
		b.WriteString("POST /slack/events HTTP/1.1\r\n")
		for i := range 10_000 {
			fmt.Fprintf(&b, "%x:\n", i)
		}
		return b.String()
	},
	"few-lines": func() string {
		var b strings.Builder
		b.WriteString("POST /slack/events HTTP/1.1\r\n")
		for i := range 98 {
			fmt.Fprintf(&b, "%d: %s\r\n", i, strings.Repeat("x", 75))
		}
		return b.String()
	},
	"path": func() string { return "POST /" + strings.Repeat("%41", 2600) + " HTTP/1.1\r\nHost:" },
	"elsewhere": func() string {
		return "POST /nowhere?a;b HTTP/1.1\r\nHost: desk\r\nContent-Length: 200000\r\n\r\n"
	},
	"options": func() string { return "OPTIONS * HTTP/1.1\r\nHost: desk\r\nContent-Length: 200000\r\n\r\n" },
	"expect": func() string {
		return strings.Replace(looksSigned(1_200_000), "\r\n\r\n", "\r\nExpect: 100-continue\r\n\r\n", 1)
	},
}

// hostile runs 1,000 clients as a process. It reads the kind of attack and the address,
// and prints at the end of its input how many connections the clients made.
func hostile() {
	fmt.Println("ready")
	var kind, address string
	_, _ = fmt.Scan(&kind, &address)
	var texts []string
	for name, text := range attacks {
		if name == kind || kind == mixed {
			texts = append(texts, text())
		}
	}
	var connections atomic.Int64
	for i := range hostileClients {
		go func() {
			for {
				hold(address, texts[i%len(texts)])
				connections.Add(1)
			}
		}()
	}
	_, _ = io.Copy(io.Discard, os.Stdin)
	fmt.Println(connections.Load())
	os.Exit(0)
}

// hold connects, sends a text and waits until the server closes the connection.
func hold(address, text string) {
	c, err := net.DialTimeout("tcp", address, time.Second)
	if err != nil {
		return
	}
	defer c.Close()
	_, _ = io.WriteString(c, text) // the server may close the connection first
	_, _ = io.Copy(io.Discard, c)
}

// BenchmarkHostile prints the program's memory before and while 1,000 clients hold
// connections open, in several ways, and reconnect when they are disconnected; and the
// latency of signed requests meanwhile, each over a new connection.
//
//	go test -run '^$' -bench Hostile -benchtime 1x ./cmd/frontdesk
func BenchmarkHostile(b *testing.B) {
	program := built(b)
	for name := range attacks {
		b.Run(name, func(b *testing.B) { benchmarkHostile(b, program, name) })
	}
	b.Run(mixed, func(b *testing.B) { benchmarkHostile(b, program, mixed) })
	b.Run("private", func(b *testing.B) { benchmarkHostilePrivate(b, program) })
}

func benchmarkHostile(b *testing.B, program, kind string) {
	fake := startStandIn(b, "slackstand-in")
	a := newAsker(b)
	p := startProcessOf(b, program, slackEnv(fake.api,
		discordEnv(a.signer, "FRONTDESK_DISCORD_TRANSPORT=http", "FRONTDESK_SLACK_TRANSPORT=http",
			"FRONTDESK_LOG_LEVEL=info")...), "run")
	p.await("adapter=discord state=ready")
	p.await("adapter=slack state=ready")
	address := p.await(`msg=listening for=FRONTDESK_HTTP_ADDR address=(\S+)`)[1]
	a.address = "http://" + address + "/discord/interactions"
	a.client = &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: platformWaits}
	questions := exampleQuestions(b)
	for i := range 200 { // so that the memory before is that of a warm program
		a.ask(a.asked, questions[i%len(questions)])
		a.asked++
	}
	before, bytes := resident(p.Process.Pid), len(p.output())
	a.took, a.failed = nil, 0

	attackers := startStandIn(b, "hostile")
	fmt.Fprintln(attackers.in, kind, address)
	var all sync.WaitGroup
	peak := before
	for end := time.Now().Add(hostileTime); time.Now().Before(end); time.Sleep(genuineEvery) {
		n := a.asked
		a.asked++
		all.Go(func() { a.ask(n, questions[n%len(questions)]) })
		peak = max(peak, resident(p.Process.Pid))
	}
	all.Wait()
	attackers.in.Close()
	attackers.out.Scan()
	connections, err := strconv.Atoi(attackers.out.Text())
	if err != nil {
		b.Error(err)
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(before, "before-MB")
	b.ReportMetric(peak-before, "more-MB")
	b.ReportMetric(quantile(a.took, 0.5), "answer-p50-ms")
	b.ReportMetric(quantile(a.took, 0.99), "answer-p99-ms")
	b.ReportMetric(float64(len(a.took)), "answered")
	b.ReportMetric(float64(a.failed), "lost")
	b.ReportMetric(float64(connections)/hostileTime.Seconds(), "connections/s")
	b.ReportMetric(float64(len(p.output())-bytes)/hostileTime.Seconds()/1e3, "log-kB/s")
}

// benchmarkHostilePrivate does the same at the private address, with requests for
// /healthz.
func benchmarkHostilePrivate(b *testing.B, program string) {
	p := startProcessOf(b, program, slackEnv(startSlack(b).API()), "run")
	p.await("adapter=slack state=ready")
	address := strings.TrimPrefix(p.private(), "http://")
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: platformWaits}
	before := resident(p.Process.Pid)
	attackers := startStandIn(b, "hostile")
	fmt.Fprintln(attackers.in, "silent", address)
	var took []time.Duration
	lost, peak := 0, before
	for end := time.Now().Add(hostileTime); time.Now().Before(end); time.Sleep(genuineEvery) {
		at := time.Now()
		response, err := client.Get("http://" + address + pathHealth)
		if err != nil {
			lost++
			continue
		}
		_ = response.Body.Close()
		took = append(took, time.Since(at))
		peak = max(peak, resident(p.Process.Pid))
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(peak-before, "more-MB")
	b.ReportMetric(quantile(took, 0.5), "answer-p50-ms")
	b.ReportMetric(quantile(took, 0.99), "answer-p99-ms")
	b.ReportMetric(float64(len(took)), "answered")
	b.ReportMetric(float64(lost), "lost")
}

// BenchmarkRefused prints how many unsigned requests a second the program rejects, the
// size of its log, and its memory.
//
//	go test -run '^$' -bench Refused -benchtime 1x ./cmd/frontdesk
func BenchmarkRefused(b *testing.B) {
	fake := startStandIn(b, "slackstand-in")
	env := slackEnv(fake.api, "FRONTDESK_SLACK_TRANSPORT=http", "FRONTDESK_LOG_LEVEL=info")
	p := startProcessOf(b, built(b), env, "run")
	p.await("adapter=slack state=ready")
	address := p.public() + "/slack/events"
	before, bytes := resident(p.Process.Pid), len(p.output())
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: refusedAtOnce}}
	var refused, failed atomic.Int64
	var all sync.WaitGroup
	end := time.Now().Add(hostileTime)
	for range refusedAtOnce {
		all.Go(func() {
			for time.Now().Before(end) {
				response, err := client.Post(address, "application/json",
					strings.NewReader(`{"type":"event_callback"}`))
				if err != nil || response.StatusCode != http.StatusUnauthorized {
					failed.Add(1)
				} else {
					refused.Add(1)
				}
				if err == nil {
					_, _ = io.Copy(io.Discard, response.Body)
					_ = response.Body.Close()
				}
			}
		})
	}
	all.Wait()
	memory, log := resident(p.Process.Pid), p.output()[bytes:]
	body, _ := get(b, p.private()+pathMetrics)
	want := fmt.Sprintf("%s{adapter=\"slack\",reason=\"headers\"} %d\n", refusedName, refused.Load())
	if failed.Load() == 0 && !strings.Contains(body, want) {
		b.Errorf("no %s in\n%s", want, body)
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(float64(refused.Load())/hostileTime.Seconds(), "refused/s")
	b.ReportMetric(float64(failed.Load()), "failed")
	b.ReportMetric(float64(len(log)), "log-bytes")
	b.ReportMetric(float64(strings.Count(strings.TrimSpace(log), "\n")+1), "log-lines")
	b.ReportMetric(memory-before, "more-MB")
}

// refusedAtOnce is how many clients send unsigned requests.
const refusedAtOnce = 32
