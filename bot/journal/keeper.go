package journal

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"log/slog"
	"sync"
	"time"

	"frontdesk/bot"
	"frontdesk/knowledge"
)

// Policy says of which questions the words are kept.
type Policy string

// The policies.
const (
	KeepGaps Policy = "gaps" // those that were declined, only suggested, voted down, or asked again
	KeepNone Policy = "none"
	KeepAll  Policy = "all"
)

const (
	// wordsWait is how long the words of a question wait in memory for a vote, for a choice, or
	// for the same person to ask again.
	wordsWait = time.Hour
	// againWithin is the time within which a person who asks again in other words was not
	// helped by the first answer.
	againWithin = 3 * time.Minute
	// mostWaiting is how many questions wait in memory at most; the oldest are dropped.
	mostWaiting = 10_000
	// mostNotes is how many changes of the journal wait at most to be written. More are lost.
	mostNotes = 5_000
	// writeWithin is how long one change of the journal may take.
	writeWithin = 5 * time.Second
	// newsEvery is the time between two looks for what other processes have recorded about questions
	// whose words wait here, and newsOverlap by how much they overlap, since clocks differ.
	newsEvery   = 10 * time.Second
	newsOverlap = 10 * time.Second
	// sweepEvery is the time between two erasures of what is too old.
	sweepEvery = time.Minute
)

// Asked is a question that was answered, for the journal.
type Asked struct {
	Adapter  string
	Question string // its place, such as a channel and a message, "" if it has none
	Answer   string // place of the message with the answer; "" if it has none
	Asker    string // the platform's id
	Words    string
	Readers  bot.Audience
	Reply    bot.Answer
	Took     time.Duration
	// Chosen says that the person did not ask, but chose the division that Reply is about.
	Chosen bool
	// Below is the place of the message that offered what was chosen, "" if it has none.
	Below string
}

// Chosen is the outcome of a row about a division that a person chose, which tells what a
// question meant. It is no question of its own.
const Chosen = "chosen"

// Keeper writes the journal, beside the answers: nothing waits for it. A nil Keeper writes
// nothing.
type Keeper struct {
	store  Store
	key    []byte // of the hashes of askers
	policy Policy
	limits Limits
	log    *slog.Logger
	// version is that of the knowledge file in use.
	version func() string
	missed  func()

	notes   chan func(ctx context.Context) error
	closing chan struct{}
	pending sync.WaitGroup

	mu      sync.Mutex
	waiting map[string]words  // by place of the question
	answers map[string]string // place of the answer → place of the question
	last    map[string]string // asker → place of their last question
	order   []string          // places of questions, the oldest first
}

// words are those of a question, which may be kept later or, if they are kept already, be
// written again with the division that was meant.
type words struct {
	text, asker, answer string
	at                  time.Time
	question            string // "" if it has no place
	kept                bool   // its row has the words
	gap                 bool   // it is known that it was not answered well
}

// NewKeeper returns a keeper that writes to a store. The key makes the hashes of askers;
// without it, nobody can find out from the store who asked. Version is that of the knowledge
// file in use. Missed is called for every change that could not be written.
func NewKeeper(
	s Store, key []byte, p Policy, l Limits, version func() string, log *slog.Logger, missed func(),
) *Keeper {
	k := &Keeper{
		store: s, key: key, policy: p, limits: l, log: log, version: version, missed: missed,
		notes: make(chan func(context.Context) error, mostNotes), closing: make(chan struct{}),
		waiting: map[string]words{}, answers: map[string]string{}, last: map[string]string{},
	}
	k.pending.Add(1)
	go k.write()
	return k
}

// Share makes the keeper follow what other processes record: a vote, or another question of the
// same person, about a question whose words wait in this one. It is called before the keeper is
// used.
func (k *Keeper) Share() {
	k.pending.Go(func() {
		tick := time.NewTicker(newsEvery)
		defer tick.Stop()
		for since := time.Now(); ; {
			select {
			case now := <-tick.C:
				if k.follow(since.Add(-newsOverlap)) == nil {
					since = now
				}
			case <-k.closing:
				return
			}
		}
	})
}

// follow looks for what was recorded since a time.
func (k *Keeper) follow(since time.Time) error {
	ctx, cancel := context.WithTimeout(context.Background(), writeWithin)
	defer cancel()
	down, asked, err := k.store.News(ctx, since)
	if err != nil {
		return err // the state of the store says it
	}
	for _, answer := range down {
		k.mu.Lock()
		question := k.answers[answer]
		k.mu.Unlock()
		k.keepWords(question, false)
	}
	for _, r := range asked {
		k.again(r.Asker, r.Question, r.Time)
	}
	return nil
}

// Hash is how an asker is called in the store.
func (k *Keeper) Hash(adapter, asker string) string { return AskerHash(k.key, adapter, asker) }

// AskerHash is how an asker of an adapter is called in the store, given the key.
func AskerHash(key []byte, adapter, asker string) string {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(adapter + " " + asker)) // never fails
	return hex.EncodeToString(mac.Sum(nil)[:16])
}

// Note writes a question into the journal.
func (k *Keeper) Note(a Asked) {
	if k == nil || a.Reply.Outcome == bot.Silent || a.Reply.Welcome {
		return
	}
	now := time.Now()
	row := Row{
		Time: now, Adapter: a.Adapter, Outcome: a.Reply.Outcome.String(), Division: a.Reply.Division,
		Chance: a.Reply.Match.Chance, Audience: a.Readers.String(), Version: k.version(), Took: a.Took,
		Asker: k.Hash(a.Adapter, a.Asker), Question: a.Question, Answer: a.Answer,
	}
	if e := a.Reply.Evidence; e != nil {
		row.Topic = e.Title
	}
	said := ""
	if k.policy != KeepNone && !a.Reply.Private {
		said = Words(a.Words)
	}
	if a.Reply.Private { // its subject is nobody's business
		row.Division, row.Topic = "", ""
	}
	if a.Chosen {
		row.Outcome = Chosen
		w, ok := k.meant(a.Below, row.Asker, now)
		k.do(func(ctx context.Context) error {
			if !ok && a.Below != "" { // another process may have answered the question
				if r, found, err := k.store.Answered(ctx, a.Below); err == nil && found {
					w, ok = words{text: r.Words, asker: r.Asker, question: r.Question}, true
				}
			}
			if ok && !a.Reply.Private {
				row.Question = w.question
				if w.asker == row.Asker { // else the words would outlast [Store.ForgetAsker] of who wrote them
					row.Words = w.text
				}
			}
			return k.store.Write(ctx, row)
		})
		return
	}
	k.again(row.Asker, a.Question, now)
	gap := a.Reply.Outcome != bot.Answered || a.Reply.Match.Verdict == knowledge.Possible
	kept := k.policy == KeepAll || gap
	if kept {
		row.Words = said
	}
	if said != "" && (kept || a.Question != "") {
		k.remember(words{said, row.Asker, a.Answer, now, a.Question, kept, gap})
	}
	k.do(func(ctx context.Context) error { return k.store.Write(ctx, row) })
}

// Voted records a person's vote on an answer. The words of a question whose answer did not
// help are kept.
func (k *Keeper) Voted(adapter, answer, asker string, up bool) {
	if k == nil || answer == "" {
		return
	}
	hash := k.Hash(adapter, asker)
	k.do(func(ctx context.Context) error {
		_, err := k.store.Vote(ctx, answer, hash, up)
		return err
	})
	if up {
		return
	}
	k.mu.Lock()
	question := k.answers[answer]
	k.mu.Unlock()
	k.keepWords(question, false)
}

// Deleted erases the words of a question that was deleted at the platform.
func (k *Keeper) Deleted(question string) {
	if k == nil || question == "" {
		return
	}
	k.mu.Lock()
	k.forget(question)
	k.mu.Unlock()
	k.do(func(ctx context.Context) error { return k.store.ForgetQuestion(ctx, question) })
}

// again keeps the words of a person's last question if they ask again soon.
func (k *Keeper) again(asker, question string, now time.Time) {
	k.mu.Lock()
	before := k.last[asker]
	w, ok := k.waiting[before]
	k.mu.Unlock()
	if ok && before != question && now.After(w.at) && now.Sub(w.at) < againWithin {
		k.keepWords(before, true)
	}
}

// meant returns the question below whose answer a person chooses: that of the message with
// the offers, else the person's last one if that was asked just now. Its words must be kept
// already.
func (k *Keeper) meant(below, asker string, now time.Time) (w words, ok bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if w, ok = k.waiting[k.answers[below]]; !ok {
		w, ok = k.waiting[k.last[asker]]
		ok = ok && now.Sub(w.at) < againWithin
	}
	return w, ok && w.kept && now.Sub(w.at) < wordsWait
}

func (k *Keeper) remember(w words) {
	k.mu.Lock()
	defer k.mu.Unlock()
	question := w.question
	if question == "" { // one for each person
		question = "of " + w.asker
	}
	k.forget(question)
	k.waiting[question], k.last[w.asker] = w, question
	if w.answer != "" {
		k.answers[w.answer] = question
	}
	k.order = append(k.order, question)
	for len(k.order) > 0 {
		oldest := k.order[0]
		if kept, ok := k.waiting[oldest]; ok && len(k.order) <= mostWaiting && w.at.Sub(kept.at) < wordsWait {
			break
		}
		k.forget(oldest)
		k.order = k.order[1:]
	}
}

// forget drops the words of a question from memory. The caller holds the lock.
func (k *Keeper) forget(question string) {
	w, ok := k.waiting[question]
	if !ok {
		return
	}
	delete(k.waiting, question)
	delete(k.answers, w.answer)
	if k.last[w.asker] == question {
		delete(k.last, w.asker)
	}
}

// keepWords writes the words of an answered question, if they are still in memory. Again says
// that the same person asked again.
func (k *Keeper) keepWords(question string, again bool) {
	k.mu.Lock()
	w, ok := k.waiting[question]
	ok = ok && !w.gap
	if ok {
		w.kept, w.gap = true, true
		k.waiting[question] = w
	}
	k.mu.Unlock()
	if ok {
		k.do(func(ctx context.Context) error { return k.store.AddWords(ctx, question, w.text, again) })
	}
}

// do queues a change. It does not wait.
func (k *Keeper) do(change func(ctx context.Context) error) {
	select {
	case k.notes <- change:
	default:
		k.missed()
	}
}

// write makes the queued changes, and erases what is too old.
func (k *Keeper) write() {
	defer k.pending.Done()
	sweep := time.NewTicker(sweepEvery)
	defer sweep.Stop()
	failing := false
	run := func(change func(ctx context.Context) error) {
		ctx, cancel := context.WithTimeout(context.Background(), writeWithin)
		defer cancel()
		err := change(ctx)
		if err != nil {
			k.missed()
			// A store that fails would fill the log, and of one that is away the ledger tells.
			if !failing && !errors.Is(err, ErrAway) {
				k.log.Warn("the journal is not written", "error", err)
			}
		}
		failing = err != nil
	}
	erase := func(ctx context.Context) error {
		err := k.store.Sweep(ctx, time.Now(), k.limits)
		if errors.Is(err, context.DeadlineExceeded) { // the next time erases the rest
			return nil
		}
		return err
	}
	run(erase)
	for {
		select {
		case change := <-k.notes:
			run(change)
		case <-sweep.C:
			run(erase)
		case <-k.closing:
			for {
				select {
				case change := <-k.notes:
					run(change)
				default:
					return
				}
			}
		}
	}
}

// Close writes the queued changes, for at most two seconds. It does not close the store.
func (k *Keeper) Close() {
	if k == nil {
		return
	}
	close(k.closing)
	done := make(chan struct{})
	go func() {
		k.pending.Wait()
		close(done)
	}()
	select {
	case <-done:
	case <-time.After(flushWithin):
	}
}
