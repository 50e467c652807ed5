package discord

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"frontdesk/adapters"
	"frontdesk/bot"
	"frontdesk/bot/journal"
)

// name is the adapter's name in settings, logs and the store.
const name = "discord"

// place is the name of a message in the store.
func place(channel, message string) string {
	if message == "" {
		return ""
	}
	return name + " " + channel + " " + message
}

// kept is what the ledger keeps of an event until it is answered: no more than the answer
// needs.
type kept struct {
	Kind    kind     `json:"kind"`
	ID      string   `json:"id"`
	Text    string   `json:"text,omitempty"`
	Choice  string   `json:"choice,omitempty"`
	User    string   `json:"user"`
	Roles   []string `json:"roles,omitempty"`
	Server  string   `json:"server,omitempty"`
	Channel string   `json:"channel,omitempty"`
	Parent  string   `json:"parent,omitempty"`
	Placed  bool     `json:"placed,omitempty"`
	Message string   `json:"message,omitempty"`
	Origin  string   `json:"origin,omitempty"`
	Edited  string   `json:"edited,omitempty"`
	Token   string   `json:"token,omitempty"`
	App     string   `json:"app,omitempty"`
	Private bool     `json:"private,omitempty"`
	Alone   bool     `json:"alone,omitempty"`
	Others  bool     `json:"others,omitempty"`
	NoEmbed bool     `json:"no_embed,omitempty"`
	Action  string   `json:"action,omitempty"`
	Value   string   `json:"value,omitempty"`
	Asker   string   `json:"asker,omitempty"`
}

// kept returns what the ledger keeps of an event.
func (e event) kept() kept {
	return kept{
		Kind: e.kind, ID: e.id, Text: e.text, Choice: e.choice, User: e.user, Roles: e.roles, Server: e.server,
		Channel: e.channel, Parent: e.parent, Placed: e.placed, Message: e.message, Origin: e.origin, Edited: e.edited,
		Token: e.token, App: e.app, Private: e.private, Alone: e.alone, Others: e.others, NoEmbed: e.noEmbed,
		Action: e.action, Value: e.value, Asker: e.asker,
	}
}

// event returns the event of which this was kept.
func (k kept) event() event {
	return event{
		kind: k.Kind, id: k.ID, text: k.Text, choice: k.Choice, user: k.User, roles: k.Roles, server: k.Server,
		channel: k.Channel, parent: k.Parent, placed: k.Placed, message: k.Message, origin: k.Origin, edited: k.Edited,
		token: k.Token, app: k.App, private: k.Private, alone: k.Alone, others: k.Others, noEmbed: k.NoEmbed,
		action: k.Action, value: k.Value, asker: k.Asker,
	}
}

// MarshalText implements [encoding.TextMarshaler]: a name, unlike a number, means the same in
// the next release.
func (k kind) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// UnmarshalText implements [encoding.TextUnmarshaler].
func (k *kind) UnmarshalText(text []byte) error {
	i := slices.Index(kinds[:], string(text))
	if i < 0 {
		return fmt.Errorf("nothing is known of events of the kind %q", text)
	}
	*k = kind(i) // #nosec G115 -- there are few kinds
	return nil
}

// remember returns the event that the ledger kept.
func remember(u journal.Unfinished) (e event, err error) {
	var k kept
	if err = json.Unmarshal(u.Body, &k); err != nil {
		return event{id: u.Key}, fmt.Errorf("read a recorded event: %w", err)
	}
	e = k.event()
	e.receipt, e.again, e.posting = u.Receipt, true, u.State == journal.Posting
	return e, nil
}

// owed returns what the ledger records of an event before it is acknowledged, nil if no
// answer is owed: who mentions a role may not mean the bot, and suggestions that come late
// are of no use. Of several processes, which all get the mention, the first to record it answers.
func (s *session) owed(e event) *journal.Event {
	if s.settings.Ledger == nil {
		return nil
	}
	owed := &journal.Event{Adapter: name, Taken: time.Now()}
	switch e.kind {
	case asked:
		owed.Channel, owed.Message, owed.Edited = e.channel, e.message, e.edited
	case commanded, listed, pressed, submitted:
	case roleMentioned:
		if s.settings.Ledger.Exclusive() {
			return nil
		}
		e = event{kind: e.kind, id: e.id, edited: e.edited} // nothing of what is said to others
	default:
		return nil
	}
	owed.Key, owed.Body = name+" "+e.keys()[0], encode(e.kept())
	return owed
}

// reply returns the reply to a question, also to one that only the ledger knows. It is nil for
// an edit of a question that nobody knows, since that may have been answered.
func (s *session) reply(e event) *adapters.Reply {
	if s.replies.Forgotten(e.channel, e.message, snowflakeTime(e.message)) {
		if r := s.recall(e.channel, e.message); r != nil || e.edited != "" {
			return r
		}
	}
	return s.replies.Take(e.channel, e.message)
}

// recall returns the reply to a question that the ledger knows, else nil.
func (s *session) recall(channel, message string) *adapters.Reply {
	e, ok := s.settings.Ledger.Find(name, channel, message)
	if !ok {
		return nil
	}
	if e.Answer == journal.Together { // it is not known whether and where it was posted
		e.Answer = ""
	}
	if e.State < journal.Posted {
		return s.replies.Resume(channel, message, e.Answer, false)
	}
	return s.replies.Restore(channel, message, e.Answer, e.Edited)
}

// catchUp takes over what other processes have made of a question, before an edit or, with edited
// "", its deletion is followed. The error says that they cannot be asked, and that this one has not
// answered it. The caller holds the lock of the reply.
func (s *session) catchUp(channel, message, edited string, r *adapters.Reply) error {
	known, ok, err := s.settings.Ledger.Others(s.work, name, channel, message, edited)
	if ok {
		if known.Answer == journal.Together { // it is not known whether and where it was posted
			known.Answer = ""
		}
		r.Adopt(known.Answer, known.Edited)
	}
	if r.ID != "" {
		return nil
	}
	return err
}

// delivery is what became of the answer to an event.
type delivery struct {
	readers     bot.Audience // for whom the answer was made
	channel, id string       // the message with the answer, where that is known
	update      bool         // the answer replaced the message with the button
	dropped     bool         // the answer could not be delivered
	unclear     bool         // it may have been delivered, and that cannot be found out
}

// settle records the result of an event.
func (s *session) settle(e event, a bot.Answer, err error, took time.Duration) {
	d := e.delivery
	switch {
	case d.unclear:
		s.log.Warn("an answer may have been posted before the last end; it is not repeated", "event", e.id)
		s.monitor.Happened(bot.Unclear)
		e.receipt.Posted("")
		return
	case errors.Is(err, journal.ErrClaimLost):
		return // another process answers
	case errors.Is(err, adapters.ErrUnclear), err != nil && s.work.Err() != nil:
		e.receipt.Leave() // whoever has it next decides, at the latest after the next start
		return
	case errors.Is(err, adapters.ErrNotDone) && s.settings.Ledger.HasPeers():
		e.receipt.Leave() // another may reach Discord
		return
	case err != nil, a.Outcome == bot.Silent, d.dropped:
		e.receipt.GaveUp()
		return
	case d.channel != e.channel: // edits of the question are not followed there
		e.receipt.Posted("")
	default:
		e.receipt.Posted(s.recorded(d.id, e.message))
	}
	s.note(e, a, took)
}

// note writes a question that was answered into the journal.
func (s *session) note(e event, a bot.Answer, took time.Duration) {
	asked := journal.Asked{
		Adapter: name, Asker: e.user, Readers: e.delivery.readers, Reply: a, Took: took, Words: e.text,
		Question: place(e.channel, cmp.Or(e.message, e.id)),
		Answer:   place(e.delivery.channel, e.delivery.id),
	}
	switch e.kind {
	case commanded:
		if e.choice != "" { // of the autocomplete
			asked.Words, asked.Chosen = "", true
		}
	case pressed:
		if e.action != actionTry && e.action != actionChoose && e.action != actionPick {
			return
		}
		if e.action == actionTry {
			asked.Words = e.value
		} else {
			asked.Words, asked.Chosen, asked.Below = "", true, e.answers()
		}
		asked.Question = place(e.channel, e.id)
	case listed, roleMentioned, submitted:
		return
	}
	if asked.Chosen && a.Outcome != bot.Answered {
		return
	}
	if asked.Answer == "" { // the response to an interaction; see event.answers
		asked.Answer = place(e.channel, e.id)
		if e.delivery.update {
			asked.Answer = e.answers()
		}
	}
	s.settings.Keeper.Note(asked)
}

// answers is the place of the answer below which a button is pressed. The response to an
// interaction is named after the interaction, since Discord does not tell its id to the one who
// responds.
func (e event) answers() string { return place(e.channel, cmp.Or(e.origin, e.message)) }
