package discord

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"frontdesk/bot"
	"frontdesk/bot/journal"

	"github.com/bwmarrin/discordgo"
)

// kind is what an event asks of the bot.
type kind uint8

const (
	ignored       kind = iota // talk that is not for the bot
	asked                     // a mention or a direct message
	roleMentioned             // a mention of roles, one of which may be the bot's
	deleted                   // questions are gone
	commanded                 // /ask, or "Ask the desk" on a message
	listed                    // /divisions
	pressed                   // a button or a menu
	submitted                 // a form
	typing                    // autocomplete
	ping                      // Discord tries the address of the HTTP transport
)

// kinds are the names of the kinds.
var kinds = [...]string{
	"ignored", "question", "role mention", "deletion", "command", "directory", "press", "form",
	"autocomplete", "ping",
}

func (k kind) String() string { return kinds[k] }

// event is what Discord tells, as far as it concerns the bot.
type event struct {
	kind kind
	id   string // Discord's, of the message or the interaction
	text string // the question, without markup; what is typed so far

	choice    string // an entry that was chosen instead
	user      string
	roles     []string
	server    string // "" in a direct message
	channel   string
	parent    string   // the channel a thread is in, where Discord says
	placed    bool     // it is no thread, or the parent is known
	message   string   // that asks, or that the pressed button is on
	origin    string   // the interaction to which the message with the button responds
	mentioned []string // the roles that the message mentions instead of the bot
	gone      []string // of a deletion: the messages
	edited    string   // time of the newest edit; "" if the message is as it was sent

	token   string // answers an interaction, for 15 minutes
	app     string
	private bool   // its asker alone is to see the answer
	alone   bool   // its asker alone sees the message with the pressed button
	others  bool   // a direct message between people, not with the bot
	noEmbed bool   // the bot may not embed links there
	note    string // why the answer is private although nobody asked for that; "" if it is not

	action string            // what was pressed: a custom id up to the first bar, without its number
	value  string            // the second part of it, or what was picked
	asker  string            // the third: who may change the message; "" for everyone
	before shown             // what the message with the pressed button says
	fields map[string]string // of a form: what was filled in
	inbox  *bot.Answer       // shown to an admin in place of the answer to the word

	again    bool // another process, which has ended, took it on
	posting  bool // that process may have answered it
	receipt  *journal.Receipt
	delivery *delivery // set while it is handled
}

// unknown is an event that the bot does not know, of Discord's type.
type unknown struct{ what string }

func (u unknown) Error() string { return "nothing is known of " + u.what }

// said is a message (discord.com/developers/docs/resources/message).
type said struct {
	ID        string `json:"id"`
	ChannelID string `json:"channel_id"`
	GuildID   string `json:"guild_id"`
	Type      int    `json:"type"`
	WebhookID string `json:"webhook_id"`
	content
	Snapshots []snapshot `json:"message_snapshots"`
	Roles     []string   `json:"mention_roles"`
	Place     *int       `json:"channel_type"` // events/gateway-events#message-create
	Edited    string     `json:"edited_timestamp"`
	Author    *user      `json:"author"`
	Member    member     `json:"member"`
	Flags     int        `json:"flags"`
}

type member struct {
	User  user     `json:"user"`
	Roles []string `json:"roles"`
}

type user struct {
	ID  string `json:"id"`
	Bot bool   `json:"bot"`
}

// Types of messages in which people talk.
const (
	messageDefault = 0
	messageReply   = 19
)

// decodeDispatch reads an event of the gateway
// (discord.com/developers/docs/events/gateway-events).
func decodeDispatch(kind string, data []byte, me string) (event, error) {
	wrap := func(e event, err error) (event, error) {
		if err != nil && !errors.As(err, new(unknown)) {
			err = fmt.Errorf("read %s: %w", kind, err)
		}
		return e, err
	}
	switch kind {
	case "MESSAGE_CREATE", "MESSAGE_UPDATE":
		var m said
		if err := json.Unmarshal(data, &m); err != nil {
			return wrap(event{}, err)
		}
		if kind == "MESSAGE_UPDATE" && m.Edited == "" {
			return event{}, nil // a link unfolds
		}
		e := m.event(me)
		if kind == "MESSAGE_UPDATE" && e.kind == ignored && m.Author != nil && !m.Author.Bot {
			// It does not call the bot any more. Of most of these nobody knows.
			return event{kind: deleted, channel: m.ChannelID, gone: []string{m.ID}, edited: m.Edited}, nil
		}
		return e, nil
	case "MESSAGE_DELETE", "MESSAGE_DELETE_BULK":
		var d struct {
			ID        string   `json:"id"`
			IDs       []string `json:"ids"`
			ChannelID string   `json:"channel_id"`
		}
		if err := json.Unmarshal(data, &d); err != nil {
			return wrap(event{}, err)
		}
		if d.ID != "" {
			d.IDs = append(d.IDs, d.ID)
		}
		return event{kind: deleted, channel: d.ChannelID, gone: d.IDs}, nil
	case "INTERACTION_CREATE":
		return wrap(decodeInteraction(data))
	}
	return event{}, unknown{fmt.Sprintf("events of the type %q", kind)}
}

// event says what a message asks of the bot.
func (m said) event(me string) event {
	if m.Author == nil || m.Author.ID == "" || m.Author.Bot || m.Author.ID == me || m.WebhookID != "" || m.ID == "" ||
		m.ChannelID == "" ||
		m.Type != messageDefault && m.Type != messageReply {
		return event{}
	}
	e := event{
		kind: asked, id: m.ID, user: m.Author.ID, roles: m.Member.Roles, server: m.GuildID, channel: m.ChannelID,
		message: m.ID, edited: m.Edited, placed: m.Place != nil && !thread(*m.Place),
	}
	byName := strings.Contains(m.Typed, "<@"+me+">") || strings.Contains(m.Typed, "<@!"+me+">")
	switch {
	case m.GuildID == "", byName:
		e.text = m.text()
	case len(m.Roles) > 0: // Discord tells the roles, but not the text
		e.kind, e.mentioned = roleMentioned, m.Roles
	default:
		return event{}
	}
	return e
}

// ownMessage is one of the bot's messages, with the pressed button.
type ownMessage struct {
	ID         string                    `json:"id"`
	Flags      int                       `json:"flags"`
	Content    string                    `json:"content"`
	Embeds     []*discordgo.MessageEmbed `json:"embeds"`
	Components []component               `json:"components"`
	RepliesTo  *said                     `json:"referenced_message"`
	Metadata   struct {
		ID string `json:"id"`
	} `json:"interaction_metadata"` // of the interaction to which it responds
}

// interaction is what Discord sends when somebody uses a command or a button
// (discord.com/developers/docs/interactions/receiving-and-responding).
type interaction struct {
	ID          string `json:"id"`
	Application string `json:"application_id"`
	Type        int    `json:"type"`
	Token       string `json:"token"`
	GuildID     string `json:"guild_id"`
	ChannelID   string `json:"channel_id"`
	Channel     struct {
		Parent string `json:"parent_id"`
		Type   *int   `json:"type"`
	} `json:"channel"`
	Context     int         `json:"context"`
	Member      member      `json:"member"`
	User        user        `json:"user"`
	Message     *ownMessage `json:"message"`
	Permissions string      `json:"app_permissions"`
	Data        struct {
		Name          string `json:"name"`
		Type          int    `json:"type"`
		TargetID      string `json:"target_id"`
		CustomID      string `json:"custom_id"`
		ComponentType int    `json:"component_type"`
		Values        []string
		Components    []filledIn `json:"components"` // of a form
		Options       []struct {
			Name    string          `json:"name"`
			Value   json.RawMessage `json:"value"`
			Focused bool            `json:"focused"`
		} `json:"options"`
		Resolved struct {
			Messages map[string]said `json:"messages"`
		} `json:"resolved"`
	} `json:"data"`
}

// Types of interactions.
const (
	interactionPing         = 1
	interactionCommand      = 2
	interactionComponent    = 3
	interactionAutocomplete = 4
	interactionForm         = 5
)

// Threads are channels of these types
// (discord.com/developers/docs/resources/channel#channel-object-channel-types).
const (
	firstThread = 10
	lastThread  = 12
)

// thread reports whether channels of a type are threads.
func thread(t int) bool { return t >= firstThread && t <= lastThread }

// contextPrivateChannel is that of an interaction among people who write to each
// other
// (discord.com/developers/docs/interactions/receiving-and-responding#interaction-object-interaction-context-types).
const contextPrivateChannel = 2

// direct reports whether only the asker reads along.
func (e event) direct() bool { return e.server == "" && !e.others }

// decodeInteraction reads an interaction.
func decodeInteraction(data []byte) (event, error) {
	var i interaction
	if err := json.Unmarshal(data, &i); err != nil {
		return event{}, fmt.Errorf("read an interaction: %w", err)
	}
	e := event{
		id: i.ID, token: i.Token, app: i.Application, server: i.GuildID, channel: i.ChannelID,
		user: i.Member.User.ID, roles: i.Member.Roles,
	}
	if e.user == "" {
		e.user = i.User.ID
	}
	if t := i.Channel.Type; t != nil {
		e.placed = true
		if thread(*t) {
			e.parent = i.Channel.Parent
			e.placed = e.parent != ""
		}
	}
	e.others = i.Context == contextPrivateChannel
	e.private = e.others // others there have not asked for the bot
	if p, err := strconv.ParseUint(i.Permissions, 10, 64); err == nil && i.GuildID != "" {
		e.noEmbed = p&discordgo.PermissionEmbedLinks == 0
	}
	if i.Type == interactionPing {
		e.kind = ping
		return e, nil
	}
	if e.id == "" || e.token == "" || e.user == "" {
		return event{id: i.ID}, errors.New("read an interaction: it has no id, no token or no user")
	}
	switch i.Type {
	case interactionCommand, interactionAutocomplete:
		return i.command(e)
	case interactionComponent:
		action, value, _ := strings.Cut(i.Data.CustomID, "|")
		e.kind, e.action = pressed, strings.TrimRight(action, "0123456789<>")
		if e.value = value; e.action == actionChoose || e.action == actionPick || e.action == actionPage {
			e.value, e.asker, _ = strings.Cut(value, "|")
		}
		if e.action == actionPick {
			if len(i.Data.Values) == 0 {
				return event{id: i.ID}, errors.New("read an interaction: nothing was picked")
			}
			e.value = i.Data.Values[0]
		}
		i.below(&e)
		return e, nil
	case interactionForm:
		e.kind, e.fields = submitted, filled(i.Data.Components)
		e.action, e.value, _ = strings.Cut(i.Data.CustomID, "|")
		i.below(&e)
		return e, nil
	}
	return event{id: i.ID}, unknown{fmt.Sprintf("interactions of the type %d", i.Type)}
}

// below notes the message with the button that was pressed.
func (i *interaction) below(e *event) {
	m := i.Message
	if m == nil {
		return
	}
	e.message, e.origin, e.alone = m.ID, m.Metadata.ID, m.Flags&ephemeral != 0
	e.before = shown{m.Content, m.Embeds, m.Components}
	if e.action == actionTell {
		e.text = m.question(e.value)
	}
}

// command reads a command, or one that is being typed.
func (i *interaction) command(e event) (event, error) {
	e.kind = commanded
	switch i.Data.Name {
	case commandAsk:
	case commandList:
		e.kind = listed
		return e, nil
	case commandMessage:
		m, ok := i.Data.Resolved.Messages[i.Data.TargetID]
		if !ok {
			return event{id: i.ID}, errors.New("read an interaction: it does not have the message it is about")
		}
		e.text, e.message, e.private = m.text(), i.Data.TargetID, true
		return e, nil
	default:
		return event{id: i.ID}, unknown{fmt.Sprintf("commands named %q", i.Data.Name)}
	}
	for _, o := range i.Data.Options {
		switch o.Name {
		case optionQuestion:
			if err := json.Unmarshal(o.Value, &e.text); err != nil {
				return event{id: i.ID}, fmt.Errorf("read an interaction: %w", err)
			}
		case optionPrivate:
			var private bool
			if err := json.Unmarshal(o.Value, &private); err != nil {
				return event{id: i.ID}, fmt.Errorf("read an interaction: %w", err)
			}
			e.private = e.private || private
		}
	}
	if i.Type == interactionAutocomplete {
		e.kind = typing
		return e, nil
	}
	if id, ok := strings.CutPrefix(e.text, chosen); ok {
		e.choice, e.text = id, ""
	}
	e.text = plainText(e.text)
	return e, nil
}

// marked is what Discord writes for people, channels, roles, emoji, times and
// commands (discord.com/developers/docs/reference#message-formatting).
var marked = regexp.MustCompile(`<(?:@[!&]?\d+|#\d+|id:\w+|t:-?\d+(?::\w)?|/([^:<>]+):\d+|a?:(\w+):\d+)>`)

// plainText is what a person wrote, without mentions; of an emoji of a server's
// own and of a command, its name stays.
func plainText(text string) string {
	if strings.Contains(text, "<") {
		text = marked.ReplaceAllString(text, "$1$2")
	}
	return strings.TrimSpace(text)
}
