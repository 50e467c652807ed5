package slack

import (
	"errors"

	"frontdesk/bot"
)

// administer does what a button for admins says, and shows the result in place of the
// message with the button.
func (s *session) administer(e event) error {
	var a bot.Answer
	if s.admin.Do != nil {
		a = s.admin.Do(s.work, bot.Request{
			Person: adapterName + ":" + e.user, InChannel: e.channel == s.admin.Channel && e.channel != "", Action: e.value,
		})
	}
	if a.Outcome == bot.Silent {
		return errors.New("ignored a button for admins, pressed by somebody else")
	}
	s.log.Info("an admin pressed a button", "event", e.id, "by", e.user, "what", e.value)
	return s.client.respond(s.work, e.responseURL, "", true, render(a, frame{private: e.ephemeral}))
}
