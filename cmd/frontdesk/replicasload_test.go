package main

import (
	"flag"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"frontdesk/adapters/adaptertest"
)

// fleetAsking is how many questions are open at the same time for the throughput.
const fleetAsking = 64

var fleetLoad = flag.Duration("fleet-load", 2*time.Second, "how long each load of BenchmarkReplicas lasts")

// BenchmarkReplicas compares three replicas with one, on the same machine and PostgreSQL. It
// prints how many signed events of Slack's they acknowledge a second if 64 are always open, and
// the latency of acknowledgements at 300 a second.
//
//	go test -run '^$' -bench Replicas -benchtime 1x -timeout 10m ./cmd/frontdesk -fleet-load 15s
func BenchmarkReplicas(b *testing.B) {
	for _, n := range []int{1, 3} {
		b.Run(fmt.Sprint(n), func(b *testing.B) { benchmarkReplicas(b, n) })
	}
}

// fleet is some replicas that are asked in turn.
type fleet struct {
	b         *testing.B
	client    *http.Client
	addresses []string
	questions []string
	asked     atomic.Int64
	failed    atomic.Int64
}

func benchmarkReplicas(b *testing.B, n int) {
	server := startDrillServer(b)
	fake := startStandIn(b, "slackstand-in")
	program := built(b)
	f := &fleet{
		b: b, questions: exampleQuestions(b),
		client: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 2 * fleetAsking}},
	}
	var all []*process
	for range n {
		p := startProcessOf(b, program, slackEnv(fake.api, "FRONTDESK_SLACK_TRANSPORT=http",
			"FRONTDESK_LOG_LEVEL=info", "FRONTDESK_STORE="+server.address,
			"FRONTDESK_JOURNAL_KEY=0123456789abcdef"), "run")
		all = append(all, p)
		f.addresses = append(f.addresses, p.public()+"/slack/events")
	}
	for _, address := range f.addresses {
		waitReady(b, f.client, address)
	}
	acks := f.steadily()
	throughput := f.atOnce()
	for _, p := range all {
		if err := p.terminate(); err != nil {
			b.Error(err)
		}
	}
	fake.in.Close()
	answered := map[string]int{}
	for fake.out.Scan() {
		thread, _, _ := strings.Cut(fake.out.Text(), " ")
		answered[thread]++
	}
	twice := 0
	for _, times := range answered {
		twice += btoi(times > 1)
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(throughput, "events/s")
	b.ReportMetric(quantile(acks, 0.5), "ack-p50-ms")
	b.ReportMetric(quantile(acks, 0.99), "ack-p99-ms")
	b.ReportMetric(float64(f.failed.Load()), "not-acknowledged")
	b.ReportMetric(float64(int(f.asked.Load())-len(answered)), "not-answered")
	b.ReportMetric(float64(twice), "twice")
}

// ask sends one event and reports whether it is acknowledged.
func (f *fleet) ask() bool {
	n := int(f.asked.Add(1))
	r, err := adaptertest.SlackRequest(f.addresses[n%len(f.addresses)], "events_api",
		slackMention(fmt.Sprint("Ev", n), fmt.Sprint("C", n), fmt.Sprintf("1780000000.%06d", n),
			f.questions[n%len(f.questions)]))
	if err != nil {
		f.b.Error(err)
		return false
	}
	response, err := f.client.Do(r)
	if err == nil {
		_, _ = io.Copy(io.Discard, response.Body)
		response.Body.Close()
	}
	if err != nil || response.StatusCode != http.StatusOK {
		f.failed.Add(1)
		return false
	}
	return true
}

// steadily asks 300 questions a second and returns the latencies of acknowledgements.
func (f *fleet) steadily() (acks []time.Duration) {
	const rate = slackRate + messageRate + interactionRate
	var mu sync.Mutex
	var all sync.WaitGroup
	start := time.Now()
	for i := range int(fleetLoad.Seconds()) * rate {
		time.Sleep(time.Until(start.Add(time.Duration(i) * time.Second / rate)))
		all.Go(func() {
			at := time.Now()
			if f.ask() {
				mu.Lock()
				defer mu.Unlock()
				acks = append(acks, time.Since(at))
			}
		})
	}
	all.Wait()
	return acks
}

// atOnce has 64 questions open at any time and returns how many are acknowledged a second.
func (f *fleet) atOnce() float64 {
	var acknowledged atomic.Int64
	var all sync.WaitGroup
	start := time.Now()
	for range fleetAsking {
		all.Go(func() {
			for time.Since(start) < *fleetLoad {
				if f.ask() {
					acknowledged.Add(1)
				}
			}
		})
	}
	all.Wait()
	return float64(acknowledged.Load()) / time.Since(start).Seconds()
}
