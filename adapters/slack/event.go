package slack

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"frontdesk/bot/journal"
)

// kind is the kind of an event.
type kind uint8

const (
	ignored      kind = iota // not for the bot
	asked                    // a mention or a direct message
	deleted                  // a message was deleted
	commanded                // a slash command
	shortcut                 // "Ask the desk" on a message
	homeOpened               // somebody opened the Home tab
	chatOpened               // somebody opened the direct messages with the bot, or the assistant pane
	pressed                  // a button, a menu or the question field
	submitted                // a form that an admin filled in
	verification             // Slack verifies the request URL
)

// kinds are the names of the kinds, for the log and the ledger.
var kinds = [...]string{
	"ignored", "question", "deletion", "command", "shortcut", "home", "chat", "press", "form", "verification",
}

func (k kind) String() string { return kinds[k] }

// event is the part of a Slack event that the bot needs.
type event struct {
	kind kind
	id   string // Slack's own, to find it in Slack's logs; duplicates have the same
	text string // the question, without markup

	team    string // the workspace
	user    string // "" for a workflow
	bot     string // id of the app that wrote the question; "" if a person did
	channel string
	shared  *bool  // the channel is shared with another organization; nil if Slack does not say
	ts      string // of the question, or of the message with the button
	thread  string // that this message is in; "" if it is in none
	direct  bool   // a direct message
	edited  string // time of the newest edit; "" if there was none

	responseURL string            // accepts 5 responses to a command, a shortcut or a press, for 30 minutes
	trigger     string            // opens a modal within 3 s
	ephemeral   bool              // the message with the button is ephemeral
	view        string            // id of the view the button is in, if it is in one
	home        bool              // that view is the Home tab
	action      string            // what was pressed: an action id without its number
	value       string            // of the button or the chosen option
	block       string            // id of the pressed block
	fields      map[string]string // of a form

	challenge string

	repeated bool // Slack did not get an acknowledgement in time (docs.slack.dev/apis/events-api#retries)

	at      time.Time        // when it arrived
	tell    bool             // the person may be told an answer later
	receipt *journal.Receipt // nil if it is not recorded
	unclear bool             // another process may have answered it
	settles time.Time        // from when on it can be found out whether
}

// activeThread returns the thread that an ephemeral message about the event belongs in, or
// "". Slack shows an ephemeral message in a thread only if the thread has a reply already
// (docs.slack.dev/reference/methods/chat.postEphemeral), so that the thread of the event's
// own message does not count.
func (e event) activeThread() string {
	if e.thread == e.ts {
		return ""
	}
	return e.thread
}

// unknown is the error for an event of a type that the bot does not know.
type unknown struct{ what string }

func (u unknown) Error() string { return "unknown " + u.what }

// rateLimited is the error for app_rate_limited, which Slack sends instead of events while
// the app gets too many of them, or does not acknowledge enough
// (docs.slack.dev/reference/events/app_rate_limited).
type rateLimited struct {
	team  string
	since time.Time
}

func (l rateLimited) Error() string {
	return fmt.Sprintf("Slack holds back the events of the workspace %s since %s", l.team,
		l.since.UTC().Format(time.RFC3339))
}

// identity has the bot's ids in a workspace.
type identity struct{ user, bot, team string }

// said is a message event or an app_mention
// (docs.slack.dev/reference/events/message).
type said struct {
	Type        string `json:"type"`
	Subtype     string `json:"subtype"`
	User        string `json:"user"`
	BotID       string `json:"bot_id"`
	Text        string `json:"text"`
	TS          string `json:"ts"`
	ThreadTS    string `json:"thread_ts"`
	Channel     string `json:"channel"`
	ChannelType string `json:"channel_type"`
	DeletedTS   string `json:"deleted_ts"`
	Edited      *edit  `json:"edited"`
	Message     *said  `json:"message"`
	Previous    *said  `json:"previous_message"`

	Blocks      json.RawMessage `json:"blocks"`
	Attachments []attachment    `json:"attachments"`
}

type edit struct {
	TS string `json:"ts"`
}

// decodeEvent reads a payload of the Events API
// (docs.slack.dev/apis/events-api).
func decodeEvent(payload []byte, me identity) (event, error) {
	var outer struct {
		Type      string          `json:"type"`
		Challenge string          `json:"challenge"`
		EventID   string          `json:"event_id"`
		Team      string          `json:"team_id"`
		Shared    *bool           `json:"is_ext_shared_channel"`
		Limited   int64           `json:"minute_rate_limited"`
		Event     json.RawMessage `json:"event"`
	}
	if err := json.Unmarshal(payload, &outer); err != nil {
		return event{}, fmt.Errorf("read an event: %w", err)
	}
	switch outer.Type {
	case "url_verification":
		return event{kind: verification, challenge: outer.Challenge}, nil
	case "event_callback":
	case "app_rate_limited":
		return event{}, rateLimited{outer.Team, time.Unix(outer.Limited, 0)}
	default:
		return event{id: outer.EventID}, unknown{fmt.Sprintf("payloads of the type %q", outer.Type)}
	}
	var inner struct {
		Type string `json:"type"`
	}
	if err := json.Unmarshal(outer.Event, &inner); err != nil {
		return event{id: outer.EventID}, fmt.Errorf("read the event in %s: %w", outer.EventID, err)
	}
	var e event
	var err error
	switch inner.Type {
	case "app_mention", "message":
		var m said
		if err = json.Unmarshal(outer.Event, &m); err == nil {
			e = m.event(me)
		}
	case "app_home_opened":
		var h struct{ User, Tab, Channel string }
		err = json.Unmarshal(outer.Event, &h)
		switch {
		case err != nil || h.User == "":
		case h.Tab == "home":
			e = event{kind: homeOpened, user: h.User}
		case h.Tab == "messages" && h.Channel != "":
			e = event{kind: chatOpened, user: h.User, channel: h.Channel}
		}
	case "assistant_thread_started":
		var a struct {
			Thread struct {
				User    string `json:"user_id"`
				Channel string `json:"channel_id"`
				TS      string `json:"thread_ts"`
			} `json:"assistant_thread"`
		}
		if err = json.Unmarshal(outer.Event, &a); err == nil && a.Thread.Channel != "" {
			e = event{kind: chatOpened, user: a.Thread.User, channel: a.Thread.Channel, thread: a.Thread.TS}
		}
	case "assistant_thread_context_changed", "app_context_changed", "app_uninstalled", "tokens_revoked":
		// sent because of other subscriptions; nothing to do
	default:
		err = unknown{fmt.Sprintf("events of the type %q", inner.Type)}
	}
	e.id, e.team, e.shared = outer.EventID, outer.Team, outer.Shared
	if err != nil && !errors.As(err, new(unknown)) {
		err = fmt.Errorf("read the %s in %s: %w", inner.Type, outer.EventID, err)
	}
	return e, err
}

// event makes an event of a message.
func (m said) event(me identity) event {
	// Slack's channel type for the Messages tab of the app is app_home.
	direct := m.ChannelType == "im" || m.ChannelType == "app_home"
	switch {
	case m.Subtype == "message_deleted":
		return event{kind: deleted, channel: m.Channel, ts: m.DeletedTS}
	case m.Subtype == "message_changed" && m.Message != nil && m.Message.Subtype == "tombstone":
		return event{kind: deleted, channel: m.Channel, ts: m.Message.TS}
	case m.Subtype == "message_changed" && m.Message != nil && direct:
		// An edited mention is sent as another app_mention. A message also
		// changes when a link in it unfurls; then its text is the same.
		changed := m.Message
		if changed.Edited == nil || m.Previous != nil && m.Previous.Text == changed.Text {
			return event{}
		}
		changed.Type, changed.Channel, changed.ChannelType = m.Type, m.Channel, m.ChannelType
		return changed.event(me)
	}
	switch m.Subtype {
	case "", "file_share", "thread_broadcast", "me_message", "bot_message":
	default:
		return event{} // joined, renamed, pinned: not a question
	}
	if !m.mayAsk(me, direct) || m.Channel == "" || m.TS == "" {
		return event{}
	}
	// In a channel only mentions count. They are sent as app_mention, and also as
	// a message where the app may read all messages.
	if m.Type == "message" && !direct || m.Type == "app_mention" && !m.addressed(me.user) {
		return event{}
	}
	e := event{
		kind: asked, user: m.User, bot: m.BotID, channel: m.Channel, ts: m.TS, thread: m.ThreadTS, direct: direct,
		text: m.question(me.user),
	}
	if m.Edited != nil {
		e.edited = m.Edited.TS
	}
	return e
}

// decodeCommand reads a slash command: a form over HTTP, an object with the same
// keys in Socket Mode (docs.slack.dev/interactivity/implementing-slash-commands).
func decodeCommand(form url.Values, me identity) (event, error) {
	e := event{
		kind: commanded, id: form.Get("trigger_id"), text: plainText(form.Get("text"), me.user),
		team: form.Get("team_id"), user: form.Get("user_id"), channel: form.Get("channel_id"),
		responseURL: form.Get("response_url"), trigger: form.Get("trigger_id"),
	}
	if e.user == "" || e.responseURL == "" {
		return event{id: e.id}, errors.New("read a slash command: it has no user_id or no response_url")
	}
	return e, nil
}

// commandForm makes a form of a slash command in Socket Mode.
func commandForm(payload []byte) (url.Values, error) {
	var fields map[string]any
	if err := json.Unmarshal(payload, &fields); err != nil {
		return nil, fmt.Errorf("read a slash command: %w", err)
	}
	form := url.Values{}
	for key, value := range fields {
		if s, ok := value.(string); ok {
			form.Set(key, s)
		}
	}
	return form, nil
}

// interaction is the payload of a press or a shortcut
// (docs.slack.dev/reference/interaction-payloads).
type interaction struct {
	Type        string              `json:"type"`
	CallbackID  string              `json:"callback_id"`
	TriggerID   string              `json:"trigger_id"`
	ResponseURL string              `json:"response_url"`
	User        struct{ ID string } `json:"user"`
	Team        struct{ ID string } `json:"team"`
	Channel     struct{ ID string } `json:"channel"`
	Message     said                `json:"message"`
	View        struct {
		ID   string `json:"id"`
		Type string `json:"type"`
		filledIn
	} `json:"view"`
	Container struct {
		MessageTS   string `json:"message_ts"`
		ThreadTS    string `json:"thread_ts"`
		ChannelID   string `json:"channel_id"`
		IsEphemeral bool   `json:"is_ephemeral"`
	} `json:"container"`
	Actions []struct {
		ActionID       string                 `json:"action_id"`
		BlockID        string                 `json:"block_id"`
		Value          string                 `json:"value"`
		SelectedOption struct{ Value string } `json:"selected_option"`
	} `json:"actions"`
}

// decodeInteraction reads a press of a button or a message shortcut.
func decodeInteraction(payload []byte, me identity) (event, error) {
	var i interaction
	if err := json.Unmarshal(payload, &i); err != nil {
		return event{}, fmt.Errorf("read an interaction: %w", err)
	}
	e := event{
		id: i.TriggerID, team: i.Team.ID, user: i.User.ID,
		channel:     first(first(i.Channel.ID, i.Container.ChannelID), i.View.Metadata),
		responseURL: i.ResponseURL, trigger: i.TriggerID,
	}
	switch i.Type {
	case "message_action":
		if i.CallbackID != shortcutID {
			return event{id: e.id}, unknown{fmt.Sprintf("shortcuts named %q", i.CallbackID)}
		}
		e.kind, e.ts, e.thread = shortcut, i.Message.TS, i.Message.ThreadTS
		e.text = i.Message.question(me.user)
	case "block_actions":
		if len(i.Actions) == 0 {
			return event{id: e.id}, errors.New("read an interaction: it has no actions")
		}
		a := i.Actions[0]
		e.kind, e.ts, e.ephemeral = pressed, first(i.Container.MessageTS, i.Message.TS), i.Container.IsEphemeral
		e.thread = first(i.Container.ThreadTS, i.Message.ThreadTS)
		e.view, e.home = i.View.ID, i.View.Type == "home"
		e.action, _, _ = strings.Cut(a.ActionID, ":")
		e.value, e.block = first(a.Value, a.SelectedOption.Value), a.BlockID
	case "view_submission":
		if !i.View.submit(&e) {
			return event{id: e.id}, nil // the other modals need none
		}
	case "view_closed":
		return event{id: e.id}, nil
	default:
		return event{id: e.id}, unknown{fmt.Sprintf("interactions of the type %q", i.Type)}
	}
	if e.user == "" {
		return event{id: e.id}, fmt.Errorf("read a %s: it has no user", i.Type)
	}
	return e, nil
}

func first(a, b string) string {
	if a != "" {
		return a
	}
	return b
}
