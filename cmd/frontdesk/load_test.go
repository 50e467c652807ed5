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

// slackStandIn runs the stand-in for Slack as a process. It prints its address, and at
// the end of its input each message's thread and time.
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

// standIn is such a process.
type standIn struct {
	api  string
	in   io.WriteCloser
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

// built builds the program as it is delivered, without tests and their libraries.
func built(b *testing.B) string {
	b.Helper()
	path := filepath.Join(b.TempDir(), "frontdesk")
	build := exec.Command("go", "build", "-trimpath", "-ldflags=-s -w", "-o", path, ".")
	if out, err := build.CombinedOutput(); err != nil {
		b.Fatalf("build the program: %v\n%s", err, out)
	}
	return path
}

// loadRate is the number of questions per second under load; loadChannels is the number
// of channels in which they are asked.
const (
	loadRate     = 200
	loadChannels = 200
)

// BenchmarkSlackLoad sends b.N questions over HTTP, 200 a second, and prints the
// latencies of acknowledgements and answers, how many questions are lost or answered
// twice, and the program's memory, for each kind of store. For a minute of it:
//
//	go test -run '^$' -bench SlackLoad -benchtime 12000x ./cmd/frontdesk
func BenchmarkSlackLoad(b *testing.B) {
	eachStore(b, func(b *testing.B, store string) { benchmarkLoad(b, store, b.N) })
}

func benchmarkLoad(b *testing.B, store string, count int) {
	fake := startStandIn(b, "slackstand-in")
	p := startProcessOf(b, built(b), slackEnv(fake.api, "FRONTDESK_SLACK_TRANSPORT=http",
		"FRONTDESK_LOG_LEVEL=info", "FRONTDESK_STORE="+store), "run")
	address := p.public() + "/slack/events"
	questions := exampleQuestions(b)
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: loadChannels}}
	waitReady(b, client, address)

	var mu sync.Mutex
	sent := make(map[string]time.Time, count)
	acks := make([]time.Duration, 0, count)
	failed := 0
	var all sync.WaitGroup
	b.ResetTimer()
	start := time.Now()
	for i := range count {
		time.Sleep(time.Until(start.Add(time.Duration(i) * time.Second / loadRate)))
		all.Go(func() {
			ts := fmt.Sprintf("%d.%06d", start.Unix(), i) // new to a database that was used before
			r, err := adaptertest.SlackRequest(address, "events_api",
				slackMention(fmt.Sprint("Ev", i), fmt.Sprint("C", i%loadChannels), ts, questions[i%len(questions)]))
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
		b.Errorf("%d not acknowledged, %d lost, %d answered twice; the program said:\n%s", failed, lost, twice,
			p.output())
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

// discordStandIn runs the stand-in for Discord as a process. It prints its address.
func discordStandIn() {
	fake, err := adaptertest.StartDiscord()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println(fake.API())
	_, _ = io.Copy(io.Discard, os.Stdin)
	os.Exit(0)
}

// BenchmarkDiscordLoad sends b.N interactions over HTTP, 200 a second, every fifth of
// them for autocompletion, and prints their latencies and the program's memory. For a
// minute of it:
//
//	go test -run '^$' -bench DiscordLoad -benchtime 12000x ./cmd/frontdesk
func BenchmarkDiscordLoad(b *testing.B) {
	fake := startStandIn(b, "discordstand-in")
	signer, err := adaptertest.StartDiscord() // has the same key
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(signer.Close)
	p := startProcessOf(b, built(b), []string{
		"DISCORD_API_URL=" + fake.api, "DISCORD_BOT_TOKEN=" + adaptertest.DiscordToken,
		"DISCORD_PUBLIC_KEY=" + signer.PublicKey(),
		"FRONTDESK_DISCORD_TRANSPORT=http", "FRONTDESK_HTTP_ADDR=127.0.0.1:0",
	}, "run")
	p.await("state=ready")
	address := p.public() + "/discord/interactions"
	questions := exampleQuestions(b)
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: loadChannels}}

	var mu sync.Mutex
	var asked, typed []time.Duration
	failed, private := 0, 0
	var all sync.WaitGroup
	b.ResetTimer()
	start := time.Now()
	for i := range b.N {
		time.Sleep(time.Until(start.Add(time.Duration(i) * time.Second / loadRate)))
		all.Go(func() {
			kind := 2 - 2*btoi(i%5 == 4) + 4*btoi(i%5 == 4) // 2 is a command, 4 autocompletion
			body := fmt.Sprintf(`{"id":"%d","application_id":"1","type":%d,"token":"t%d","channel_id":"%d",`+
				`"guild_id":"%d","app_permissions":"16384","member":{"user":{"id":"%d"}},`+
				`"data":{"name":"ask","type":1,"options":[{"name":"question","type":3,"value":%q,"focused":%v}]}}`,
				1000+i, kind, i, i%loadChannels, i%20, i%5000, questions[i%len(questions)], kind == 4)
			r, err := signer.Request(address, time.Now(), body)
			if err != nil {
				b.Error(err)
				return
			}
			at := time.Now()
			response, err := client.Do(r)
			var data []byte
			if err == nil {
				data, err = io.ReadAll(response.Body)
				response.Body.Close()
			}
			took := time.Since(at)
			mu.Lock()
			defer mu.Unlock()
			if err != nil || response.StatusCode != http.StatusOK {
				failed++
				return
			}
			if _, wrong := adaptertest.CheckReply(data); len(wrong) > 0 {
				b.Errorf("Discord would refuse: %v", wrong)
			}
			private += btoi(strings.Contains(string(data), `"flags":64`))
			if kind == 4 {
				typed = append(typed, took)
			} else {
				asked = append(asked, took)
			}
		})
	}
	all.Wait()
	b.StopTimer()
	memory := resident(p.Process.Pid)
	if err := p.terminate(); err != nil {
		b.Error(err)
	}
	if failed > 0 {
		b.Errorf("%d not answered; the program said:\n%s", failed, p.output())
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(quantile(asked, 0.5), "answer-p50-ms")
	b.ReportMetric(quantile(asked, 0.99), "answer-p99-ms")
	b.ReportMetric(quantile(typed, 0.99), "autocomplete-p99-ms")
	b.ReportMetric(float64(failed), "lost")
	b.ReportMetric(float64(private), "private")
	b.ReportMetric(memory, "MB")
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// BenchmarkDiscordIdle and BenchmarkBothIdle print the memory of an idle program on the
// gateway, without and with Slack.
func BenchmarkDiscordIdle(b *testing.B) { benchmarkIdle(b, false) }

func BenchmarkBothIdle(b *testing.B) { benchmarkIdle(b, true) }

func benchmarkIdle(b *testing.B, both bool) {
	fake, err := adaptertest.StartDiscord()
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(fake.Close)
	env := discordEnv(fake)
	if both {
		env = slackEnv(startSlack(b).API(), env...)
	}
	p := startProcessOf(b, built(b), env, "run")
	p.await("adapter=discord state=ready")
	if both {
		p.await("adapter=slack state=ready")
	}
	time.Sleep(2 * time.Second) // memory of the start is released in the background
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(resident(p.Process.Pid), "MB")
}

// BenchmarkSlackIdle prints the memory of an idle program in Socket Mode.
func BenchmarkSlackIdle(b *testing.B) {
	fake := startSlack(b)
	p := startProcessOf(b, built(b), slackEnv(fake.API()), "run")
	p.await("state=ready")
	fake.Await(b, "a connection", func() bool { return fake.Connections() == 1 })
	time.Sleep(2 * time.Second) // memory of the start is released in the background
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(resident(p.Process.Pid), "MB")
}

func waitReady(b *testing.B, client *http.Client, address string) {
	for range 1000 {
		r, err := adaptertest.SlackRequest(address, "events_api", `{"type":"event_callback","event_id":"EvReady",`+
			`"event":{"type":"app_home_opened","tab":"messages"}}`)
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
	b.Fatal("the program does not get ready")
}

// exampleQuestions lists the example questions of the shipped file.
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
	return float64(d[max(0, min(len(d)-1, int(math.Ceil(q*float64(len(d))))-1))]) / 1e6
}

// resident is the resident memory of a process on Linux, in MB.
func resident(pid int) float64 { return statusOf(pid, "VmRSS:") }
