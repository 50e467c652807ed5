package discord

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"frontdesk/adapters"
	"frontdesk/adapters/network"

	"github.com/bwmarrin/discordgo"
)

// interactionLife is how long Discord waits for the first response to an
// interaction (interactions/receiving-and-responding).
const interactionLife = 3 * time.Second

// finishLife is the deadline for the answer after a deferred response: a person
// waits for it.
const finishLife = time.Minute

// client calls Discord's REST API through discordgo, with its retries and its rate
// limiter switched off: its waits cannot be canceled, it allows one call at a time per
// bucket, and it never frees a bucket.
type client struct {
	adapters.Caller
	session *discordgo.Session
	host    string // to call instead of discord.com; "" for discord.com
	base    http.RoundTripper
	clock   adapters.Clock
	blocked adapters.Sparse
}

type call = adapters.Call

// causeToken is the cause of trouble when the token is refused.
const causeToken = "DISCORD_BOT_TOKEN" // #nosec G101 -- the name of the setting, not the token

// mutes are the causes of trouble that stop all answers; see adapters.Health.
var mutes = []string{causeToken, adapters.CauseCalls, adapters.CauseAnswers, adapters.CauseStale}

// byToken reports whether a call uses an interaction's token instead of the bot's.
func byToken(what call) bool { return strings.HasPrefix(what.Place, placeInteraction) }

// placeInteraction begins the place of a call that answers an interaction.
const placeInteraction = "interaction "

// newClient returns a client. Trouble is called with what is wrong for a cause, and with
// "" when that is over.
func newClient(s Settings, log *slog.Logger, trouble func(cause, why string)) (*client, error) {
	session, err := discordgo.New("Bot " + s.BotToken)
	if err != nil {
		return nil, fmt.Errorf("prepare the client: %w", err)
	}
	session.LogLevel = -1 // no logging: every error is returned too
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxIdleConnsPerHost = 64 // every call goes to the same host
	c := &client{session: session, clock: adapters.Clock{Base: transport}}
	c.base = &c.clock
	if s.APIURL != "" {
		u, err := url.Parse(s.APIURL)
		if err != nil {
			return nil, fmt.Errorf("DISCORD_API_URL: %w", err)
		}
		c.clock.Base, c.host = elsewhere{u, transport}, u.Scheme+"://"+u.Host
	}
	c.Caller = adapters.Caller{
		Platform: "Discord", Log: log, Pause: adapters.FirstPause, Judge: judge, Trouble: trouble,
		Explain: func(err error, what call) error {
			err = explain(err, what, trouble)
			if f := (*failure)(nil); errors.As(err, &f) && f.blocked() {
				c.blocked.Log(func(n int) { log.Warn("a proxy keeps calls from Discord", "error", err, "count", n) })
			}
			return err
		},
		Well: func(what call) {
			c.clock.Tell("Discord", s.HTTP, trouble)
			if c.clock.Unsure() {
				defer c.ProbeSoon()
			}
			if !byToken(what) {
				trouble(causeToken, "")
				c.NoteHealthy()
			}
		},
	}
	return c, nil
}

// elsewhere sends requests to another host, with the same paths.
type elsewhere struct {
	to   *url.URL
	base http.RoundTripper
}

func (e elsewhere) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.URL.Scheme, r.URL.Host, r.Host = e.to.Scheme, e.to.Host, e.to.Host
	return e.base.RoundTrip(r)
}

// Discord's error codes.
const (
	codeUnknownChannel     = 10003
	codeUnknownMessage     = 10008
	codeUnknownWebhook     = 10015
	codeUnknownInteraction = 10062
	codeAcknowledged       = 40060
	codeBlocked            = 40333
	codeMissingAccess      = 50001
	codeEmptyMessage       = 50006
	codeNoDirect           = 50007
	codeMissingPermissions = 50013
	codeInvalidToken       = 50027
	codeInvalidForm        = 50035
	codeArchived           = 50083
	codeNoHistory          = 160002
	codeLocked             = 160005
)

// code returns Discord's error code, or 0 if the error has none.
func code(err error) int {
	var f *failure
	if errors.As(err, &f) {
		return f.code
	}
	return 0
}

// maxHold is the longest pause, in seconds, before Discord asks for one: calls pause when
// a bucket is used up.
const maxHold = 60

// once makes one request.
func (c *client) once(ctx context.Context, what call, method, path string, body []byte, into any) error {
	r := &response{base: c.base}
	// A new bucket for each request: see client.
	bucket := discordgo.NewRatelimiter().LockBucket(path)
	data, err := c.session.RequestWithLockedBucket(
		method, discordgo.EndpointAPI+path, "application/json", body, bucket, 0,
		discordgo.WithContext(ctx), discordgo.WithRetryOnRatelimit(false), discordgo.WithRestRetries(0),
		discordgo.WithClient(&http.Client{Transport: r}))
	if r.status >= http.StatusBadRequest {
		return newFailure(r.status, r.header, r.body)
	}
	if u := (*url.Error)(nil); c.host != "" && errors.As(err, &u) {
		u.URL = c.host // from DISCORD_API_URL; discordgo says discord.com
	}
	if err != nil {
		return err
	}
	if r.header.Get("X-RateLimit-Remaining") == "0" { // pause before Discord responds with 429
		after, err := strconv.ParseFloat(r.header.Get("X-RateLimit-Reset-After"), 64)
		if err == nil && after < maxHold {
			c.Hold(what, time.Duration(after*float64(time.Second)))
		}
	}
	if into != nil && len(data) > 0 {
		if err := json.Unmarshal(data, into); err != nil {
			return fmt.Errorf("read Discord's response: %w", err)
		}
	}
	return nil
}

// do makes a request and retries it where that is safe.
func (c *client) do(ctx context.Context, what call, method, path string, body, into any) error {
	var data []byte
	if body != nil {
		data = encode(body)
	}
	return c.Do(ctx, what, func(ctx context.Context) error { return c.once(ctx, what, method, path, data, into) })
}

// remedies says what to do about an error of Discord's.
var remedies = map[int]string{
	codeUnknownChannel: "the channel is gone",
	codeMissingAccess: "the bot may not see the channel; give its role View Channel there, or invite it again " +
		"with the address that frontdesk discord invite prints",
	codeMissingPermissions: "the bot may not write there; give its role Send Messages, Send Messages in Threads and " +
		"Embed Links in the channel",
	codeNoDirect:  "the person accepts no direct messages",
	codeNoHistory: "the bot may not reply there; give its role Read Message History in the channel",
	codeArchived:  "the thread is archived",
	codeLocked:    "the thread is locked",
}

// #nosec G101 -- instructions, not the token
const badToken = "set DISCORD_BOT_TOKEN to the token on the app's page Bot at discord.com/developers/applications; " +
	"Reset Token makes a new one"

// unblock says what to do about a proxy that refuses calls. Cloudflare, which is before
// Discord, blocks an address after 10,000 refused requests in ten minutes
// (topics/rate-limits#invalid-request-limit-aka-cloudflare-bans).
const unblock = "it is tried again; if that lasts, look for another program at this address that Discord refuses " +
	"often, and check the proxy in HTTPS_PROXY"

// explain removes secrets from an error of Discord's and adds what to do. It reports a
// refused token to trouble.
func explain(err error, what call, trouble func(cause, why string)) error {
	err = network.WithoutSecrets(err)
	var f *failure
	if !errors.As(err, &f) {
		return err
	}
	if f.status == http.StatusUnauthorized && !f.proxied && !byToken(what) {
		trouble(causeToken, "Discord refuses the token; "+badToken)
		return fmt.Errorf("%w: %s", err, badToken)
	}
	if what.Place != "" {
		err = fmt.Errorf("in %s: %w", what.Place, err)
	}
	if f.blocked() {
		return fmt.Errorf("%w: %s", err, unblock)
	}
	if remedy := remedies[f.code]; remedy != "" {
		return fmt.Errorf("%w: %s", err, remedy)
	}
	return err
}

// get and put are for calls at startup.
func (c *client) get(ctx context.Context, path string, into any) error {
	return c.do(ctx, call{Method: "GET " + path, Again: true, Vital: true}, http.MethodGet, path, nil, into)
}

func (c *client) put(ctx context.Context, path string, body any) error {
	return c.do(ctx, call{Method: "PUT " + path, Again: true, Vital: true}, http.MethodPut, path, body, nil)
}

// posting is a new message. By its nonce Discord detects a duplicate, so that the call can
// be retried even if the first try may have taken effect.
type posting struct {
	message
	Reference *reference `json:"message_reference,omitempty"`
	Nonce     string     `json:"nonce"`
	Enforce   bool       `json:"enforce_nonce"`
}

// reference is the message that another one replies to.
type reference struct {
	Message string `json:"message_id"`
	Must    bool   `json:"fail_if_not_exists"`
}

// post posts a message, as a reply unless replyTo is "", and returns its id. Discord posts
// only one message with the same nonce. Before, which may be nil, is called before the call
// leaves.
func (c *client) post(
	ctx context.Context, channel, replyTo, nonce string, m message, before func() error,
) (id string, err error) {
	p := posting{message: m, Nonce: adapters.CutID(nonce, maxNonce), Enforce: true}
	if replyTo != "" {
		p.Reference = &reference{Message: replyTo, Must: m.must}
	}
	var there struct {
		ID string `json:"id"`
	}
	what := call{Method: "POST message", Place: channel, Again: true, Answer: true, Before: before}
	path := "channels/" + channel + "/messages"
	err = c.do(ctx, what, http.MethodPost, path, p, &there)
	if code(err) == codeNoHistory { // then not as a reply
		p.Reference = nil
		err = c.do(ctx, what, http.MethodPost, path, p, &there)
	}
	return there.ID, err
}

// questionGone reports whether an error says that the message to reply to is deleted.
func questionGone(err error) bool {
	var f *failure
	return errors.As(err, &f) && f.code == codeInvalidForm && strings.HasPrefix(f.fields, "message_reference: ")
}

// update replaces a message.
func (c *client) update(ctx context.Context, channel, id string, m message) error {
	return c.do(ctx, call{Method: "PATCH message", Place: channel, Again: true}, http.MethodPatch,
		"channels/"+channel+"/messages/"+id, m, nil)
}

// remove deletes a message.
func (c *client) remove(ctx context.Context, channel, id string) error {
	err := c.do(ctx, call{Method: "DELETE message", Place: channel, Again: true}, http.MethodDelete,
		"channels/"+channel+"/messages/"+id, nil, nil)
	if code(err) == codeUnknownMessage {
		return nil // deleted already
	}
	return err
}

// content reads a message of the bot's.
func (c *client) content(ctx context.Context, channel, id string) (string, error) {
	var there struct {
		Content string `json:"content"`
	}
	err := c.do(ctx, call{Method: "GET message", Place: channel, Again: true}, http.MethodGet,
		"channels/"+channel+"/messages/"+id, nil, &there)
	return there.Content, err
}

// parent looks up the channel of a thread, "" if the channel is not a thread.
func (c *client) parent(ctx context.Context, channel string) (string, error) {
	var there struct {
		Type   int    `json:"type"`
		Parent string `json:"parent_id"`
	}
	err := c.do(ctx, call{Method: "GET channel", Place: channel, Again: true}, http.MethodGet, "channels/"+channel, nil,
		&there)
	if there.Type < firstThread || there.Type > lastThread {
		there.Parent = "" // a category
	}
	return there.Parent, err
}

// direct finds the channel of direct messages with a person.
func (c *client) direct(ctx context.Context, user string) (channel string, err error) {
	var there struct {
		ID string `json:"id"`
	}
	err = c.do(ctx, call{Method: "POST direct channel", Again: true}, http.MethodPost, "users/@me/channels",
		map[string]string{"recipient_id": user}, &there)
	return there.ID, err
}

// call returns a call that answers an interaction with its token. A pause for all calls
// does not apply to it (topics/rate-limits#global-rate-limit).
func (e event) call(method string, life time.Duration) call {
	return call{Method: method, Place: placeInteraction + e.id, Exempt: true, Life: life, Answer: true}
}

// respond sends the first response to an interaction that arrived over the gateway.
func (c *client) respond(ctx context.Context, e event, r reply) error {
	what := e.call("POST interaction", interactionLife)
	what.Again = true
	err := c.do(ctx, what, http.MethodPost, "interactions/"+e.id+"/"+e.token+"/callback", r, nil)
	if code(err) == codeAcknowledged {
		return nil // an earlier try took effect
	}
	return err
}

// finish replaces the first response to an interaction, such as a deferred response.
func (c *client) finish(ctx context.Context, e event, m message) error {
	what := e.call("PATCH interaction", finishLife)
	what.Again = true
	return c.do(ctx, what, http.MethodPatch, "webhooks/"+e.app+"/"+e.token+"/messages/@original", m, nil)
}

// follow sends another message after the first response to an interaction.
func (c *client) follow(ctx context.Context, e event, m message) error {
	what := e.call("POST follow-up", finishLife)
	what.Before = e.receipt.Posting
	return c.do(ctx, what, http.MethodPost, "webhooks/"+e.app+"/"+e.token, m, nil)
}

// reply is the first response to an interaction.
type reply struct {
	Type int `json:"type"`
	Data any `json:"data,omitempty"`
}

// Types of replies.
const (
	replyPong         = 1
	replyMessage      = 4 // a message
	replyLater        = 5 // a deferred message
	replyUpdateLater  = 6 // a deferred change of the message with the button
	replyUpdate       = 7 // a change of the message with the button
	replyAutocomplete = 8
	replyForm         = 9
)

type offered struct {
	Choices []choice `json:"choices"`
}

// pathWhoami returns the bot's own user and needs no permission.
const (
	pathWhoami   = "users/@me"
	methodWhoami = "GET " + pathWhoami
)

// whoami asks Discord for the bot's id.
func (c *client) whoami(ctx context.Context) (string, error) {
	return c.id(ctx, pathWhoami)
}

// probe checks regularly whether Discord accepts calls; see [adapters.Caller.Probe].
func (c *client) probe(ctx context.Context, every time.Duration) (end func()) {
	what := call{Method: methodWhoami, Again: true, Vital: true, Longest: adapters.LongestProbePause}
	return c.Probe(ctx, every, what, func(ctx context.Context) error {
		return c.once(ctx, what, http.MethodGet, pathWhoami, nil, nil)
	})
}

// application asks Discord for the id of the bot's app.
func (c *client) application(ctx context.Context) (string, error) {
	return c.id(ctx, "oauth2/applications/@me")
}

func (c *client) id(ctx context.Context, path string) (string, error) {
	var there struct {
		ID string `json:"id"`
	}
	err := c.get(ctx, path, &there)
	return there.ID, err
}
