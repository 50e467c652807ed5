package slack

import (
	"errors"
	"fmt"
	"runtime/debug"
	"strings"
	"time"

	"frontdesk/adapters"
	"frontdesk/bot"
	"frontdesk/bot/journal"

	"github.com/slack-go/slack"
)

// handle handles an event and logs one line about it. It recovers from a panic and
// apologizes to the asker.
func (s *session) handle(e event, r *adapters.Reply) {
	log := s.log.With("event", e.id, "kind", e.kind.String())
	defer func() {
		if cause := recover(); cause != nil {
			stack := string(debug.Stack())
			s.broke.Log(func(n int) { log.Error("panicked", "cause", cause, "stack", stack, "count", n) })
			s.apologize(e)
			e.receipt.GaveUp()
		}
	}()
	if e.text != "" {
		log.Debug("asked", "text", e.text)
	}
	start := time.Now()
	a, err := s.dispatch(e, r)
	if errors.Is(err, journal.ErrClaimLost) {
		log.Debug("not replied", "because", err)
		s.settled(e, r, a, err)
		return
	}
	adapters.Record(log, s.monitor, a, err, time.Since(start))
	s.settled(e, r, a, err)
}

// dispatch handles an event by its kind and returns the answer that was sent, if any.
func (s *session) dispatch(e event, r *adapters.Reply) (bot.Answer, error) {
	switch e.kind {
	case asked:
		return s.answerQuestion(e, r)
	case deleted:
		return bot.Answer{}, s.followDeletion(e, r)
	case submitted:
		return bot.Answer{}, s.pressAdmin(e, e.value)
	case commanded:
		if a, ok := s.openInbox(e); ok {
			return a, s.whisper(e, a, ref{})
		}
		readers := s.alone(e)
		a := s.asking.Text(readers, e.text)
		return a, s.noted(e, e.text, readers, a, "", s.whisper(e, a, ref{Question: e.text}))
	case shortcut:
		readers := s.alone(e)
		a := s.asking.Text(readers, e.text)
		err := s.whisper(e, a, ref{Question: e.text, Thread: first(e.thread, e.ts)})
		return a, s.noted(e, e.text, readers, a, "", err)
	case homeOpened:
		return bot.Answer{}, s.client.publish(s.work, e.user, homeBlocks(s.asking.Directory(s.alone(e))))
	case chatOpened:
		return bot.Answer{}, s.suggest(e)
	case pressed:
		return s.press(e)
	}
	return bot.Answer{}, nil
}

// again answers what a button refers to.
func (s *session) again(readers bot.Audience, r ref) bot.Answer {
	if r.Division != "" {
		return s.asking.Choice(readers, r.Division, maxOption-1)
	}
	return s.asking.Text(readers, r.Question)
}

// answerQuestion answers a mention or a direct message, and changes the answer after an
// edit.
func (s *session) answerQuestion(e event, r *adapters.Reply) (bot.Answer, error) {
	r.Lock()
	defer r.Unlock()
	if e.edited != "" {
		if err := s.catchUp(e, r); err != nil {
			return bot.Answer{}, err
		}
	}
	found, err := s.lookUp(e, r)
	if err != nil || !r.Take(e.edited) || e.unclear && found || e.bot != "" && r.ID == "" && !s.firstOfApps(e) {
		return bot.Answer{}, err
	}
	thread := s.answerThread(e)
	if e.direct && thread != "" && r.ID == "" {
		s.sayThinking(e.channel, thread)
	}
	readers := s.everyone(e)
	question, a := s.answerTo(e, readers)
	if inbox, ok := s.openInbox(e); ok {
		a = inbox
	}
	if a.Outcome == bot.Silent {
		return a, nil
	}
	if a.Private && e.user == "" { // a workflow is nobody to answer alone
		a = bot.Note(bot.SayAloneAsk)
	}
	e.text = question
	if a.Alone() && !e.direct && e.user != "" {
		if e.unclear { // an ephemeral message cannot be looked for
			s.monitor.Happened(bot.Unclear)
			if !s.ledger.HasPeers() {
				return bot.Answer{}, nil
			}
		}
		return a, s.noted(e, question, readers, a, "", s.answerAlone(e, r, thread, a))
	}
	about := ref{Question: e.text, Thread: thread, Asker: first(e.user, e.bot), Direct: e.direct}
	m := e.render(a, frame{ref: about, id: answerID(e.ts)})
	if r.ID != "" {
		if err := s.client.update(s.work, e.channel, r.ID, m); slackCode(err) != codeGone {
			return a, s.noted(e, question, readers, a, r.ID, err)
		} // else somebody deleted the answer
	}
	ts, err := s.client.post(s.work, e.channel, thread, m)
	if barred(err) && !e.direct {
		return a, s.noted(e, question, readers, a, "", s.answerDirectly(e, a, err))
	}
	r.ID = ts
	r.Gone = errors.Is(err, adapters.ErrUnclear) // an edit must not post a second one
	return a, s.noted(e, question, readers, a, ts, err)
}

// answerAlone shows an answer to the asker only, and deletes the public answer to
// the question before its edit.
func (s *session) answerAlone(e event, r *adapters.Reply, thread string, a bot.Answer) error {
	var before error
	if r.ID != "" {
		if before = s.client.remove(s.work, e.channel, r.ID); before == nil {
			r.ID = ""
		}
	}
	m := e.render(a, frame{ref: ref{Question: e.text, Thread: thread}, private: true})
	err := s.client.postAlone(s.work, e.channel, e.user, e.activeThread(), m)
	if slackCode(err) != "" { // for example, the asker has left the channel
		err = s.answerDirectly(e, a, err)
	}
	return errors.Join(before, err)
}

// followDeletion deletes our answer to a deleted question.
func (s *session) followDeletion(e event, r *adapters.Reply) error {
	r.Lock()
	defer r.Unlock()
	s.keeper.Deleted(place(e.channel, e.ts)) // after the answer, if it is being written down just now
	err := s.catchUp(e, r)
	if err == nil {
		_, err = s.lookUp(e, r)
	}
	r.Gone = true
	if r.ID == "" {
		return err
	}
	ts := r.ID
	r.ID = ""
	return s.client.remove(s.work, e.channel, ts)
}

// postBelow posts an answer in the direct messages with the bot.
func (s *session) postBelow(e event, a bot.Answer, about ref) error {
	_, err := s.client.post(s.work, e.channel, about.Thread, e.render(a, frame{ref: about}))
	return err
}

// whisper sends an ephemeral message to the asker, at the event's response URL.
func (s *session) whisper(e event, a bot.Answer, about ref) error {
	if a.Outcome == bot.Silent {
		return nil
	}
	m := e.render(a, frame{ref: about, private: true})
	return s.client.respond(s.work, e.responseURL, e.activeThread(), false, m)
}

// press handles a button, a menu or the question field.
func (s *session) press(e event) (bot.Answer, error) {
	about := readRef(e.value)
	if e.action == actionChoose && about.Division == "" { // an option of a menu
		about = menuRef(e.block, e.value)
	}
	e.direct = about.Direct
	switch e.action {
	case actionAsk:
		readers, question := s.alone(e), strings.TrimSpace(e.value)
		a := s.asking.Text(readers, question)
		return a, s.noted(e, question, readers, a, "", s.popUp(e, a, ref{Question: e.value}))
	case actionChoose:
		readers, show, intrudes := s.alone(e), s.replace, e.inChannel() && about.Asker != "" && about.Asker != e.user
		if intrudes { // somebody else's answer stays
			show, about = s.whisper, ref{Division: about.Division, Thread: about.Thread}
		} else if e.inChannel() {
			readers = s.everyone(e)
		}
		a := s.asking.Choice(readers, about.Division, maxOption-1)
		return a, s.chose(e, !intrudes && !(a.Private && e.inChannel()), readers, a, show(e, a, about))
	case actionTry:
		readers, show := s.alone(e), s.whisper
		switch {
		case e.view != "":
			show = s.replace
		case e.direct:
			show = s.postBelow
		}
		a := s.asking.Text(readers, about.Question)
		return a, s.noted(e, about.Question, readers, a, "", show(e, a, about))
	case actionDetails:
		a := s.again(s.alone(e), about)
		return a, s.popUp(e, a, about)
	case actionMeant:
		return s.offerAll(e, about, bot.Meant(s.asking.Directory(s.alone(e))))
	case actionUp, actionDown:
		return bot.Answer{}, s.vote(e, about)
	case actionShare:
		return s.share(e, about)
	case actionTell:
		return bot.Answer{}, s.await(e, about)
	case actionAdmin:
		return bot.Answer{}, s.pressAdmin(e, e.value)
	}
	s.unread(e.id, unknown{fmt.Sprintf("buttons named %q", e.action)})
	return bot.Answer{}, nil
}

// offerAll shows the directory to the presser only.
func (s *session) offerAll(e event, about ref, a bot.Answer) (bot.Answer, error) {
	switch {
	case e.view != "":
		return a, s.client.change(s.work, e.view, e.channel, directoryBlocks(a))
	case len(a.Offers) > menuUpTo && s.client.open(s.work, e, directoryBlocks(a)) == nil:
		return a, nil // a modal holds more offers than a message
	}
	return a, s.whisper(e, a, about)
}

// replace shows an answer in place of the message or the view with the button.
func (s *session) replace(e event, a bot.Answer, about ref) error {
	switch {
	case e.home:
		return s.popUp(e, a, about)
	case e.view != "":
		return s.client.change(s.work, e.view, e.channel, render(a, frame{ref: about, modal: true, tell: e.tell}).Blocks)
	}
	if a.Private && e.inChannel() {
		return s.whisper(e, a, about)
	}
	m := render(a, frame{ref: about, private: e.ephemeral, tell: e.tell})
	return s.client.respond(s.work, e.responseURL, "", true, m)
}

// inChannel reports whether everyone in the channel sees the message with the button.
func (e event) inChannel() bool {
	return !e.ephemeral && e.view == "" && !e.home
}

// popUp shows an answer in a modal, or as a direct message if the modal does not open.
func (s *session) popUp(e event, a bot.Answer, about ref) error {
	err := s.client.open(s.work, e, render(a, frame{ref: about, modal: true, tell: e.tell}).Blocks)
	if err == nil || errors.Is(err, adapters.ErrUnclear) {
		return err // the modal may be open
	}
	if _, e2 := s.client.post(s.work, e.user, "", e.render(a, frame{ref: about})); e2 != nil {
		return errors.Join(err, e2)
	}
	s.log.Warn("a modal did not open; the answer went to the person's direct messages", "event", e.id, "error", err)
	return nil
}

// vote counts a rating, and thanks for it or, if the answer did not help, offers all
// divisions.
func (s *session) vote(e event, about ref) error {
	division := about.Division
	var a bot.Answer
	rated := place(e.channel, e.ts)
	if e.view != "" { // which may have shown the answers of several divisions
		a = s.again(s.alone(e), about)
		rated, division = e.view, a.Division
	}
	s.keeper.Voted(adapterName, rated, e.user, e.action == actionUp)
	if count, counted := s.votes.Cast(rated+" "+division, e.user, e.action == actionUp); counted {
		if a.Private {
			division = ""
		}
		s.log.Info("rated", "event", e.id, "vote", e.action, "division", division, "count", count)
	}
	switch {
	case e.action == actionDown:
		_, err := s.offerAll(e, ref{Thread: about.Thread}, bot.Meant(s.asking.Directory(s.alone(e))))
		return err
	case e.view != "":
		return s.client.change(s.work, e.view, e.channel, render(a, frame{ref: about, modal: true, voted: true}).Blocks)
	}
	return s.whisper(e, bot.Note(bot.SayThanks), ref{})
}

// sharedFor is how long it is remembered that an answer was shared; its button works as long as
// the response URL, for half an hour.
const sharedFor = time.Hour

// share posts an ephemeral answer for everyone in the channel, once.
func (s *session) share(e event, about ref) (bot.Answer, error) {
	tell := func(say string) error { return s.whisper(e, bot.Note(say), ref{}) }
	if about.Question == "" && about.Division == "" {
		return bot.Answer{}, tell(bot.SayNotPosted)
	}
	a, seen := s.again(s.everyone(e), about), s.again(s.alone(e), about)
	if a.Private || seen.Private {
		return bot.Answer{}, tell(bot.SayPrivate)
	}
	if a.Outcome != seen.Outcome || a.Division != seen.Division {
		return bot.Answer{}, tell(bot.SayNotForAll)
	}
	once := "share " + place(e.channel, e.ts)
	if e.ts != "" && !s.intake.Seen.Add(time.Now(), once) {
		return bot.Answer{}, tell(bot.SayPostedBefore)
	}
	m := e.render(a, frame{ref: about.askedBy(e.user), asker: e.user})
	if e.ts != "" {
		m.before = s.firstTo(once, m.before)
	}
	err := s.postShared(e, about.Thread, m)
	if errors.Is(err, errSharedBefore) {
		return bot.Answer{}, tell(bot.SayPostedBefore)
	}
	if err == nil {
		return a, s.client.respond(s.work, e.responseURL, "", true, render(bot.Note(bot.SayShared), frame{}))
	}
	if errors.Is(err, adapters.ErrUnclear) {
		return a, errors.Join(err, tell(bot.SayMaybePosted))
	}
	s.intake.Seen.Forget(once)
	s.ledger.Again(once)
	switch code := slackCode(err); {
	case absent(err):
		return a, errors.Join(err, tell(bot.SayNotHere))
	case code != "":
		return a, errors.Join(err, tell(bot.SayCannotPost))
	}
	return a, errors.Join(err, tell(bot.SayNotPosted))
}

// errSharedBefore is the error of an answer that another process has shared, or this one before its
// last start.
var errSharedBefore = errors.New("the answer was shared before")

// firstTo returns a function for [message.before] that also asks the store, once, whether something
// was done before.
func (s *session) firstTo(once string, before func() error) func() error {
	asked := false
	return func() error {
		if err := before(); err != nil || asked {
			return err
		}
		if asked = true; !s.ledger.Once(once, sharedFor) {
			return errSharedBefore
		}
		return nil
	}
}

// apologize tells the asker that something went wrong.
func (s *session) apologize(e event) {
	defer func() {
		if cause := recover(); cause != nil {
			s.broke.Log(func(n int) {
				s.log.Error("panicked during an apology", "event", e.id, "cause", cause, "count", n)
			})
		}
	}()
	m := message{Text: escape(bot.Apology().Plain())}
	m.Blocks = []slack.Block{slack.NewSectionBlock(plain(bot.Apology().Plain()), nil, nil)}
	var err error
	switch {
	case e.kind == asked:
		_, err = s.client.post(s.work, e.channel, s.answerThread(e), m)
	case e.responseURL != "":
		err = s.client.respond(s.work, e.responseURL, e.activeThread(), false, m)
	case e.trigger != "":
		err = s.client.open(s.work, e, m.Blocks)
	}
	if err != nil {
		s.broke.Log(func(n int) { s.log.Error("could not apologize", "event", e.id, "error", err, "count", n) })
	}
}
