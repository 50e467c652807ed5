package discord

import (
	"context"
	"errors"
	"hash/fnv"
	"runtime/debug"
	"slices"
	"strconv"
	"time"

	"frontdesk/adapters"
	"frontdesk/adapters/network"
	"frontdesk/bot"
	"frontdesk/bot/journal"
)

// idLength is the smallest length of an id that may have been cut to fit a button.
const idLength = maxCustomID - maxSnowflake - 1 - len(actionChoose) - 4

// responder sends the first response to an interaction.
type responder func(ctx context.Context, e event, r reply) error

// respond responds to an interaction that arrived over the gateway.
func (s *session) respond(ctx context.Context, e event, r reply) error {
	return s.client.respond(ctx, e, r)
}

// handle handles an event and logs one line about it. It recovers from a panic and
// apologizes to the asker.
func (s *session) handle(e event, r *adapters.Reply, respond responder) {
	log := s.log.With("event", e.id, "kind", e.kind.String())
	if e.text != "" {
		log.Debug("asked", "text", e.text)
	}
	start := time.Now()
	e.delivery = &delivery{}
	a, err := s.dispatch(e, r, respond)
	if r != nil && (errors.Is(err, journal.ErrClaimLost) || errors.Is(err, adapters.ErrUnclear) ||
		errors.Is(err, adapters.ErrNotDone)) {
		r.Lock()
		r.Release(e.edited) // this process may take the event over again
		r.Unlock()
	}
	s.settle(e, a, err, time.Since(start))
	if err != nil && (s.known(e, err) || errors.Is(err, journal.ErrClaimLost)) {
		log.Debug("could not reply", "error", err)
		return
	}
	adapters.Record(log, s.monitor, a, err, time.Since(start))
}

// known reports whether an error says that a channel or a person refuses messages, and
// was logged within the last hour, or that nobody waits for an autocomplete.
func (s *session) known(e event, err error) bool {
	switch code(err) {
	case codeUnknownInteraction: // choices that came late are no longer wanted
		return e.kind == typing
	case codeNoDirect:
		return !s.refused.Add(time.Now(), e.user)
	case codeUnknownChannel, codeMissingAccess, codeMissingPermissions, codeNoHistory, codeArchived, codeLocked:
		return !s.refused.Add(time.Now(), e.channel)
	}
	return false
}

// dispatch handles an event by its kind and apologizes if that panics.
func (s *session) dispatch(e event, r *adapters.Reply, respond responder) (a bot.Answer, err error) {
	defer func() {
		if cause := recover(); cause != nil {
			s.panicked(e, cause)
			a, err = bot.Apology(), errors.New("panicked")
			s.apologize(e, respond)
		}
	}()
	switch e.kind {
	case asked:
		return s.answerMessage(e, r)
	case roleMentioned:
		return s.answerRole(e)
	case deleted:
		return bot.Answer{}, s.followDeletion(e)
	default:
		return s.answerInteraction(e, respond)
	}
}

// panicked logs a panic.
func (s *session) panicked(e event, cause any) {
	stack := string(debug.Stack())
	s.broke.Log(func(n int) { s.log.Error("panicked", "event", e.id, "cause", cause, "stack", stack, "count", n) })
}

// apologize tells the asker that something went wrong.
func (s *session) apologize(e event, respond responder) {
	defer func() {
		if cause := recover(); cause != nil {
			s.broke.Log(func(n int) {
				s.log.Error("panicked during an apology", "event", e.id, "cause", cause, "count", n)
			})
		}
	}()
	m := message{Content: bot.Apology().Plain(), Mentions: mentions{Parse: []string{}}, Flags: ephemeral}
	var err error
	switch e.kind {
	case asked, roleMentioned:
		m.Flags = 0
		_, err = s.client.post(s.work, e.channel, e.message, "sorry"+e.nonce(), m, e.receipt.Posting)
	case typing:
		err = respond(s.work, e, reply{replyAutocomplete, offered{[]choice{}}})
	case commanded, listed, pressed, submitted:
		err = respond(s.work, e, reply{replyMessage, m})
	}
	if err != nil {
		s.broke.Log(func(n int) { s.log.Error("could not apologize", "event", e.id, "error", err, "count", n) })
	}
}

// open reports whether the bot may post public answers in a channel.
func (s *session) open(e event) bool {
	allowed, named := s.settings.Channels[e.server]
	return e.server == "" || !named || slices.Contains(allowed, e.channel) ||
		e.parent != "" && slices.Contains(allowed, e.parent)
}

// answerMessage answers a mention or a direct message, and changes the answer after an
// edit.
func (s *session) answerMessage(e event, r *adapters.Reply) (bot.Answer, error) {
	if !s.publicIn(&e) {
		return bot.Answer{}, nil
	}
	r.Lock()
	defer r.Unlock()
	if e.edited != "" {
		if err := s.catchUp(e.channel, e.message, e.edited, r); err != nil {
			return bot.Answer{}, err // the process that has answered it follows the edit
		}
	}
	if !r.Take(e.edited) {
		if e.posting {
			return bot.Answer{}, s.takeBackOlder(e, r)
		}
		return bot.Answer{}, nil
	}
	id, err := s.knows(e.channel, r.ID, e.message)
	if err != nil {
		return bot.Answer{}, err
	}
	r.ID = id
	e.delivery.readers = s.everyone(e)
	a, opened := s.openDirect(e)
	if !opened {
		a = s.asking.Text(e.delivery.readers, e.text)
	}
	if a.Outcome == bot.Silent {
		return a, nil
	}
	if r.ID == "" && e.server != "" && !s.cooldown.person(time.Now(), e.user) {
		return s.slowDown(e, r)
	}
	if a.Private && !e.direct() {
		return a, s.answerAlone(e, r, a)
	}
	nonce := e.nonce()
	if r.ID != "" {
		e.delivery.channel, e.delivery.id = e.channel, r.ID
		err := s.change(e, r.ID, a) // which may be repeated, so that it is not recorded before
		if code(err) != codeUnknownMessage {
			return a, s.orDirect(e, a, err)
		}
		nonce = "again" + nonce // somebody deleted the answer
	}
	err = s.say(e, r, a, nonce)
	if questionGone(err) {
		r.Gone = true
		return bot.Answer{}, nil
	}
	return a, s.orDirect(e, a, err)
}

// takeBackOlder deletes the answer that a process which has ended may have posted to a version
// of a question that a newer one, or the deletion, has overtaken. Only its nonce leads to it:
// the same message again returns its id.
func (s *session) takeBackOlder(e event, r *adapters.Reply) error {
	m := render(bot.Note(bot.SayNotPosted), frame{asker: e.user})
	id, err := s.client.post(s.work, e.channel, "", e.nonce(), m, nil)
	if err != nil || id == r.ID {
		return err
	}
	return s.client.remove(s.work, e.channel, id)
}

// publicIn reports whether the bot may post public answers in the channel of a message. It
// looks up whether that is a thread if the answer depends on it.
func (s *session) publicIn(e *event) bool {
	if !s.open(*e) && !e.placed {
		e.parent, _ = s.parent(e.channel)
	}
	return s.open(*e)
}

// answerAlone sends a private answer by direct message, and takes back the public answer to
// the question before its edit. If no direct message can be sent, it says in the channel how
// to ask in private.
func (s *session) answerAlone(e event, r *adapters.Reply, a bot.Answer) error {
	var before error
	if r.ID != "" {
		if before = s.takeBack(e.channel, r.ID, e.message); before == nil {
			r.ID = ""
		}
	}
	err := s.whisper(e, a, "")
	if noDirect(err) {
		note := bot.Note(bot.SayAloneAsk)
		if code(err) == codeNoDirect { // the asker can change that
			note = bot.Note(bot.SayAlone)
		}
		err = s.orDirect(e, note, s.say(e, r, note, "alone"+e.nonce()))
	}
	return errors.Join(before, err)
}

// nonce identifies the answer to one version of a question: Discord posts only one message
// with a nonce.
func (e event) nonce() string {
	if e.edited == "" {
		return e.message
	}
	h := fnv.New64a()
	_, _ = h.Write([]byte(e.message + " " + e.edited)) // never fails
	return strconv.FormatUint(h.Sum64(), 36)
}

// parent returns the channel of a thread, or "" if the channel is not a thread.
func (s *session) parent(channel string) (string, error) {
	parent, err := s.parents.Do(channel, func() (string, error) { return s.client.parent(s.work, channel) })
	if err != nil {
		s.log.Warn("could not look up a channel", "channel", channel, "error", err)
	}
	return parent, err
}

// shown renders an answer and passes it to show, without an embed if the bot may not embed
// links.
func (s *session) shown(e event, a bot.Answer, f frame, show func(message) error) error {
	f.plain = f.plain || e.noEmbed
	err := show(render(a, f))
	if c := code(err); !f.plain && (c == codeEmptyMessage || c == codeMissingPermissions) {
		f.plain = true
		if show(render(a, f)) == nil {
			return nil
		}
	}
	return err
}

// followDeletion deletes our answers to deleted questions.
func (s *session) followDeletion(e event) error {
	var problems []error
	for _, id := range e.gone {
		if e.edited == "" {
			s.settings.Keeper.Deleted(place(e.channel, id))
		}
		r := s.replies.Find(e.channel, id)
		if r == nil && s.replies.Forgotten(e.channel, id, snowflakeTime(id)) {
			r = s.recall(e.channel, id)
		}
		if r == nil {
			continue
		}
		r.Lock()
		_ = s.catchUp(e.channel, id, "", r) // the process that has answered it gets the deletion too
		r.Gone = r.Gone || e.edited == ""   // an edit removed the mention; another may add it again
		answer := r.ID
		r.ID = ""
		r.Unlock()
		answer, err := s.knows(e.channel, answer, id)
		if answer != "" {
			err = s.takeBack(e.channel, answer, id)
		}
		problems = append(problems, err)
	}
	return errors.Join(problems...)
}

// answerInteraction answers a command, a press or an autocomplete. If the desk takes long,
// it sends a deferred response first.
func (s *session) answerInteraction(e event, respond responder) (bot.Answer, error) {
	switch {
	case e.kind == typing:
		return bot.Answer{}, s.complete(e, respond)
	case e.again:
		return s.interactAgain(s.openAgain(e))
	case e.administers(), s.opens(e):
		if a, done, err := s.answerAdmin(e, respond); done {
			return a, err
		}
	}
	if e.kind == commanded && e.server != "" && !s.private(e) {
		e.note = excessNotes[s.cooldown.command(time.Now(), e.user, e.channel, e.server)]
		e.private = e.note != ""
	}
	type made struct {
		a bot.Answer
		f frame
		t int
	}
	done := make(chan made, 1)
	go func() {
		m := made{f: frame{private: true}, t: replyMessage}
		defer func() { done <- m }()
		defer func() {
			if cause := recover(); cause != nil {
				s.panicked(e, cause)
				m.a = bot.Apology()
			}
		}()
		m.a, m.f, m.t = s.interact(e)
	}()
	timer := time.NewTimer(s.timing.defers)
	defer timer.Stop()
	select {
	case m := <-done:
		m.f.plain, e.delivery.update = e.noEmbed, m.t == replyUpdate
		if err := e.receipt.Posting(); err != nil {
			return m.a, err
		}
		return m.a, s.orElsewhere(e, m.a, m.f, respond(s.work, e, reply{m.t, render(m.a, m.f)}))
	case <-timer.C:
	}
	deferral, alone := s.deferral(e)
	err := respond(s.work, e, deferral)
	m := <-done
	m.f.plain, e.delivery.update = e.noEmbed, m.t == replyUpdate
	switch {
	case m.f.private && !alone && !e.direct():
		return m.a, s.followUp(e, deferral.Type, m.a, m.f, err)
	case err == nil:
		err = s.finish(e, m.a, m.f)
	}
	return m.a, s.orElsewhere(e, m.a, m.f, err)
}

// deferral returns the deferred response to an interaction, and whether the asker alone sees
// it.
func (s *session) deferral(e event) (r reply, alone bool) {
	switch {
	case e.updates():
		return reply{Type: replyUpdateLater}, e.alone || e.direct()
	case s.private(e):
		return reply{replyLater, map[string]int{"flags": ephemeral}}, true
	}
	return reply{Type: replyLater}, false
}

// followUp sends a private answer after a public deferral.
func (s *session) followUp(e event, deferral int, a bot.Answer, f frame, err error) error {
	if err != nil {
		return err
	}
	if deferral == replyLater {
		if err := s.finish(e, bot.Note(bot.SayAnsweredAlone), frame{}); err != nil {
			return err
		}
	}
	f.private = true
	return s.client.follow(s.work, e, render(a, f))
}

// finish sends the answer after a deferred response. It retries while Discord does not
// know the deferral yet.
func (s *session) finish(e event, a bot.Answer, f frame) (err error) {
	m := render(a, f)
	m.Flags = 0 // the deferral decided whether it is ephemeral
	for try := range 6 {
		if err = s.client.finish(s.work, e, m); code(err) != codeUnknownWebhook {
			return err
		}
		if network.Sleep(s.work, s.client.Backoff(try)) != nil {
			return err
		}
	}
	return err
}

// orElsewhere posts an answer in the channel if err says that the interaction could not be
// answered. A private answer is dropped.
func (s *session) orElsewhere(e event, a bot.Answer, f frame, err error) error {
	late := expired(err)
	if err == nil || errors.Is(err, journal.ErrClaimLost) || !late && judge(err, true).Failure == adapters.Refused {
		return err
	}
	f.askedBy, f.question = e.user, e.text
	m := render(a, f)
	m.Flags = 0
	if !late && s.client.finish(s.work, e, m) == nil {
		return nil // the first response did arrive
	}
	if f.private || e.kind != commanded || e.channel == "" {
		s.drop(e, err)
		return nil
	}
	s.log.Warn("an interaction expired before it was answered; the answer goes to the channel", "event", e.id,
		"because", err)
	e.delivery.channel = e.channel
	e.delivery.id, err = s.client.post(s.work, e.channel, "", e.id, m, e.receipt.Posting)
	return err
}

// expired reports whether an error says that an interaction can no longer be answered.
func expired(err error) bool {
	return code(err) == codeUnknownInteraction || code(err) == codeUnknownWebhook || code(err) == codeInvalidToken
}

// drop notes that an interaction was not answered.
func (s *session) drop(e event, because error) {
	s.log.Info("an interaction expired before it was answered", "event", e.id, "because", because)
	e.delivery.dropped = true
}

// private reports whether the answer to an interaction is ephemeral: because the asker
// chose so, or because the channel has no public answers.
func (s *session) private(e event) bool {
	return e.private || e.kind == listed || e.kind == pressed || !s.open(e)
}

// updates reports whether an event is a press that changes the message with the button.
func (e event) updates() bool {
	switch e.action {
	case actionChoose, actionPick, actionPage:
		return e.kind == pressed && !e.intrudes()
	case actionAdmin, actionForm:
		return e.administers()
	case actionTry:
		return e.kind == pressed && e.alone
	}
	return false
}
