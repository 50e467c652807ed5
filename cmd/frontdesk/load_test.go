package main

import (
	"bufio"
	"fmt"
	"io"
	"math"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"frontdesk/adapters/adaptertest"
	"frontdesk/knowledge"
)

// slackStandIn is the stand-in for Slack in a process of its own. It prints its
// address, and at the end of its input when each message was posted to which
// thread.
func slackStandIn() {
	fake, err := adaptertest.StartSlack()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println(fake.API())
	_, _ = io.Copy(io.Discard, os.Stdin)
	out := bufio.NewWriter(os.Stdout)
	for _, m := range fake.Messages("") {
		fmt.Fprintln(out, m.Thread, m.At.UnixNano())
	}
	for _, wrong := range fake.Wrong() {
		fmt.Fprintln(out, "wrong", wrong)
	}
	out.Flush()
	os.Exit(0)
}

// standIn is that process.
type standIn struct {
	api  string
	in   io.Closer
	out  *bufio.Scanner
	exec *exec.Cmd
}

func startStandIn(b *testing.B, name string) *standIn {
	b.Helper()
	self, err := os.Executable()
	if err != nil {
		b.Fatal(err)
	}
	s := &standIn{exec: exec.Command(self)}
	s.exec.Args = []string{name}
	s.exec.Stderr = os.Stderr
	in, err := s.exec.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	out, err := s.exec.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := s.exec.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = s.exec.Process.Kill() })
	s.in, s.out = in, bufio.NewScanner(out)
	if !s.out.Scan() {
		b.Fatal("the stand-in does not start")
	}
	s.api = s.out.Text()
	return s
}

// built is the program as it is delivered: the test binary has the tests as
// well, and their libraries.
func built(b *testing.B) string {
	b.Helper()
	path := filepath.Join(b.TempDir(), "frontdesk")
	if out, err := exec.Command("go", "build", "-trimpath", "-ldflags=-s -w", "-o", path, ".").CombinedOutput(); err != nil {
		b.Fatalf("build the program: %v\n%s", err, out)
	}
	return path
}

// loadRate is how many questions a second come under load; loadChannels is over
// how many channels they are spread.
const (
	loadRate     = 200
	loadChannels = 200
)

// BenchmarkSlackLoad brings b.N questions over HTTP, 200 a second, and prints
// how soon they are acknowledged and answered, how many are lost or answered
// twice, and what memory the program takes. For a minute of it:
//
//	go test -run '^$' -bench SlackLoad -benchtime 12000x ./cmd/frontdesk
func BenchmarkSlackLoad(b *testing.B) {
	fake := startStandIn(b, "slackstand-in")
	p := startProcessOf(b, built(b), slackEnv(fake.api, "FRONTDESK_SLACK_TRANSPORT=http", "FRONTDESK_LOG_LEVEL=info"), "run")
	address := "http://" + p.await(`msg=listening address=(\S+)`)[1] + "/slack/events"
	questions := exampleQuestions(b)
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: loadChannels}}
	waitReady(b, client, address)

	var mu sync.Mutex
	sent := make(map[string]time.Time, b.N)
	acks := make([]time.Duration, 0, b.N)
	failed := 0
	var all sync.WaitGroup
	b.ResetTimer()
	start := time.Now()
	for i := range b.N {
		time.Sleep(time.Until(start.Add(time.Duration(i) * time.Second / loadRate)))
		all.Go(func() {
			ts := fmt.Sprintf("1780000000.%06d", i)
			r, err := adaptertest.SlackRequest(address, "events_api", slackMention(fmt.Sprint("Ev", i), fmt.Sprint("C", i%loadChannels), ts, questions[i%len(questions)]))
			if err != nil {
				b.Error(err)
				return
			}
			at := time.Now()
			response, err := client.Do(r)
			took := time.Since(at)
			ok := err == nil && response.StatusCode == http.StatusOK
			if err == nil {
				_, _ = io.Copy(io.Discard, response.Body)
				response.Body.Close()
			}
			mu.Lock()
			defer mu.Unlock()
			if !ok {
				failed++
				return
			}
			sent[ts] = at
			acks = append(acks, took)
		})
	}
	all.Wait()
	b.StopTimer()
	memory := resident(p.Process.Pid)
	if err := p.terminate(); err != nil {
		b.Error(err)
	}
	fake.in.Close()
	posted := map[string]int{}
	var answers []time.Duration
	for fake.out.Scan() {
		thread, at, _ := strings.Cut(fake.out.Text(), " ")
		if thread == "wrong" {
			b.Errorf("Slack would refuse: %s", at)
			continue
		}
		nanos, err := strconv.ParseInt(at, 10, 64)
		if err != nil {
			b.Fatal(err)
		}
		posted[thread]++
		answers = append(answers, time.Unix(0, nanos).Sub(sent[thread]))
	}
	lost, twice := 0, 0
	for ts := range sent {
		switch n := posted[ts]; {
		case n == 0:
			lost++
		case n > 1:
			twice++
		}
	}
	if failed+lost+twice > 0 {
		b.Errorf("%d not acknowledged, %d lost, %d answered twice; the program said:\n%s", failed, lost, twice, p.output())
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(quantile(acks, 0.5), "ack-p50-ms")
	b.ReportMetric(quantile(acks, 0.99), "ack-p99-ms")
	b.ReportMetric(quantile(answers, 0.5), "answer-p50-ms")
	b.ReportMetric(quantile(answers, 0.99), "answer-p99-ms")
	b.ReportMetric(float64(lost), "lost")
	b.ReportMetric(float64(twice), "twice")
	b.ReportMetric(memory, "MB")
}

// BenchmarkSlackIdle prints what memory the program takes in Socket Mode with
// nothing to do.
func BenchmarkSlackIdle(b *testing.B) {
	fake := startSlack(b)
	p := startProcessOf(b, built(b), slackEnv(fake.API()), "run")
	p.await("state=ready")
	fake.Await(b, "a connection", func() bool { return fake.Connections() == 1 })
	time.Sleep(2 * time.Second) // what the start left behind is given back in the background
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(resident(p.Process.Pid), "MB")
}

func waitReady(b *testing.B, client *http.Client, address string) {
	for range 1000 {
		r, err := adaptertest.SlackRequest(address, "events_api", `{"type":"event_callback","event_id":"EvReady","event":{"type":"app_home_opened","tab":"messages"}}`)
		if err != nil {
			b.Fatal(err)
		}
		if response, err := client.Do(r); err == nil {
			response.Body.Close()
			if response.StatusCode == http.StatusOK {
				return
			}
		}
		time.Sleep(10 * time.Millisecond)
	}
	b.Fatal("does not get ready")
}

// exampleQuestions are those of the shipped file.
func exampleQuestions(b *testing.B) []string {
	b.Helper()
	inputs, err := knowledge.Open("")
	if err != nil {
		b.Fatal(err)
	}
	file, problems := knowledge.Parse(inputs)
	if problems.Err() != nil {
		b.Fatal(problems.Err())
	}
	var questions []string
	for _, d := range file.Divisions {
		for _, q := range d.Questions {
			questions = append(questions, strings.ReplaceAll(q.Text, `"`, `'`))
		}
	}
	return questions
}

// quantile is the given quantile of some durations, in milliseconds.
func quantile(d []time.Duration, q float64) float64 {
	if len(d) == 0 {
		return 0
	}
	slices.Sort(d)
	return float64(d[min(len(d)-1, int(math.Ceil(q*float64(len(d))))-1)]) / 1e6
}

// resident is how much memory a process has, in MB, as Linux counts.
func resident(pid int) float64 {
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return math.NaN()
	}
	for line := range strings.Lines(string(data)) {
		if rest, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			kb, _ := strconv.ParseFloat(strings.TrimSuffix(strings.TrimSpace(rest), " kB"), 64)
			return kb / 1000
		}
	}
	return math.NaN()
}
