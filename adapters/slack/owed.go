package slack

import (
	"encoding/json"
	"errors"
	"slices"
	"time"

	"frontdesk/adapters"
	"frontdesk/bot"
	"frontdesk/bot/journal"
)

// owedActions are the buttons for which something is shown. The others act: they are not
// pressed again by a restart.
var owedActions = map[string]bool{
	actionAsk: true, actionChoose: true, actionTry: true, actionDetails: true, actionMeant: true, actionUp: true,
	actionDown: true, actionShare: true,
}

// recorded is what the ledger keeps of an event until it is answered. A trigger is not kept,
// since it has expired after a restart.
type recorded struct {
	Kind        string `json:"kind"`
	ID          string `json:"id,omitempty"`
	Text        string `json:"text,omitempty"`
	Team        string `json:"team,omitempty"`
	User        string `json:"user,omitempty"`
	Bot         string `json:"bot,omitempty"`
	Channel     string `json:"channel,omitempty"`
	Shared      *bool  `json:"shared,omitempty"`
	TS          string `json:"ts,omitempty"`
	Thread      string `json:"thread,omitempty"`
	Direct      bool   `json:"direct,omitempty"`
	Edited      string `json:"edited,omitempty"`
	ResponseURL string `json:"response_url,omitempty"`
	Ephemeral   bool   `json:"ephemeral,omitempty"`
	View        string `json:"view,omitempty"`
	Home        bool   `json:"home,omitempty"`
	Action      string `json:"action,omitempty"`
	Value       string `json:"value,omitempty"`
	Block       string `json:"block,omitempty"`
}

func (e event) recorded() recorded {
	return recorded{
		Kind: e.kind.String(), ID: e.id, Text: e.text, Team: e.team, User: e.user, Bot: e.bot, Channel: e.channel,
		Shared: e.shared, TS: e.ts, Thread: e.thread, Direct: e.direct, Edited: e.edited, ResponseURL: e.responseURL,
		Ephemeral: e.ephemeral, View: e.view, Home: e.home, Action: e.action, Value: e.value, Block: e.block,
	}
}

func (r recorded) event() event {
	return event{
		kind: kind(max(0, slices.Index(kinds[:], r.Kind))), // #nosec G115 -- there are few kinds
		id:   r.ID, text: r.Text, team: r.Team, user: r.User,
		bot: r.Bot, channel: r.Channel, shared: r.Shared, ts: r.TS, thread: r.Thread, direct: r.Direct,
		edited: r.Edited, responseURL: r.ResponseURL, ephemeral: r.Ephemeral, view: r.View, home: r.Home,
		action: r.Action, value: r.Value, block: r.Block,
	}
}

// owed returns what to record of an event that is to be answered also after a restart, or
// nil.
func (s *session) owed(e event) *journal.Event {
	if s.ledger == nil {
		return nil
	}
	owed := journal.Event{Adapter: adapterName, Key: adapterName + " event " + e.id, Taken: e.at}
	switch {
	case e.kind == asked:
		owed.Key = adapterName + " " + e.questionKey()
		owed.Channel, owed.Message, owed.Edited = e.channel, e.ts, e.edited
		// Slack repeats events, but no commands and presses. What waited while this process hung may
		// have been sent to another meanwhile.
		owed.Repeated = e.repeated || s.ledger.Hung()
	case e.id == "": // it cannot be told from others
		return nil
	case e.kind == commanded, e.kind == shortcut, e.kind == pressed && owedActions[e.action]:
	default:
		return nil
	}
	body, err := json.Marshal(e.recorded())
	if err != nil {
		panic("slack: encode an event: " + err.Error()) // a bug in this file
	}
	owed.Body = body
	return &owed
}

// settled records what became of an event. One whose answer may have been posted, and one
// that the end of the process interrupts, stay as they are for whoever has them next.
func (s *session) settled(e event, r *adapters.Reply, a bot.Answer, err error) {
	if e.receipt == nil {
		return
	}
	lost, unclear := errors.Is(err, journal.ErrClaimLost), errors.Is(err, adapters.ErrUnclear)
	// Of several processes, the next looks whether the answer is there, once.
	left := unclear && !(e.unclear && s.ledger.HasPeers())
	failed := errors.Is(err, adapters.ErrNotDone) && s.ledger.HasPeers()
	id := ""
	if e.kind == asked {
		r.Lock()
		if id = r.ID; lost || failed || left && !s.ledger.Exclusive() {
			r.Release(e.edited)
			r.Gone = r.Gone && lost // it is Gone as it is unclear
			if e.bot != "" {
				s.forgetApp(e)
			}
		}
		r.Unlock()
	}
	switch {
	case lost: // another process answers
	case left, failed, err != nil && s.work.Err() != nil: // another may know more, or reach Slack
		e.receipt.Leave()
	case unclear:
		e.receipt.Posted(id)
	case err == nil && (a.Outcome != bot.Silent || id != "" || e.unclear):
		e.receipt.Posted(id)
	default:
		e.receipt.GaveUp()
	}
}

// render renders an answer to the event, so that it is recorded that the answer leaves.
func (e event) render(a bot.Answer, f frame) message {
	f.tell = e.tell
	m := render(a, f)
	m.before = e.receipt.Posting
	return m
}

// place is the name of a message in the journal.
func place(channel, ts string) string { return adapterName + " " + channel + " " + ts }

// noted writes a question that was answered into the journal, unless err says that it was
// not. Id is the ts of the message with the answer, "" if it is unknown. It returns err.
func (s *session) noted(e event, words string, readers bot.Audience, a bot.Answer, id string, err error) error {
	if err != nil || words == "" {
		return err
	}
	asked := journal.Asked{
		Adapter: adapterName, Asker: first(e.user, e.bot), Words: words, Readers: readers, Reply: a,
		Took: time.Since(e.at),
	}
	if e.ts != "" && e.kind != pressed {
		asked.Question = place(e.channel, e.ts)
	}
	if id != "" {
		asked.Answer = place(e.channel, id)
	}
	s.keeper.Note(asked)
	return nil
}

// chose writes the division that a person chose into the journal, unless err says that it was
// not shown. It returns err. Replaced says that the answer takes the place of the offers.
func (s *session) chose(e event, replaced bool, readers bot.Audience, a bot.Answer, err error) error {
	if err != nil || a.Outcome != bot.Answered {
		return err
	}
	choice := journal.Asked{
		Adapter: adapterName, Asker: e.user, Readers: readers, Reply: a, Took: time.Since(e.at), Chosen: true,
	}
	if e.ts != "" && e.view == "" {
		choice.Below = place(e.channel, e.ts)
	}
	if replaced {
		choice.Answer = choice.Below
	}
	s.keeper.Note(choice)
	return nil
}
