package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"frontdesk/adapters/adaptertest"
)

// Questions a second, in sum 300. Discord allows fifty calls a second; answers to interactions
// do not count. While the database is away each replica answers each message.
const (
	slackRate       = 240
	messageRate     = 15
	interactionRate = 45
)

const (
	// slackWaits is how long Slack waits for an acknowledgement
	// (docs.slack.dev/apis/events-api#responding).
	slackWaits = 3 * time.Second
	// mostTries is how often a question is sent again until it is acknowledged.
	mostTries = 12
)

// slackRetry is the time after which Slack sends an event again. Slack sends it at once,
// after a minute and after five; the drill does not wait so long, and does not give up.
func slackRetry(try int) time.Duration {
	return []time.Duration{0, time.Second, 5 * time.Second}[min(try, 2)]
}

// The kinds of questions.
const (
	bySlack = iota
	byMessage
	byInteraction
)

// drillQuestion is a question and what became of it.
type drillQuestion struct {
	kind         int
	phase        int
	asked        time.Time
	acknowledged time.Time // zero if nobody did
	id           string    // of the event, which the log has
	answers      int
	answered     time.Time // the first answer
}

// drillLoad asks questions over both platforms.
type drillLoad struct {
	d         *drill
	slack     *adaptertest.Slack
	discord   *adaptertest.Discord
	client    *http.Client
	questions []string
	sockets   bool         // Slack uses Socket Mode
	next      atomic.Int64 // the replica whose turn it is

	mu    sync.Mutex
	phase int
	asked map[string]*drillQuestion // by Slack's time stamp or Discord's id
}

func newDrillLoad(d *drill, slack *adaptertest.Slack, discord *adaptertest.Discord, sockets bool) *drillLoad {
	return &drillLoad{
		d: d, slack: slack, discord: discord, sockets: sockets, questions: exampleQuestions(d.b),
		asked:  map[string]*drillQuestion{},
		client: &http.Client{Timeout: slackWaits, Transport: &http.Transport{MaxIdleConnsPerHost: 100}},
	}
}

// run asks until ctx is done, and then waits until all are acknowledged.
func (l *drillLoad) run(ctx context.Context) {
	var all sync.WaitGroup
	start := time.Now()
	every := func(rate int, ask func(n int)) {
		all.Go(func() {
			for n := 0; ctx.Err() == nil; n++ {
				time.Sleep(time.Until(start.Add(time.Duration(n) * time.Second / time.Duration(rate))))
				ask(n)
			}
		})
	}
	every(slackRate, func(n int) { all.Go(func() { l.askSlack(n) }) })
	var ordered sync.Mutex // Discord sends its events in order
	every(messageRate, func(n int) {
		ordered.Lock()
		defer ordered.Unlock()
		l.askMessage(n)
	})
	every(interactionRate, func(n int) {
		ordered.Lock()
		defer ordered.Unlock()
		l.askInteraction(n)
	})
	all.Wait()
}

// note notes a question that is asked now.
func (l *drillLoad) note(kind int, key, id string) *drillQuestion {
	l.mu.Lock()
	defer l.mu.Unlock()
	q := &drillQuestion{kind: kind, phase: l.phase, asked: time.Now(), id: id}
	l.asked[key] = q
	return q
}

func (l *drillLoad) setPhase(n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.phase = n
}

func (l *drillLoad) acknowledge(q *drillQuestion) {
	l.mu.Lock()
	defer l.mu.Unlock()
	q.acknowledged = time.Now()
}

// askSlack sends an event until it is acknowledged, each in a channel of its own.
func (l *drillLoad) askSlack(n int) {
	ts, id := fmt.Sprintf("%d.%06d", time.Now().Unix(), n), fmt.Sprint("Ev", n)
	body := slackMention(id, fmt.Sprint("C", n), ts, l.questions[n%len(l.questions)])
	q := l.note(bySlack, ts, id)
	turn := 0
	for try := range mostTries {
		arrived := false
		if l.sockets {
			envelope := fmt.Sprintf("e%d-%d", n, try)
			turn, arrived = l.slack.Pass(turn, envelope, fmt.Sprintf(`{"envelope_id":%q,"type":"events_api","payload":%s,`+
				`"retry_attempt":%d,"retry_reason":%q}`, envelope, body, try, retryReason(try)), slackWaits)
			turn++ // a connection that does not acknowledge is not tried again at once
		} else {
			arrived = l.balance(body, try) == nil
		}
		if arrived {
			l.acknowledge(q)
			return
		}
		time.Sleep(slackRetry(try))
	}
}

// retryReason is Slack's word for why it sends an event again.
func retryReason(try int) string {
	if try == 0 {
		return ""
	}
	return "http_timeout"
}

// snowflake is an id of Discord's, which says when it was made
// (discord.com/developers/docs/reference#snowflakes). The number keeps it apart from others.
func snowflake(number int) string {
	const epoch = 1420070400000
	return fmt.Sprint((time.Now().UnixMilli()-epoch)<<22 | int64(number&(1<<22-1)))
}

// balance sends an event to a replica that its last check found ready, in turn. As load
// balancers do, it tries another if a connection is refused, and no other if the request may
// have arrived.
func (l *drillLoad) balance(body string, try int) error {
	for range len(l.d.replicas) {
		address := l.pick()
		r, err := adaptertest.SlackRequest(address+"/slack/events", "events_api", body)
		if err != nil {
			return err
		}
		if try > 0 {
			r.Header.Set("X-Slack-Retry-Num", fmt.Sprint(try))
			r.Header.Set("X-Slack-Retry-Reason", retryReason(try))
		}
		response, err := l.client.Do(r)
		if errors.Is(err, syscall.ECONNREFUSED) {
			continue
		}
		if err != nil {
			return err
		}
		_, _ = io.Copy(io.Discard, response.Body)
		_ = response.Body.Close()
		if response.StatusCode != http.StatusOK {
			return fmt.Errorf("status %d", response.StatusCode)
		}
		return nil
	}
	return errors.New("nobody listens")
}

// pick returns the address of the next replica that is ready, or of the next one if none is.
func (l *drillLoad) pick() (address string) {
	all := l.d.replicas
	for range all {
		r := all[int(l.next.Add(1))%len(all)]
		r.mu.Lock()
		address = r.address
		ready := r.process != nil && r.healthy.Load()
		r.mu.Unlock()
		if ready {
			break
		}
	}
	return address
}

// askMessage sends a message to every session, each in a channel of its own.
func (l *drillLoad) askMessage(n int) {
	id := snowflake(2 * n)
	q := l.note(byMessage, id, id)
	if l.discord.EmitAll("MESSAGE_CREATE", fmt.Sprintf(`{"id":%q,"channel_id":"%d","guild_id":"50","type":0,`+
		`"content":"<@100000000000000001> %s","author":{"id":"%d"}}`, id, 10_000+n, l.questions[n%len(l.questions)],
		70_000+n)) > 0 {
		l.acknowledge(q)
	}
}

// askInteraction sends an interaction to every session.
func (l *drillLoad) askInteraction(n int) {
	id := snowflake(2*n + 1)
	q := l.note(byInteraction, id, id)
	if l.discord.EmitAll("INTERACTION_CREATE", fmt.Sprintf(`{"id":%q,"application_id":"100000000000000001",`+
		`"type":2,"token":"token-%s","channel_id":"%d","guild_id":"50","member":{"user":{"id":"%d"}},`+
		`"data":{"name":"ask","type":1,"options":[{"name":"question","type":3,"value":%q}]}}`, id, id, 500_000+n,
		70_000+n, l.questions[n%len(l.questions)])) > 0 {
		l.acknowledge(q)
	}
}
