package inbox_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"frontdesk/bot/inbox"
	"frontdesk/bot/journal"
	"frontdesk/knowledge"

	"github.com/google/go-cmp/cmp"
)

const acme = `version: 1
organization: {name: Acme}
divisions:
  # Everything about people.
  - id: people
    name: People
    handles:
      - topic: Pay
        keywords: [wages, salary, payday, payslip]
  - id: buildings
    name: Buildings
    handles:
      - topic: Doors
        keywords: [door, key, lock]   # and windows
`

func baseOf(t testing.TB, file string) *knowledge.Base {
	t.Helper()
	b, problems := knowledge.Load([]knowledge.Input{{Name: "acme.yaml", Data: []byte(file)}})
	if err := problems.Err(); err != nil {
		t.Fatal(err)
	}
	return b
}

var noon = time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)

// gapsOf reads gaps from lines: a person, a reason, the division that answered or -, and the
// words.
func gapsOf(t testing.TB, lines string) (gaps []inbox.Gap) {
	t.Helper()
	reasons := map[string]inbox.Reason{
		"declined": inbox.Declined, "suggested": inbox.Suggested, "down": inbox.VotedDown, "again": inbox.AskedAgain,
		"chosen": inbox.Chosen,
	}
	for line := range strings.Lines(lines) {
		f := strings.Fields(line)
		if len(f) == 0 {
			continue
		}
		g := inbox.Gap{Time: noon.Add(time.Duration(len(gaps)) * time.Second), Asker: f[0], Reason: reasons[f[1]],
			Words: strings.Join(f[3:], " ")}
		if f[2] != "-" {
			g.Division = f[2]
		}
		gaps = append(gaps, g)
	}
	return gaps
}

// TestGroups checks what is in the inbox, as "people times: wordings | likely divisions".
func TestGroups(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		gaps   string
		people int
		ignore string // words whose subject is ignored
		want   []string
	}{
		"wordings of one subject are together, however they are asked": {
			`a declined - who fixes the projector
			 b declined - who do I ask to fix projectors?
			 b declined - who do I ask to fix projectors?`, 2, "",
			[]string{"2 3: who do I ask to fix projectors? / who fixes the projector | "}},
		"one person is not enough": {
			`a declined - who fixes the projector
			 a declined - who fixes a projector`, 2, "", nil},
		"unless that is asked for": {`a declined - who fixes the projector`, 1, "",
			[]string{"1 1: who fixes the projector | buildings people"}},
		"other subjects are apart, and most people come first": {
			`a declined - who fixes the projector
			 a declined - is there a parking lot
			 b declined - where is the parking lot`, 1, "",
			[]string{"2 2: is there a parking lot / where is the parking lot | ",
				"1 1: who fixes the projector | buildings people"}},
		"what is ignored stays away": {
			`a declined - who fixes the projector
			 a declined - is there a parking lot`, 1, "parking lot",
			[]string{"1 1: who fixes the projector | buildings people"}},
		"what the file answers now is settled": {`a declined - when is payday`, 1, "", nil},
		"but not if the answer did not help": {`a down people when is payday`, 1, "",
			[]string{"1 1: when is payday | people"}},
		"until another division answers": {`a down buildings when is payday`, 1, "", nil},
		"nor if the person asked again": {`a again people when is payday`, 1, "",
			[]string{"1 1: when is payday | people"}},
		"a choice says what is likely": {
			`a suggested - the projector is dark
			 a chosen buildings the projector is dark`, 1, "",
			[]string{"1 1: the projector is dark | buildings"}},
		"a choice alone is no gap":         {`a chosen buildings the projector is dark`, 1, "", nil},
		"greetings and thanks are no gaps": {"a declined - hello\na declined - thank you", 1, "", nil},
		"questions of stop words are apart": {"a declined - who are they\na declined - when is it", 1, "",
			[]string{"1 1: when is it | ", "1 1: who are they | "}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ignored := map[string]bool{}
			base := baseOf(t, acme)
			if c.ignore != "" {
				g := inbox.Groups(t.Context(), gapsOf(t, "x declined - "+c.ignore), base, 1, nil)
				ignored[g[0].ID] = true
			}
			var got []string
			for _, g := range inbox.Groups(t.Context(), gapsOf(t, c.gaps), base, c.people, ignored) {
				got = append(got, fmt.Sprintf("%d %d: %s | %s", g.People, g.Times, strings.Join(g.Words, " / "),
					strings.Join(g.Divisions[:g.Likely], " ")))
				if len(g.Divisions) != 2 {
					t.Errorf("%s has the divisions %v", g.Title(), g.Divisions)
				}
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestOrderOfGaps checks that groups do not depend on the order of their gaps.
func TestOrderOfGaps(t *testing.T) {
	t.Parallel()
	base := baseOf(t, acme)
	var gaps []inbox.Gap
	r := rand.New(rand.NewPCG(1, 2))
	nouns := strings.Fields("projector parking lunch shuttle badge printer chair window roof fence")
	for i := range 300 {
		gaps = append(gaps, inbox.Gap{
			Time: noon.Add(time.Duration(i)), Asker: fmt.Sprint(r.IntN(40)), Reason: inbox.Reason(r.IntN(2)),
			Words: "who has the " + nouns[r.IntN(len(nouns))] + " " + nouns[r.IntN(len(nouns))],
		})
	}
	want := inbox.Groups(t.Context(), gaps, base, 2, nil)
	if len(want) < 5 {
		t.Fatalf("only %d groups", len(want))
	}
	for range 5 {
		r.Shuffle(len(gaps), func(i, j int) { gaps[i], gaps[j] = gaps[j], gaps[i] })
		got := inbox.Groups(t.Context(), gaps, base, 2, nil)
		if diff := cmp.Diff(want, got, cmp.AllowUnexported(inbox.Group{})); diff != "" {
			t.Fatalf("(-want +got):\n%s", diff)
		}
	}
}

func sqlite(t testing.TB) journal.Store {
	t.Helper()
	s, _, err := journal.OpenSQLite(context.Background(), filepath.Join(t.TempDir(), "store.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// BenchmarkRead reads and groups the inbox of a store with 100,000 questions for each iteration,
// of ninety days. A fifth of them are gaps, and their words are kept for thirty days. With a
// million:
//
//	go test -run '^$' -bench Read -benchtime 10x ./bot/inbox
func BenchmarkRead(b *testing.B) {
	const writers = 64
	rows := 100_000 * b.N
	s := sqlite(b)
	now := time.Now()
	var writing sync.WaitGroup
	for w := range writers {
		writing.Go(func() {
			r := rand.New(rand.NewPCG(uint64(w), 1))
			zipf := rand.NewZipf(r, 1.1, 8, 20_000)
			for range rows / writers {
				row := journal.Row{
					Time: now.Add(-time.Duration(r.IntN(90*24)) * time.Hour), Adapter: "slack", Outcome: "answered",
					Division: "people", Topic: "Pay", Version: "0123456789ab", Asker: fmt.Sprintf("%032x", r.IntN(50_000)),
				}
				if r.IntN(5) == 0 {
					row.Outcome, row.Division = []string{"declined", "suggested"}[r.IntN(2)], ""
					if now.Sub(row.Time) < 30*24*time.Hour {
						n := zipf.Uint64()
						row.Words = fmt.Sprintf("who takes care of %s and %s%d", madeUp(n), madeUp(n*7+3), n%3)
					}
				}
				if err := s.Write(context.Background(), row); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	writing.Wait()
	base := baseOf(b, acme)
	groups := 0
	b.ResetTimer()
	for range b.N {
		g, err := inbox.Read(b.Context(), s, now.Add(-30*24*time.Hour), base, 2)
		if err != nil {
			b.Fatal(err)
		}
		groups = len(g)
	}
	b.ReportMetric(float64(groups), "groups")
}

// madeUp is a word for a number.
func madeUp(n uint64) string {
	syllables := strings.Fields("ba do fi gu ka lo mi nu pa ro si tu va we zo che")
	var b strings.Builder
	for range 3 {
		b.WriteString(syllables[n%16])
		n /= 16
	}
	return b.String()
}
