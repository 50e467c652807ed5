package discord

import "frontdesk/bot"

// administer does what a button for admins says, and returns what is shown in its place.
func (s *session) administer(e event) bot.Answer {
	admin := s.settings.Admin
	if admin.Do == nil {
		return bot.Answer{}
	}
	s.log.Info("an admin pressed a button", "event", e.id, "by", e.user, "what", e.value)
	return admin.Do(s.work, bot.Request{
		Person: name + ":" + e.user, InChannel: e.channel == admin.Channel && e.channel != "", Action: e.value,
	})
}
