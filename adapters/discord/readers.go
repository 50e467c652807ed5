package discord

import "frontdesk/bot"

// Audiences name the audience of a server or a channel (everyone in it) and of a role, by
// id. A channel includes its threads and overrides its server. Everything else is public.
type Audiences struct {
	Servers, Channels, Roles map[string]bot.Audience
}

// everyone returns the audience of a message in the channel of an event.
func (s *session) everyone(e event) bot.Audience {
	all := s.settings.Audiences
	if e.server == "" {
		return ""
	}
	if a, ok := all.Channels[e.channel]; ok {
		return a
	}
	if len(all.Channels) > 0 {
		if !e.placed { // a message in a thread does not say of which channel
			parent, err := s.parent(e.channel)
			if err != nil {
				return "" // it may be in a thread of a public channel
			}
			e.parent = parent
		}
		if a, ok := all.Channels[e.parent]; ok {
			return a
		}
	}
	return all.Servers[e.server]
}

// alone returns the audience of what only the person of an event sees.
func (s *session) alone(e event) bot.Audience {
	a := s.everyone(e)
	for _, role := range e.roles {
		a = a.With(s.settings.Audiences.Roles[role])
	}
	return a
}

// readers returns the audience of the answer to a command.
func (s *session) readers(e event) bot.Audience {
	if s.private(e) {
		return s.alone(e)
	}
	return s.everyone(e)
}
