package main

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"text/tabwriter"
	"time"

	"frontdesk/adapters/adaptertest"
	"frontdesk/config"
)

var (
	drillLength = flag.Duration("drill", 5*time.Minute, "how long BenchmarkDrill lasts, in whole minutes")
	drillLogs   = flag.String("drill-logs", "", "a folder for what the replicas of BenchmarkDrill log")
	drillSeed   = flag.Uint64("drill-seed", 0, "seed of BenchmarkDrill; 0 for the time")
)

// What the drill has to reach.
const (
	drillReplicas = 3
	mostTwice     = 10_000 // one question in so many may be answered twice, if that is counted
	fewTwice      = 10     // so many also in a short drill, or on a slow machine
	mostSlow      = 15 * time.Second
	// settledWithin is how long the drill waits for answers after the last question: what a
	// replica took on that has died is answered by another within ten seconds.
	settledWithin = 30 * time.Second
)

// BenchmarkDrill asks 300 questions a second of three replicas on one PostgreSQL: over Slack's
// HTTP behind a load balancer, or a Socket Mode connection of each replica, to one of which
// Slack gives each event; and over Discord's gateway, of which each replica gets every message.
// Meanwhile replicas are killed, stopped, cut off from the database, started again and updated,
// and the database is restarted. It prints how many questions were answered once, twice and
// never, of how many answers the replicas said that they may have been posted, and how long the
// slowest took from question to answer. Five minutes of each:
//
//	go test -run '^$' -bench Drill -benchtime 1x -timeout 30m ./cmd/frontdesk
//
// A question of Slack's counts if a replica acknowledged it. As Slack does, the drill sends it
// again until then, but sooner. A question of Discord's counts if it was sent to a session.
func BenchmarkDrill(b *testing.B) {
	b.Run("http", func(b *testing.B) { benchmarkDrill(b, false) })
	b.Run("sockets", func(b *testing.B) { benchmarkDrill(b, true) })
}

func benchmarkDrill(b *testing.B, sockets bool) {
	d := startDrill(b, sockets)
	ctx, stop := context.WithCancel(b.Context())
	defer stop()
	loaded := make(chan struct{})
	go func() {
		defer close(loaded)
		d.load.run(ctx)
	}()
	for range max(1, int(*drillLength/time.Minute)) {
		for _, s := range drillRound() {
			d.perform(s)
		}
	}
	d.perform(drillStep{"quiet", func(*drill) { time.Sleep(3 * time.Second) }})
	stop()
	<-loaded
	d.settle()
	d.count()
	b.Logf("seed %d, %d questions a second of %d replicas\n%s", d.seed, slackRate+messageRate+interactionRate,
		len(d.replicas), d.table())
	d.judge()
	d.end()
}

// drill is a drill that runs.
type drill struct {
	b        *testing.B
	seed     uint64
	random   *rand.Rand
	server   *drillServer
	replicas []*drillReplica
	load     *drillLoad
	phases   []drillPhase
	watching chan struct{} // closed to end watching
}

// drillPhase is a step that was performed.
type drillPhase struct {
	name              string
	uncertain, missed int // at its end, since the start
}

func startDrill(b *testing.B, sockets bool) *drill {
	b.Helper()
	d := &drill{b: b, seed: *drillSeed, server: startDrillServer(b), watching: make(chan struct{})}
	if d.seed == 0 {
		d.seed = uint64(time.Now().UnixNano())
	}
	d.random = rand.New(rand.NewPCG(d.seed, 0))
	slack := startSlack(b)
	discord, err := adaptertest.StartDiscord()
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(discord.Close)
	discord.GlobalLimit = 50
	transport := config.HTTP
	if sockets {
		transport = config.Socket
	}
	env := slackEnv(slack.API(), append(discordEnv(discord), "FRONTDESK_SLACK_TRANSPORT="+transport,
		"FRONTDESK_LOG_LEVEL=info", "FRONTDESK_JOURNAL_KEY=0123456789abcdef")...)
	program := built(b)
	for i := range drillReplicas {
		r := d.newReplica(i+1, program, d.server.address, env)
		r.sockets = sockets
		d.replicas = append(d.replicas, r)
	}
	for _, r := range d.replicas {
		r.start()
		go r.watch(d.watching)
	}
	d.load = newDrillLoad(d, slack, discord, sockets)
	return d
}

// perform performs a step.
func (d *drill) perform(s drillStep) {
	d.load.setPhase(len(d.phases))
	s.run(d)
	uncertain, missed := d.counted()
	d.phases = append(d.phases, drillPhase{s.name, uncertain, missed})
}

func (d *drill) counted() (uncertain, missed int) {
	for _, r := range d.replicas {
		u, m := r.counted()
		uncertain, missed = uncertain+u, missed+m
	}
	return uncertain, missed
}

// settle waits until every question that counts is answered, and then for answers too many.
func (d *drill) settle() {
	for deadline := time.Now().Add(settledWithin); time.Now().Before(deadline); time.Sleep(time.Second) {
		d.count()
		if d.sum(func(*drillQuestion) bool { return true }).never == 0 {
			break
		}
	}
	time.Sleep(2 * time.Second)
	d.perform(drillStep{"after the last question", func(d *drill) {
		for _, r := range d.replicas {
			r.count()
		}
	}})
}

// count finds the answers to all questions at the stand-ins.
func (d *drill) count() {
	l := d.load
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, q := range l.asked {
		q.answers = 0
	}
	answered := func(key string, at time.Time) {
		if q := l.asked[key]; q != nil {
			if q.answers++; q.answers == 1 {
				q.answered = at
			}
		}
	}
	for _, m := range l.slack.Messages("") {
		answered(m.Thread, m.At)
	}
	for _, m := range l.discord.Messages("") {
		answered(m.ReplyTo, m.At)
	}
	responses := map[string]time.Time{} // the first call for each interaction
	for _, c := range l.discord.Calls("POST interaction") {
		if id := strings.Split(c.Args["path"], "/")[1]; responses[id].IsZero() {
			responses[id] = c.At
		}
	}
	for id, at := range responses {
		for _, r := range l.discord.Replies(id) {
			if r.Type == 4 { // a message; what changes one is no other
				answered(id, at)
			}
		}
	}
}

// drillSum is a line of the table.
type drillSum struct {
	asked, acknowledged, once, twice, never int
	slowest                                 time.Duration
}

// sum sums up some of the questions.
func (d *drill) sum(which func(*drillQuestion) bool) (s drillSum) {
	d.load.mu.Lock()
	defer d.load.mu.Unlock()
	for _, q := range d.load.asked {
		if !which(q) {
			continue
		}
		s.asked++
		if q.acknowledged.IsZero() {
			continue
		}
		s.acknowledged++
		switch q.answers {
		case 0:
			s.never++
			continue
		case 1:
			s.once++
		default:
			s.twice++
		}
		s.slowest = max(s.slowest, q.answered.Sub(q.asked))
	}
	return s
}

// table is the result, by step, by platform and in sum.
func (d *drill) table() string {
	var text strings.Builder
	w := tabwriter.NewWriter(&text, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "\tasked\tacknowledged\tonce\ttwice\tnever\tuncertain\tnot recorded\tslowest\t")
	line := func(name string, s drillSum, uncertain, missed string) {
		fmt.Fprintf(w, "%s\t%d\t%d\t%d\t%d\t%d\t%s\t%s\t%.1f s\t\n", name, s.asked, s.acknowledged, s.once, s.twice,
			s.never, uncertain, missed, s.slowest.Seconds())
	}
	seen := map[string]bool{}
	for _, p := range d.phases {
		if seen[p.name] {
			continue
		}
		seen[p.name] = true
		uncertain, missed := 0, 0
		for i, other := range d.phases {
			if other.name == p.name {
				var before drillPhase
				if i > 0 {
					before = d.phases[i-1]
				}
				uncertain, missed = uncertain+other.uncertain-before.uncertain, missed+other.missed-before.missed
			}
		}
		line(p.name, d.sum(func(q *drillQuestion) bool { return d.phases[q.phase].name == p.name }),
			strconv.Itoa(uncertain), strconv.Itoa(missed))
	}
	for kind, name := range []string{"Slack", "Discord, messages", "Discord, interactions"} {
		line(name, d.sum(func(q *drillQuestion) bool { return q.kind == kind }), "", "")
	}
	uncertain, missed := d.counted()
	line("all", d.sum(func(*drillQuestion) bool { return true }), strconv.Itoa(uncertain), strconv.Itoa(missed))
	_ = w.Flush() // into memory
	return text.String()
}

// judge compares the result with what has to be reached.
func (d *drill) judge() {
	s := d.sum(func(*drillQuestion) bool { return true })
	uncertain, _ := d.counted()
	if s.never > 0 {
		d.b.Errorf("%d questions were never answered", s.never)
	}
	if s.twice > uncertain || s.twice > max(fewTwice, s.acknowledged/mostTwice) {
		d.b.Errorf("%d questions of %d were answered twice, and %d answers are uncertain", s.twice, s.acknowledged,
			uncertain)
	}
	if s.slowest > mostSlow { // which may be the machine's fault
		d.b.Logf("the slowest answer took %v", s.slowest)
	}
	if s.acknowledged < s.asked {
		d.b.Errorf("%d questions were not acknowledged", s.asked-s.acknowledged)
	}
	for _, wrong := range append(d.load.slack.Wrong(), d.load.discord.Wrong()...) {
		d.b.Errorf("the platform would refuse: %s", wrong)
	}
	if d.b.Failed() {
		d.explain()
	}
	d.b.ReportMetric(0, "ns/op")
	d.b.ReportMetric(float64(s.once), "once")
	d.b.ReportMetric(float64(s.twice), "twice")
	d.b.ReportMetric(float64(s.never), "never")
	d.b.ReportMetric(float64(uncertain), "uncertain")
	d.b.ReportMetric(s.slowest.Seconds(), "slowest-s")
}

// explained is how many questions of each kind of failure the log is printed for.
const explained = 3

// explain prints what the replicas said of questions that were not answered once and in time.
func (d *drill) explain() {
	left := map[string]int{}
	for key, q := range d.load.asked {
		why := ""
		switch {
		case q.acknowledged.IsZero():
			why = "not acknowledged"
		case q.answers == 0:
			why = "never"
		case q.answers > 1:
			why = "twice"
		case q.answered.Sub(q.asked) > mostSlow:
			why = "slow"
		default:
			continue
		}
		if left[why]++; left[why] > explained {
			continue
		}
		var said strings.Builder
		for _, r := range d.replicas {
			for _, p := range r.all {
				for line := range strings.Lines(p.output()) {
					if regexp.MustCompile(`event=` + q.id + `\b`).MatchString(line) {
						fmt.Fprintf(&said, "  %s (%d): %s\n", r.name, p.Process.Pid, strings.TrimSpace(line))
					}
				}
			}
		}
		d.b.Logf("%s: %s, asked at %s during “%s”\n%s", why, key, q.asked.Format("15:04:05.000"), d.phases[q.phase].name,
			said.String())
	}
}

// end ends the replicas.
func (d *drill) end() {
	close(d.watching)
	for _, r := range d.replicas {
		if err := r.running().terminate(); err != nil {
			d.b.Errorf("%s: %v", r.name, err)
		}
	}
	if *drillLogs == "" {
		return
	}
	logs := map[string]string{"postgres": d.server.log()}
	for _, r := range d.replicas {
		for _, p := range r.all {
			logs[fmt.Sprintf("%s-%d", strings.ReplaceAll(r.name, " ", "-"), p.Process.Pid)] = p.output()
		}
	}
	for name, said := range logs {
		if err := os.WriteFile(filepath.Join(*drillLogs, name+".log"), []byte(said), 0o600); err != nil {
			d.b.Error(err)
		}
	}
}

// allUnclear finds the answers that may have been posted, of both platforms.
var allUnclear = regexp.MustCompile(`(?m)^frontdesk_incidents_total\{adapter="\w+",incident="unclear"\} (\d+)`)

func number(digits []byte) int {
	n, _ := strconv.Atoi(string(digits)) // matched by \d+
	return n
}
