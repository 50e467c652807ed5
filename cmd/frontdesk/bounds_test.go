package main

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"frontdesk/adapters/adaptertest"
	"frontdesk/knowledge"
)

// BenchmarkBounds prints latency and memory with many combinations of audiences. To run
// all of it:
//
//	go test -run '^$' -bench Bounds -benchtime 1x ./cmd/frontdesk
func BenchmarkBounds(b *testing.B) {
	program := built(b)
	b.Run("audiences", func(b *testing.B) { benchmarkAudiences(b, program) })
	for _, groups := range []int{0, 3, 6} {
		b.Run(fmt.Sprintf("reload-%d-audiences", groups), func(b *testing.B) {
			benchmarkAudienceReload(b, program, groups)
		})
	}
}

// startMarked runs the program over Discord's HTTP transport with the shipped file, in
// which each responsibility is restricted to one of so many groups or public. The role
// 1000+g stands for group g.
func startMarked(b *testing.B, program string, a *asker, groups int) (p *process, file string) {
	b.Helper()
	file = filepath.Join(b.TempDir(), "acme.yaml")
	put(b, file, markedFile(b, groups))
	audiences := make([]string, groups)
	for g := range groups {
		audiences[g] = fmt.Sprintf("g%d: {discord_roles: [\"%d\"]}", g, 1000+g)
	}
	p = startProcessOf(b, program, []string{
		"DISCORD_API_URL=" + a.signer.API(), "DISCORD_BOT_TOKEN=" + adaptertest.DiscordToken,
		"DISCORD_PUBLIC_KEY=" + a.signer.PublicKey(),
		"FRONTDESK_DISCORD_TRANSPORT=http", "FRONTDESK_HTTP_ADDR=127.0.0.1:0", "FRONTDESK_KNOWLEDGE=" + file,
		"FRONTDESK_AUDIENCES={" + strings.Join(audiences, ", ") + "}",
	}, "run")
	p.await("state=ready")
	a.address = p.public() + "/discord/interactions"
	return p, file
}

// markedFile is the shipped file with audiences.
func markedFile(b *testing.B, groups int) string {
	inputs, err := knowledge.Open("")
	if err != nil {
		b.Fatal(err)
	}
	var out strings.Builder
	n := 0
	for line := range strings.Lines(string(inputs[0].Data)) {
		out.WriteString(line)
		if at := strings.Index(line, "- topic: "); at >= 0 && strings.HasPrefix(line, "      - ") && groups > 0 {
			if g := n % (groups + 1); g < groups {
				fmt.Fprintf(&out, "        audience: [g%d]\n", g)
			}
			n++
		}
	}
	return out.String()
}

// benchmarkAudiences lets 64 people in 64 combinations of six audiences ask at once,
// repeatedly, while the public asks 200 questions a second, and prints the latency of
// both and the memory.
func benchmarkAudiences(b *testing.B, program string) {
	const groups, rounds = 6, 20
	public, people := newAsker(b), newAsker(b)
	p, _ := startMarked(b, program, public, groups)
	people.signer, people.address = public.signer, public.address
	questions := exampleQuestions(b)
	time.Sleep(2 * time.Second)
	before, peakBefore := resident(p.Process.Pid), peak(p.Process.Pid)
	stop := make(chan struct{})
	var first, later []time.Duration
	go func() {
		defer close(stop)
		for round := range rounds {
			var all sync.WaitGroup
			people.took = nil
			for combination := range 1 << groups {
				all.Go(func() {
					var roles []string
					for g := range groups {
						if combination>>g&1 == 1 {
							roles = append(roles, strconv.Itoa(1000+g))
						}
					}
					people.askWith(1_000_000+round*1000+combination,
						questions[(round*64+combination)%len(questions)], roles)
				})
			}
			all.Wait()
			if round == 0 {
				first = people.took
			} else {
				later = append(later, people.took...)
			}
			time.Sleep(100 * time.Millisecond)
		}
	}()
	took := public.during(questions, stop)
	if people.failed > 0 || len(first) != 1<<groups {
		b.Errorf("%d people got no answer", people.failed)
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(before, "before-MB")
	b.ReportMetric(peakBefore, "start-peak-MB")
	b.ReportMetric(resident(p.Process.Pid), "after-MB")
	b.ReportMetric(peak(p.Process.Pid), "peak-MB")
	b.ReportMetric(quantile(took, 0.99), "public-p99-ms")
	b.ReportMetric(quantile(first, 1), "first-max-ms")
	b.ReportMetric(quantile(later, 0.5), "later-p50-ms")
	b.ReportMetric(quantile(later, 0.99), "later-p99-ms")
}

// benchmarkAudienceReload saves the file ten times and prints the peak memory.
func benchmarkAudienceReload(b *testing.B, program string, groups int) {
	a := newAsker(b)
	p, file := startMarked(b, program, a, groups)
	address := p.private()
	text, err := os.ReadFile(file)
	if err != nil {
		b.Fatal(err)
	}
	for g := range 1 << groups { // every combination is in use
		var roles []string
		for i := range groups {
			if g>>i&1 == 1 {
				roles = append(roles, strconv.Itoa(1000+i))
			}
		}
		a.askWith(2_000_000+g, "who handles forced labor?", roles)
	}
	start := peak(p.Process.Pid)
	for i := range 10 {
		last, _ := ready(b, address)
		put(b, file, string(text)+fmt.Sprintf("# save %d\n", i))
		for {
			if r, _ := ready(b, address); r.Knowledge.Version != last.Knowledge.Version {
				break
			}
			time.Sleep(5 * time.Millisecond)
		}
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(start, "start-peak-MB")
	b.ReportMetric(peak(p.Process.Pid), "peak-MB")
	b.ReportMetric(resident(p.Process.Pid), "after-MB")
}

// peak is the peak memory of a process so far, in MB.
func peak(pid int) float64 { return statusOf(pid, "VmHWM:") }

func statusOf(pid int, field string) float64 {
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return math.NaN()
	}
	for line := range strings.Lines(string(data)) {
		if rest, ok := strings.CutPrefix(line, field); ok {
			kb, _ := strconv.ParseFloat(strings.TrimSuffix(strings.TrimSpace(rest), " kB"), 64)
			return kb / 1000
		}
	}
	return math.NaN()
}
