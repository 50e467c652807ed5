package main

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"os"
	"strings"
	"sync"
	"time"

	"frontdesk/bot"
	"frontdesk/bot/journal"
)

const (
	// seenEvery is how often a replica says in the store that it runs, a quarter of the time
	// after which it is not listed any more.
	seenEvery = journal.ReplicaLife / 4
	// seenWithin is how long one try may take.
	seenWithin = 2 * time.Second
)

// register is where replicas find each other: a store in PostgreSQL.
type register interface {
	Saw(ctx context.Context, r journal.Replica) error
	Left(ctx context.Context, name string) error
	Replicas(ctx context.Context) ([]journal.Replica, error)
}

const (
	// noticedFor is how long replicas do not repeat each other's notices: each may get a new file
	// at a time of its own, within about a minute on Kubernetes.
	noticedFor = 2 * time.Minute
	// agreedFor is how long it is remembered that a pending file was confirmed.
	agreedFor = 24 * time.Hour
)

// shareReloads makes replicas post each notice about the knowledge file once, and use a pending
// file once it was confirmed at any of them.
func (p *service) shareReloads() {
	if p.ledger.Exclusive() {
		return
	}
	notify := p.reloader.notify
	p.reloader.notify = func(notice bot.Answer) {
		sum := sha256.Sum256([]byte(notice.Plain()))
		if p.ledger.Once("notice "+hex.EncodeToString(sum[:]), noticedFor) {
			notify(notice)
		}
	}
	p.reloader.agreed = func(version string) { p.ledger.Once(agreedKey(version), agreedFor) }
}

func agreedKey(version string) string { return "agreed " + version }

// agree uses the pending file if it was confirmed at another replica.
func (p *service) agree(ctx context.Context) {
	if version := p.health.held(); version != "" && p.ledger.Done(agreedKey(version), agreedFor) {
		p.reloader.Confirm(ctx, version)
	}
}

// replicas follows which processes use the same store, and with which knowledge file.
type replicas struct {
	register register
	agree    func(ctx context.Context)
	ledger   *journal.Ledger
	before   map[string]time.Time   // who was there at the first look, and when each was seen
	self     func() journal.Replica // this process now
	metrics  *metrics

	mu     sync.Mutex
	latest []journal.Replica
}

// replicaName names this process: after its machine, which is the pod in Kubernetes, and at
// random, since several may run on a machine.
func replicaName() string {
	host, _ := os.Hostname()
	return cmp.Or(host, "replica") + "-" + strings.ToLower(rand.Text()[:5])
}

// list returns the replicas that the last look found, by name.
func (r *replicas) list() []journal.Replica {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.latest
}

// follow says that this replica runs and looks for the others, until ctx is done.
func (r *replicas) follow(ctx context.Context) {
	tick := time.NewTicker(seenEvery)
	defer tick.Stop()
	for {
		r.look(ctx)
		r.agree(ctx)
		select {
		case <-tick.C:
		case <-ctx.Done():
			r.leave(context.WithoutCancel(ctx))
			return
		}
	}
}

// look is one look. If the store fails, which its own state says, this replica is the only one
// that is sure to run.
func (r *replicas) look(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, seenWithin)
	defer cancel()
	self := r.self()
	list := []journal.Replica{self}
	if err := r.register.Saw(ctx, self); err == nil {
		if all, err := r.register.Replicas(ctx); err == nil {
			list = all
			r.compare(all, self.Name)
		}
	}
	r.mu.Lock()
	r.latest = list
	r.mu.Unlock()
	r.metrics.setReplicas(list)
}

// compare tells the ledger whether other replicas run: whether one was seen again, or is new, since
// the first look. One that was there at the first look may have died before.
func (r *replicas) compare(list []journal.Replica, self string) {
	if r.before == nil {
		r.before = map[string]time.Time{}
		for _, other := range list {
			r.before[other.Name] = other.Seen
		}
		return
	}
	for _, other := range list {
		if other.Name != self && other.Seen.After(r.before[other.Name]) {
			r.ledger.PeerSeen()
			return
		}
	}
	r.ledger.NoPeerSeen()
}

// leave says that this replica ends.
func (r *replicas) leave(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, seenWithin)
	defer cancel()
	_ = r.register.Left(ctx, r.self().Name) // else it is not listed after a while
}

// filesDiffer reports whether replicas use different knowledge files.
func filesDiffer(list []journal.Replica) bool {
	for _, r := range list {
		if r.File != list[0].File {
			return true
		}
	}
	return false
}

// followReplicas follows the replicas on the same store, if there can be several, and returns
// a function that ends that.
func (p *service) followReplicas(ctx context.Context) (end func()) {
	if p.register == nil {
		return func() {}
	}
	name := replicaName()
	self := func() journal.Replica {
		return journal.Replica{
			Name: name, Version: version(), File: p.reloader.current.Load().Version, Seen: time.Now(),
		}
	}
	r := &replicas{register: p.register, self: self, metrics: p.metrics, agree: p.agree, ledger: p.ledger}
	p.health.setReplicas(r.list)
	p.log.Info("using a store that replicas may share", "replica", name)
	ctx, cancel := context.WithCancel(ctx)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		r.follow(ctx)
	}()
	return func() {
		cancel()
		<-ended
	}
}
