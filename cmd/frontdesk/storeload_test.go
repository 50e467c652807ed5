package main

import (
	"database/sql"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"frontdesk/adapters/adaptertest"
	"frontdesk/bot/journal"
)

// eventClients is how many events BenchmarkSlackEvents sends at the same time.
const eventClients = 64

// BenchmarkSlackEvents sends b.N signed events over HTTP as fast as the program takes them, and
// prints how many it acknowledges a second, how many are answered and how many changes are not
// recorded, for each kind of store. The load and the stand-in for Slack share the machine with
// the program.
//
//	go test -run '^$' -bench SlackEvents -benchtime 20000x ./cmd/frontdesk
func BenchmarkSlackEvents(b *testing.B) { eachStore(b, benchmarkSlackEvents) }

func benchmarkSlackEvents(b *testing.B, store string) {
	fake := startStandIn(b, "slackstand-in")
	p := startProcessOf(b, built(b), slackEnv(fake.api, "FRONTDESK_SLACK_TRANSPORT=http",
		"FRONTDESK_LOG_LEVEL=info", "FRONTDESK_STORE="+store), "run")
	address := p.public() + "/slack/events"
	questions := exampleQuestions(b)
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: eventClients}}
	waitReady(b, client, address)

	requests := make([]*http.Request, b.N) // made before, since only the program is measured
	start := time.Now()
	for i := range requests {
		r, err := adaptertest.SlackRequest(address, "events_api", slackMention(fmt.Sprint("Ev", i),
			fmt.Sprint("C", i), fmt.Sprintf("%d.%06d", start.Unix(), i), questions[i%len(questions)]))
		if err != nil {
			b.Fatal(err)
		}
		requests[i] = r
	}
	var next, acknowledged atomic.Int64
	var all sync.WaitGroup
	b.ResetTimer()
	start = time.Now()
	for range eventClients {
		all.Go(func() {
			for i := next.Add(1) - 1; i < int64(len(requests)); i = next.Add(1) - 1 {
				response, err := client.Do(requests[i])
				if err != nil {
					continue
				}
				_, _ = io.Copy(io.Discard, response.Body)
				response.Body.Close()
				if response.StatusCode == http.StatusOK {
					acknowledged.Add(1)
				}
			}
		})
	}
	all.Wait()
	took := time.Since(start)
	b.StopTimer()
	missed := valueOf(b, metricsOf(b, p), missedMetric)
	if err := p.terminate(); err != nil {
		b.Error(err)
	}
	fake.in.Close()
	answered := 0
	for fake.out.Scan() {
		if strings.HasPrefix(fake.out.Text(), "wrong") {
			b.Errorf("Slack would refuse: %s", fake.out.Text())
			continue
		}
		answered++
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(float64(acknowledged.Load())/took.Seconds(), "acknowledged/s")
	b.ReportMetric(float64(int64(b.N)-acknowledged.Load()), "not-acknowledged")
	b.ReportMetric(float64(answered), "answered")
	b.ReportMetric(float64(missed), "not-recorded")
}

// BenchmarkStoreRows prints the start and the latencies with a store of 100,000 rows and as many
// events for each of b.N, and its size. For a million:
//
//	go test -run '^$' -bench StoreRows -benchtime 10x -timeout 30m ./cmd/frontdesk
func BenchmarkStoreRows(b *testing.B) {
	const rows = 100_000
	program := built(b)
	for _, engine := range []string{"sqlite", "postgres"} {
		b.Run(engine, func(b *testing.B) {
			store := filepath.Join(b.TempDir(), "store.db")
			if engine == "postgres" {
				store = testSchema(b)
			}
			size := fillStore(b, store, b.N*rows)
			took := starts(b, program, "FRONTDESK_STORE="+store)
			benchmarkLoad(b, store, 2000)
			b.ReportMetric(float64(size)/1e6, "store-MB")
			b.ReportMetric(quantile(took, 0), "ready-min-ms")
			b.ReportMetric(quantile(took, 0.5), "ready-p50-ms")
		})
	}
}

// fillStore writes so many rows of the journal and events of the last hours, and returns the
// size of the store in bytes.
func fillStore(b *testing.B, store string, n int) int64 {
	b.Helper()
	s, err := journal.Open(b.Context(), store, func(string) { b.Error("damaged") })
	if err != nil {
		b.Fatal(err)
	}
	driver := "sqlite"
	numbers := "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d) "
	if journal.InPostgres(store) {
		driver, numbers = "pgx", "WITH n AS (SELECT generate_series(1, %d) AS i) "
	}
	db, err := sql.Open(driver, store)
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	numbers = fmt.Sprintf(numbers, n)
	now := time.Now().UnixMilli()
	for _, statement := range []string{
		numbers + fmt.Sprintf("INSERT INTO events (key, adapter, taken, state, channel, message, edited, answer) "+
			"SELECT 'slack T1 C' || (i %% 200) || ' 1780000000.' || i, 'slack', %d - (%d - i) / 20, 2, "+
			"'C' || (i %% 200), '1780000000.' || i, '', '1780000001.' || i FROM n", now, n),
		numbers + fmt.Sprintf("INSERT INTO journal (time, adapter, outcome, division, topic, chance, audience, version, "+
			"took, asker, question, answer, words) SELECT %d - (%d - i) * 60, 'slack', 'answered', 'global-trade', "+
			"'Forced labor', 0.93, '', '0123456789ab', 900, 'a' || (i %% 5000), 'slack C' || (i %% 200) || ' ' || i, "+
			"'slack C' || (i %% 200) || ' a' || i, CASE WHEN i %% 10 = 0 THEN 'who handles forced labor cases' END FROM n",
			now, n),
	} {
		if _, err := db.Exec(statement); err != nil {
			b.Fatal(err)
		}
	}
	stats, err := s.Stats(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	if err := s.Close(); err != nil {
		b.Fatal(err)
	}
	return stats.Bytes
}
