package discord

import (
	"time"

	"frontdesk/bot"
)

// complete suggests divisions while somebody types. This cannot be deferred: if Discord
// takes long to say in which channel a thread is, the suggestions are those for the public.
func (s *session) complete(e event, respond responder) error {
	known := make(chan bot.Audience, 1)
	go func() {
		var readers bot.Audience
		defer func() { known <- readers }()
		defer func() {
			if cause := recover(); cause != nil {
				s.panicked(e, cause)
			}
		}()
		readers = s.readers(e)
	}()
	timer := time.NewTimer(s.timing.defers)
	defer timer.Stop()
	suggest := func(readers bot.Audience) error {
		found := choices(s.asking.Complete(readers, e.text, maxChoices))
		return respond(s.work, e, reply{replyAutocomplete, offered{found}})
	}
	select {
	case readers := <-known:
		return suggest(readers)
	case <-timer.C:
		err := suggest("")
		<-known // and cached for the next letter
		return err
	}
}
