package slack

// mayAsk reports whether the author of a message may ask: a person, or in a channel also an
// app. Posts of Workflow Builder have no user; those that an app makes with a person's
// token have the person as the user (docs.slack.dev/reference/events/message/bot_message).
func (m said) mayAsk(me identity, direct bool) bool {
	switch {
	case m.User == me.user, m.User == "USLACKBOT", m.BotID != "" && m.BotID == me.bot:
		return false
	case m.BotID != "" || m.Subtype == "bot_message":
		return m.BotID != "" && !direct
	}
	return m.User != ""
}

// firstOfApps reports whether an app's question is the first in its thread. Others there
// are not answered: the app may itself answer our answer, so that it would never end.
func (s *session) firstOfApps(e event) bool {
	r := s.apps.Take(e.channel, first(e.thread, e.ts))
	r.Lock()
	defer r.Unlock()
	return r.Take("")
}

// forgetApp lets the next question in a thread be the first: this one may come back.
func (s *session) forgetApp(e event) {
	r := s.apps.Take(e.channel, first(e.thread, e.ts))
	r.Lock()
	defer r.Unlock()
	r.Release("")
}
