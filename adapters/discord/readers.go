package discord

import "frontdesk/bot"

// Audiences say who reads where: in a server or a channel all who are in it, and
// who has a role. A channel stands for its threads, and comes before its server.
// What is not named is public.
type Audiences struct {
	Servers, Channels, Roles map[string]bot.Audience
}

// everyone is the audience of what is posted where an event comes from.
func (s *session) everyone(e event) bot.Audience {
	all := s.settings.Audiences
	if e.server == "" {
		return ""
	}
	if a, ok := all.Channels[e.channel]; ok {
		return a
	}
	if len(all.Channels) > 0 {
		if !e.placed { // messages do not say that they are in a thread
			parent, err := s.parent(e.channel)
			if err != nil {
				return "" // it may be in one of a channel for everyone
			}
			e.parent = parent
		}
		if a, ok := all.Channels[e.parent]; ok {
			return a
		}
	}
	return all.Servers[e.server]
}

// alone is the audience of what the person of an event sees alone.
func (s *session) alone(e event) bot.Audience {
	a := s.everyone(e)
	for _, role := range e.roles {
		a = a.With(s.settings.Audiences.Roles[role])
	}
	return a
}

// readers is the audience of the answer to a command: what others see too, or
// what the asker sees alone.
func (s *session) readers(e event) bot.Audience {
	if s.private(e) {
		return s.alone(e)
	}
	return s.everyone(e)
}
