package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"frontdesk/adapters/adaptertest"
	"frontdesk/bot/inbox"
)

// The set of questions that BenchmarkAdminHour asks: a city's twelve departments, each with a
// name and a sentence.
const hourSet = "../../../shared/bench/real/boston-small"

// BenchmarkAdminHour is what an hour of an admin gives. It splits the questions of a set into
// two halves of each kind, asks the first half of a running program in Slack, votes down what
// is answered wrong, and then accepts what frontdesk inbox and frontdesk suggest propose, with
// the owner that the set names, and no word written by hand. It prints what the second half
// gets before and after, in percent, over as many splits as there are iterations:
//
//	go test -run '^$' -bench AdminHour -benchtime 10x -timeout 30m ./cmd/frontdesk
func BenchmarkAdminHour(b *testing.B) {
	data, err := os.ReadFile(filepath.Join(hourSet, "questions.jsonl"))
	if err != nil {
		b.Skip("the set of questions is not there: ", err)
	}
	for _, way := range []string{"inbox", "suggest", "both"} {
		b.Run(way, func(b *testing.B) {
			var before, after hourScore
			for seed := range uint64(b.N) {
				was, is := hour(b, data, way, seed)
				b.Logf("seed %d: %+v → %+v", seed, was, is)
				before.add(was)
				after.add(is)
			}
			for name, s := range map[string]hourScore{"before": before, "after": after} {
				b.ReportMetric(s.percent(s.Right), "right-"+name)
				b.ReportMetric(s.percent(s.Found), "found-"+name)
				b.ReportMetric(s.percent(s.Wrong), "wrong-"+name)
				b.ReportMetric(100*float64(s.Answered)/float64(s.Out), "out-answered-"+name)
			}
			b.ReportMetric(0, "ns/op")
		})
	}
}

// hourScore counts questions in scope that are answered right, found (right, or suggested)
// and answered wrong, and questions out of scope that are answered.
type hourScore struct{ In, Right, Found, Wrong, Out, Answered int }

func (s *hourScore) add(o hourScore) {
	s.In, s.Right, s.Found, s.Wrong = s.In+o.In, s.Right+o.Right, s.Found+o.Found, s.Wrong+o.Wrong
	s.Out, s.Answered = s.Out+o.Out, s.Answered+o.Answered
}

func (s *hourScore) percent(n int) float64 { return 100 * float64(n) / float64(s.In) }

// hour does one split and returns what the second half gets before and after.
func hour(b *testing.B, data []byte, way string, seed uint64) (before, after hourScore) {
	b.Helper()
	first, second := halves(b, data, seed)
	dir := b.TempDir()
	file, questions := filepath.Join(dir, "knowledge.yaml"), filepath.Join(dir, "second.jsonl")
	knowledge, err := os.ReadFile(filepath.Join(hourSet, "knowledge.yaml"))
	if err != nil {
		b.Fatal(err)
	}
	put(b, file, string(knowledge))
	put(b, questions, strings.Join(second, "\n"))
	store := filepath.Join(dir, "store.db")
	before = evalHour(b, file, questions)
	owner := askHour(b, file, store, first)
	if way != "suggest" {
		var list struct{ Groups []inbox.Group }
		read := []string{"--people", "1", "--store", store, "--knowledge", file}
		command1(b, &list, append([]string{"inbox", "--json"}, read...)...)
		for _, g := range list.Groups {
			accept := append([]string{"inbox", "accept", g.ID, "--write"}, read...)
			if o := owner[g.Words[0]]; o != "none" {
				accept = append(accept, "--division", o)
			} else {
				accept = append(accept, "--decline", g.Words[0])
			}
			command1(b, nil, accept...)
		}
	}
	if way != "inbox" {
		command1(b, nil, "suggest", "-k", file, "--write")
	}
	return before, evalHour(b, file, questions)
}

// answeredBy finds the division in the value of a button.
var answeredBy = regexp.MustCompile(`\\"d\\":\\"([a-z0-9-]+)\\"`)

// halves splits the lines of a set into two halves of each kind.
func halves(b *testing.B, data []byte, seed uint64) (first, second []string) {
	b.Helper()
	kinds := map[bool][]string{}
	for line := range bytes.Lines(data) {
		q := questionOf(b, string(line))
		ours := q.Expect[0] != "none"
		kinds[ours] = append(kinds[ours], strings.TrimSpace(string(line)))
	}
	for _, ours := range []bool{true, false} {
		lines := kinds[ours]
		rand.New(rand.NewPCG(seed, 1)).Shuffle(len(lines), func(i, j int) { lines[i], lines[j] = lines[j], lines[i] })
		first = append(first, lines[:len(lines)/2]...)
		second = append(second, lines[len(lines)/2:]...)
	}
	return first, second
}

func questionOf(b *testing.B, line string) (q labelled) {
	b.Helper()
	if err := json.Unmarshal([]byte(line), &q); err != nil || len(q.Expect) == 0 {
		b.Fatal(line, err)
	}
	return q
}

// command1 runs the program and reads the JSON that it prints into v, unless v is nil.
func command1(b *testing.B, v any, args ...string) {
	b.Helper()
	var out, problems bytes.Buffer
	if code := run(b.Context(), args, strings.NewReader(""), &out, &problems); code != 0 {
		b.Logf("frontdesk %s: %s", strings.Join(args, " "), problems.String())
		return
	}
	if v == nil {
		return
	}
	if err := json.Unmarshal(out.Bytes(), v); err != nil {
		b.Fatal(err)
	}
}

func evalHour(b *testing.B, file, questions string) hourScore {
	b.Helper()
	var e evalJSON
	command1(b, &e, "eval", "-k", file, "--questions", questions, "--json")
	return hourScore{
		In: e.InScope.N, Right: e.InScope.Right, Found: e.InScope.Right + e.InScope.SuggestedRight, Wrong: e.InScope.Wrong,
		Out: e.OutOfScope.N, Answered: e.OutOfScope.Answered,
	}
}

// askHour asks questions of a running program, each by another person, who votes down a
// wrong answer. It returns the owner of each.
func askHour(b *testing.B, file, store string, lines []string) map[string]string {
	b.Helper()
	fake := startSlack(b)
	p := startProcess(b, slackEnv(fake.API(), "FRONTDESK_SLACK_TRANSPORT=http", "FRONTDESK_STORE="+store,
		"FRONTDESK_KNOWLEDGE="+file), "run")
	p.await(`adapter=slack state=ready`)
	address := p.public()
	send := func(kind, body string) {
		r, err := adaptertest.SlackRequest(address+"/slack/events", kind, body)
		if err != nil {
			b.Fatal(err)
		}
		response, err := http.DefaultClient.Do(r)
		if err != nil {
			b.Fatal(err)
		}
		_, _ = io.Copy(io.Discard, response.Body)
		response.Body.Close()
	}
	owner := map[string]string{}
	for i, line := range lines {
		q := questionOf(b, line)
		owner[strings.Join(strings.Fields(q.Question), " ")] = q.Expect[0]
		channel := fmt.Sprintf("D%d", i)
		quoted, err := json.Marshal(q.Question)
		if err != nil {
			b.Fatal(err)
		}
		send("events_api", fmt.Sprintf(`{"type":"event_callback","event_id":"Ev%d","team_id":"T1","event":{`+
			`"type":"message","channel_type":"im","user":"U%d","text":%s,"ts":"%d.%06d","channel":%q}}`,
			i, i+1, quoted, time.Now().Unix(), i, channel))
		fake.Await(b, "an answer", func() bool { return len(fake.Messages(channel)) > 0 })
		m := fake.Messages(channel)[0]
		if given := answeredBy.FindStringSubmatch(m.Blocks); strings.Contains(m.Blocks, `"down"`) && given != nil &&
			!q.accepts(given[1]) {
			vote := fmt.Sprintf(`{"type":"block_actions","trigger_id":"t%d","user":{"id":"U%d"},"channel":{"id":%q},`+
				`"container":{"message_ts":%q,"channel_id":%q},"message":{"ts":%q},"response_url":%q,`+
				`"actions":[{"action_id":"down","block_id":"b","value":"{}"}]}`, i, i+1, channel,
				m.TS, channel, m.TS, fake.Hook(channel, "U1", ""))
			send("interactive", vote)
		}
	}
	if err := p.terminate(); err != nil {
		b.Fatal(err)
	}
	return owner
}
