package slack

import (
	"context"
	"fmt"
	"time"

	"frontdesk/adapters/slack/socketmode"
	"frontdesk/bot"
)

// longestConnectWait is the longest pause before a connection, even if Slack asks for
// more: without a connection nobody is answered.
const longestConnectWait = 3 * time.Minute

// serveSocket receives events over Socket Mode until ctx is done or an error is final.
func (s *session) serveSocket(ctx context.Context) error {
	client := socketmode.Client{
		Log: s.log, Open: s.openSocket, Take: s.take, State: s.connected,
		Unread: func(err error) { s.unread("", err) },
		Again:  func() { s.monitor.Happened(bot.Reconnected) },
		Pause:  s.client.Pause, Ping: s.timing.ping, Silent: s.timing.silent, Fade: s.timing.fade,
		Shared: !s.ledger.Exclusive(),
	}
	return client.Run(ctx)
}

// openSocket asks Slack for the address of a connection.
func (s *session) openSocket(ctx context.Context) (address string, err error) {
	what := call{Method: methodConnect, Longest: longestConnectWait}
	_, err = s.client.Once(ctx, what, time.Now().Add(time.Hour), func(ctx context.Context) (err error) {
		_, address, err = s.client.api.StartSocketModeContext(ctx)
		return err
	})
	if code := slackCode(err); badToken[code] || code == "missing_scope" {
		return "", socketmode.Final{Err: err}
	}
	return address, err
}

// connected reports the state of the connections to health.
func (s *session) connected(is socketmode.State, why error) {
	text := ""
	if why != nil {
		text = why.Error()
	}
	s.health.Connection(map[socketmode.State]bot.Phase{
		socketmode.Ready: bot.Ready, socketmode.Ending: bot.Degraded,
		socketmode.Replacing: bot.Connecting, socketmode.Down: bot.Down,
	}[is], text)
}

// openEnvelope decodes the event in an envelope.
func openEnvelope(e socketmode.Envelope, me identity) (event, error) {
	switch e.Type {
	case "events_api":
		if len(e.Payload) > maxEvent {
			return event{}, fmt.Errorf("it has %d bytes; no question is that long", len(e.Payload))
		}
		return decodeEvent(e.Payload, me)
	case "slash_commands":
		form, err := commandForm(e.Payload)
		if err != nil {
			return event{}, err
		}
		return decodeCommand(form, me)
	case "interactive":
		return decodeInteraction(e.Payload, me)
	}
	return event{}, unknown{fmt.Sprintf("envelopes of the type %q", e.Type)}
}

// take accepts the event in an envelope. If too many are in flight, start is nil and the
// envelope is not acknowledged, so that Slack sends it again.
func (s *session) take(e socketmode.Envelope) (start func()) {
	ev, err := openEnvelope(e, s.me)
	if err != nil {
		s.unread(first(ev.id, e.ID), err)
		return func() {}
	}
	ev.repeated = e.Tries > 0
	return s.admit(ev, "envelope "+e.ID)
}
