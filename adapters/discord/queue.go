package discord

import (
	"errors"
	"sync"
	"time"

	"frontdesk/adapters"
	"frontdesk/bot"
	"frontdesk/bot/journal"
)

// queue has the answers that wait until their channel may get another message, by channel.
// The goroutine of the first answer in a channel leads: it waits, posts what is there by
// then in one message, and tells the goroutines of the other answers. What came too late for
// that message waits for the next one, led by its first.
type queue struct {
	mu      sync.Mutex
	waiting map[string][]*waiting
}

// waiting is an answer in the queue.
type waiting struct {
	e      event
	answer bot.Answer
	nonce  string
	leads  chan struct{} // closed when it leads
	posted chan posted   // what its leader has done
}

// posted is a message with an answer, or why there is none.
type posted struct {
	id  string
	err error
}

// mostMerged is how many answers one message has at most: with more of them, too little of
// each would be left.
const mostMerged = 20

// enter puts an answer into the queue of its channel, unless the queue is empty and now
// allows a message at once.
func (q *queue) enter(w *waiting, now func() bool) (queued bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	channel := w.e.channel
	ahead := len(q.waiting[channel])
	if ahead == 0 && now() {
		return false
	}
	if q.waiting == nil {
		q.waiting = map[string][]*waiting{}
	}
	q.waiting[channel] = append(q.waiting[channel], w)
	if ahead == 0 {
		close(w.leads)
	}
	return true
}

// next takes the answers of the next message to a channel out of the queue. They begin with
// the one that leads.
func (q *queue) next(channel string) []*waiting {
	q.mu.Lock()
	defer q.mu.Unlock()
	all := q.waiting[channel]
	n := min(len(all), mostMerged)
	if rest := all[n:]; len(rest) > 0 {
		q.waiting[channel] = rest
		close(rest[0].leads)
	} else {
		delete(q.waiting, channel)
	}
	return all[:n:n]
}

// say posts the answer to a message: at once if its channel may get another message, else
// in one message with others that wait. The caller holds the lock of r.
func (s *session) say(e event, r *adapters.Reply, a bot.Answer, nonce string) (err error) {
	w := &waiting{e: e, answer: a, nonce: nonce, leads: make(chan struct{}), posted: make(chan posted, 1)}
	atOnce := func() bool { return e.server == "" || s.cooldown.message(time.Now(), e.channel) }
	defer func() { e.delivery.channel, e.delivery.id = e.channel, r.ID }()
	// Only alone it has the nonce that it may have been posted with, or is by another process.
	cutOff := e.receipt == nil && s.settings.Ledger.CutOff()
	if cutOff && !atOnce() { // another may post it together with others
		s.monitor.Happened(bot.Unclear)
	}
	if e.posting || cutOff || !s.queue.enter(w, atOnce) {
		r.ID, err = s.postAnswer(w)
		return err
	}
	defer s.showWaiting(e)()
	var p posted
	select {
	case <-w.leads:
		s.lead(e.channel)
		p = <-w.posted
	case p = <-w.posted:
	}
	r.ID = p.id
	return p.err
}

// errUnposted is the error of an answer whose leader panicked.
var errUnposted = errors.New("the message with this answer could not be made")

// lead waits until a channel may get another message and posts the answers that wait. When
// the program stops, nothing waits any longer: what is left is posted as fast as Discord
// allows.
func (s *session) lead(channel string) {
	timer := time.NewTimer(s.cooldown.reserve(time.Now(), channel))
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-s.stopping:
	}
	all := s.queue.next(channel)
	p := posted{err: errUnposted}
	defer func() {
		for _, w := range all {
			w.posted <- p
		}
	}()
	for len(all) > 1 {
		all = withoutLost(all)
		if len(all) < 2 {
			break
		}
		if p.id, p.err = s.postMerged(channel, all); !errors.Is(p.err, journal.ErrClaimLost) {
			return
		}
	}
	if len(all) == 1 {
		p.id, p.err = s.postAnswer(all[0])
	}
}

// withoutLost leaves out the answers that another process gives, and tells them so.
func withoutLost(all []*waiting) (left []*waiting) {
	for i, err := range postingTogether(all) {
		if err != nil {
			all[i].posted <- posted{err: err}
		} else {
			left = append(left, all[i])
		}
	}
	return left
}

// postAnswer posts one answer as a reply to its question.
func (s *session) postAnswer(w *waiting) (id string, err error) {
	err = s.shown(w.e, w.answer, s.replied(w.e, w.answer), func(m message) (err error) {
		m.must = w.e.again // it may have been deleted while no process ran
		id, err = s.client.post(s.work, w.e.channel, w.e.message, w.nonce, m, w.e.receipt.Posting)
		return err
	})
	return id, err
}
