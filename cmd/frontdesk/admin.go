package main

import (
	"context"
	"strings"
	"time"

	"frontdesk/bot"
	"frontdesk/bot/inbox"
	"frontdesk/bot/journal"
	"frontdesk/knowledge"
)

// newOffice returns the inbox in chat over a store.
func (p *service) newOffice(s inbox.Store) *inbox.Office {
	return &inbox.Office{
		Store: s, Path: p.settings.Knowledge, Admins: p.settings.Admin.People, People: p.settings.Inbox.People,
		Used: func() *knowledge.Snapshot { return p.reloader.current.Load() },
		Kept: limits(p.settings.Journal).Words, HandOver: p.handOver, Post: func(bot.Answer) {}, Log: p.log,
	}
}

// handOver says why an admin in chat gets a change as a patch instead of having it written:
// the file is not the program's to write. It is "" if it is.
func (p *service) handOver() string {
	if journal.InPostgres(string(p.settings.Store)) {
		return "the store is in PostgreSQL, so other processes may use another copy of the file"
	}
	if err := knowledge.Editable(p.settings.Knowledge); err != nil {
		return err.Error()
	}
	return ""
}

// administer does what an admin asks for in chat. Everybody in the channel for admins may
// confirm a new file.
func (p *service) administer(ctx context.Context, r bot.Request) bot.Answer {
	if version, ok := strings.CutPrefix(r.Action, bot.UseFile); ok {
		if !r.InChannel {
			return bot.Answer{}
		}
		return p.reloader.Confirm(ctx, version)
	}
	if p.office == nil {
		return bot.Answer{}
	}
	return p.office.Do(ctx, r)
}

// await returns what an adapter calls when somebody wants to be told an answer, or nil without
// a store.
func (p *service) await(adapter string) func(ctx context.Context, person, question string) bot.Answer {
	if p.office == nil {
		return nil
	}
	return func(ctx context.Context, person, question string) bot.Answer {
		return inbox.Await(ctx, p.office.Store, adapter, person, journal.Words(question), p.log)
	}
}

// informEvery is how often those who wait for an answer are looked at when the file has not
// changed: somebody may begin to wait while a new file is put in use, or could not be reached.
const informEvery = time.Hour

// attend posts the digest when it is due and tells people the answers that they wait for,
// until ctx is done.
func (p *service) attend(ctx context.Context, all []bot.Adapter) {
	tellers := map[string]bot.Teller{}
	for _, a := range all {
		if t, ok := a.(bot.Teller); ok {
			tellers[a.Name()] = t
		}
	}
	inform := time.NewTicker(informEvery)
	defer inform.Stop()
	digest := p.digestTimer()
	for {
		select {
		case <-ctx.Done():
			return
		case <-digest.C:
			p.postDigest(ctx)
			digest = p.digestTimer()
			continue
		case <-p.reloader.used:
		case <-inform.C:
		}
		if err := inbox.Inform(ctx, p.office.Store, p.office.Base(), tellers, p.log); err != nil && ctx.Err() == nil {
			p.log.Warn("could not look for people who wait for an answer", "error", err)
		}
	}
}

// digestTimer ends when the digest is due; never if there is none.
func (p *service) digestTimer() *time.Timer {
	next, ok := p.settings.Inbox.Next(time.Now())
	if !ok {
		return &time.Timer{} // its channel is nil
	}
	return time.NewTimer(time.Until(next))
}

// postDigest posts the digest, unless another process has.
func (p *service) postDigest(ctx context.Context) {
	a, ok, err := p.office.Digest(ctx)
	if err == nil && ok {
		ok, err = p.office.Store.Once(ctx, "digest "+time.Now().Format(time.DateOnly), 24*time.Hour)
	}
	switch {
	case err != nil:
		p.log.Warn("the digest of the inbox is not posted", "error", err)
	case ok:
		p.office.Post(a)
	}
}
