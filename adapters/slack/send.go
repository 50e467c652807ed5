package slack

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"time"

	"frontdesk/adapters"
	"frontdesk/adapters/network"
	"frontdesk/bot"
	"frontdesk/knowledge/text"

	"github.com/slack-go/slack"
)

const (
	triggerLife = 3 * time.Second // docs.slack.dev/interactivity/handling-user-interaction#modal_responses
	briefly     = time.Second     // for calls that are optional
	lookLife    = 2 * time.Second // for lookups before a modal opens, within triggerLife
)

// longestWait is the upper limit of a Retry-After: Slack asks for seconds, and one wrong
// response must not stop the bot for years.
const longestWait = time.Hour

// channelPace is the interval that Slack asks for between messages in one channel
// (docs.slack.dev/apis/web-api/rate-limits).
const channelPace = time.Second

// client calls Slack's Web API.
type client struct {
	adapters.Caller
	api       *slack.Client
	http      *http.Client
	clock     adapters.Clock
	exclusive bool // no other process uses the store
}

// newClient returns a client. Trouble is called with what is wrong for a cause, and with
// "" when that is over.
func newClient(s Settings, log *slog.Logger, trouble func(cause, why string)) *client {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxIdleConnsPerHost = 64 // every call goes to the same host
	c := &client{clock: adapters.Clock{Base: transport}, exclusive: s.Ledger.Exclusive()}
	c.http = &http.Client{Transport: &c.clock} // no timeout: the context of each try has one
	c.Caller = adapters.Caller{
		Platform: "Slack", Log: log, Pause: adapters.FirstPause, Judge: judge, Trouble: trouble,
		Explain: func(err error, what call) error { return explain(err, what, trouble) },
		Well: func(what call) {
			trouble(causeScope+what.Method, "")
			c.clock.Tell("Slack", s.HTTP, trouble)
			if c.clock.Unsure() {
				defer c.ProbeSoon()
			}
			t := tokenOf(what)
			if t != "" {
				trouble(t, "")
			}
			if t == botToken {
				c.NoteHealthy()
			}
		},
	}
	options := []slack.Option{slack.OptionHTTPClient(c.http), slack.OptionAppLevelToken(s.AppToken)}
	if s.APIURL != "" {
		options = append(options, slack.OptionAPIURL(strings.TrimSuffix(s.APIURL, "/")+"/"))
	}
	c.api = slack.New(s.BotToken, options...)
	return c
}

type call = adapters.Call

// causeScope, followed by a method, is a cause of trouble: the app lacks the scope for it.
const causeScope = "scope for "

// mutes are the causes of trouble that stop all answers; see adapters.Health.
var mutes = []string{botToken, adapters.CauseCalls, adapters.CauseAnswers, adapters.CauseStale}

// The settings with a token.
//
// #nosec G101 -- the names of the settings, not the tokens
const (
	botToken = "SLACK_BOT_TOKEN"
	appToken = "SLACK_APP_TOKEN"
)

// tokenOf returns the setting whose token a call uses, or "".
func tokenOf(what call) string {
	switch what.Method {
	case methodRespond:
		return ""
	case methodConnect:
		return appToken
	}
	return botToken
}

// Methods that are handled separately.
const (
	methodRespond = "response_url"
	methodConnect = "apps.connections.open"
	methodTest    = "auth.test" // needs no scope
	methodStatus  = "assistant.threads.setStatus"
)

// judge classifies a failed call; see [adapters.Caller]. The codes are from
// docs.slack.dev/apis/web-api and the page of each method.
func judge(err error, sent bool) adapters.Judgement {
	var limit *slack.RateLimitedError
	var status slack.StatusCodeError
	var answer slack.SlackErrorResponse
	switch {
	case errors.As(err, &limit):
		return adapters.Judgement{
			Failure: adapters.RateLimited, Wait: min(max(limit.RetryAfter, time.Second), longestWait),
		}
	case errors.As(err, new(*strconv.NumError)): // a 429 whose Retry-After is not a number
		return adapters.Judgement{Failure: adapters.RateLimited}
	case errors.As(err, &status):
		switch {
		case status.Code == http.StatusTooManyRequests:
			return adapters.Judgement{Failure: adapters.RateLimited}
		case status.Code == http.StatusInternalServerError, status.Code == http.StatusServiceUnavailable:
			return adapters.Judgement{Failure: adapters.NotDone}
		case status.Code > 500: // a gateway that got no response
			return adapters.Judgement{Failure: adapters.Unclear}
		}
		// Slack's own errors have status 200.
		return adapters.Judgement{Failure: adapters.Refused, Foreign: adapters.Forbidden(status.Code)}
	case errors.As(err, &answer):
		switch answer.Err {
		case "ratelimited", "rate_limited":
			return adapters.Judgement{Failure: adapters.RateLimited}
		case "service_unavailable", "request_timeout":
			return adapters.Judgement{Failure: adapters.NotDone}
		case "internal_error", "fatal_error": // "some aspect may have succeeded"
			return adapters.Judgement{Failure: adapters.Unclear}
		}
		return adapters.Judgement{Failure: adapters.Refused}
	case !sent:
		return adapters.Judgement{Failure: adapters.NotDone}
	}
	return adapters.Judgement{Failure: adapters.Unclear}
}

// badToken are Slack's error codes for a token that it refuses.
var badToken = map[string]bool{
	"invalid_auth": true, "not_authed": true, "account_inactive": true, "token_revoked": true, "token_expired": true,
	"not_allowed_token_type": true,
}

// tokens says where to find each token.
//
// #nosec G101 -- instructions, not tokens
var tokens = map[string]string{
	botToken: "set SLACK_BOT_TOKEN to the Bot User OAuth Token on the app's page Install App, after installing the " +
		"app again",
	appToken: "set SLACK_APP_TOKEN to an app-level token with the scope connections:write, from the app's page Basic " +
		"Information, App-Level Tokens",
}

// explain removes secrets from an error of Slack's and adds the setting or the scope that
// is wrong. It reports a refused token and a missing scope to trouble.
func explain(err error, what call, trouble func(cause, why string)) error {
	err = network.WithoutSecrets(err)
	var answer slack.SlackErrorResponse
	if !errors.As(err, &answer) {
		return err
	}
	token := tokenOf(what)
	switch {
	case badToken[answer.Err], answer.Err == "missing_scope" && what.Method == methodConnect:
		trouble(token, fmt.Sprintf("the token is refused (%s): %s", answer.Err, tokens[token]))
		return fmt.Errorf("%w: %s", err, tokens[token])
	case answer.Err == "missing_scope":
		why := fmt.Sprintf(
			"the app lacks the scope %s; add it on the app's page OAuth & Permissions and install the app again",
			cmp.Or(answer.Needed, "for "+what.Method))
		if what.Method != methodStatus && what.Method != methodReplies && what.Method != methodHistory { // these are optional
			trouble(causeScope+what.Method, why)
		}
		return fmt.Errorf("%w: %s", err, why)
	}
	if what.Place != "" && what.Method != methodRespond {
		err = fmt.Errorf("in %s: %w", what.Place, err)
	}
	if what := remedy(answer.Err); what != "" {
		return fmt.Errorf("%w: %s", err, what)
	}
	if len(answer.ResponseMetadata.Messages) > 0 {
		return fmt.Errorf("%w: %s", err, strings.Join(answer.ResponseMetadata.Messages, "; "))
	}
	return err
}

// slackCode returns Slack's error code, or "" if the error has none.
func slackCode(err error) string {
	var answer slack.SlackErrorResponse
	errors.As(err, &answer)
	return answer.Err
}

// codeGone is Slack's error code for a message that does not exist.
const codeGone = "message_not_found"

// identify asks Slack for the bot's ids.
func (c *client) identify(ctx context.Context) (me identity, err error) {
	err = c.Do(ctx, testCall, func(ctx context.Context) (err error) {
		me, err = c.test(ctx)
		return err
	})
	return me, err
}

// probe checks regularly whether Slack accepts calls; see [adapters.Caller.Probe].
func (c *client) probe(ctx context.Context, every time.Duration) (end func()) {
	return c.Probe(ctx, every, testCall, func(ctx context.Context) error {
		_, err := c.test(ctx)
		return err
	})
}

var testCall = call{Method: methodTest, Again: true, Vital: true, Longest: adapters.LongestProbePause}

func (c *client) test(ctx context.Context) (identity, error) {
	who, err := c.api.AuthTestContext(ctx)
	if err != nil {
		return identity{}, err
	}
	return identity{user: who.UserID, bot: who.BotID, team: who.TeamID}, nil
}

// content returns the text and the blocks of a message, if it has any. Slack does not
// parse them for names and links.
func (m message) content() slack.MsgOption {
	options := []slack.MsgOption{slack.MsgOptionText(m.Text, false), slack.MsgOptionParse(false)}
	if len(m.Blocks) > 0 {
		options = append(options, slack.MsgOptionBlocks(m.Blocks...))
	}
	return slack.MsgOptionCompose(options...)
}

// post posts a message, in a thread if one is named, and returns its ts.
func (c *client) post(ctx context.Context, channel, thread string, m message) (ts string, err error) {
	err = c.send(ctx, call{Method: "chat.postMessage", Place: channel, Pace: channelPace, Answer: true}, m,
		func(ctx context.Context, m message) (err error) {
			options := []slack.MsgOption{
				m.content(), slack.MsgOptionDisableLinkUnfurl(), slack.MsgOptionDisableMediaUnfurl(),
			}
			if thread != "" {
				options = append(options, slack.MsgOptionTS(thread))
			}
			_, ts, err = c.api.PostMessageContext(ctx, channel, options...)
			return err
		})
	return ts, err
}

// postAlone posts an ephemeral message to one person in a channel.
func (c *client) postAlone(ctx context.Context, channel, user, thread string, m message) error {
	return c.send(ctx, call{Method: "chat.postEphemeral", Place: channel, Pace: channelPace, Answer: true}, m,
		func(ctx context.Context, m message) error {
			options := []slack.MsgOption{m.content()}
			if thread != "" {
				options = append(options, slack.MsgOptionTS(thread))
			}
			_, err := c.api.PostEphemeralContext(ctx, channel, user, options...)
			return err
		})
}

// update replaces a message.
func (c *client) update(ctx context.Context, channel, ts string, m message) error {
	return c.send(ctx, call{Method: "chat.update", Place: channel, Again: true}, m,
		func(ctx context.Context, m message) error {
			content := m.content()
			if len(m.Blocks) == 0 { // Slack keeps the blocks of the old version unless it gets an empty list
				content = slack.MsgOptionCompose(content, slack.MsgOptionBlocks())
			}
			_, _, _, err := c.api.UpdateMessageContext(ctx, channel, ts, content)
			return err
		})
}

// remove deletes a message.
func (c *client) remove(ctx context.Context, channel, ts string) error {
	return c.Do(ctx, call{Method: "chat.delete", Place: channel, Again: true}, func(ctx context.Context) error {
		_, _, err := c.api.DeleteMessageContext(ctx, channel, ts)
		if slackCode(err) == codeGone {
			return nil // deleted already
		}
		return err
	})
}

// respond posts to a response URL: an ephemeral message, in a thread if one is named, or
// with replace a replacement of the message with the button.
func (c *client) respond(ctx context.Context, address, thread string, replace bool, m message) error {
	hook := slack.WebhookMessage{
		Parse: "none", ReplaceOriginal: replace, UnfurlLinks: new(bool), UnfurlMedia: new(bool),
	}
	if !replace {
		hook.ResponseType, hook.ThreadTimestamp = slack.ResponseTypeEphemeral, thread
	}
	return c.viaHook(ctx, address, hook, m)
}

// announce posts a message for everyone to a response URL, in a thread if one is named. It
// works where the bot is no member, such as in a direct message of two people
// (docs.slack.dev/interactivity/handling-user-interaction#message_responses).
func (c *client) announce(ctx context.Context, address, thread string, m message) error {
	return c.viaHook(ctx, address, slack.WebhookMessage{
		ResponseType: slack.ResponseTypeInChannel, ThreadTimestamp: thread, Parse: "none",
		UnfurlLinks: new(bool), UnfurlMedia: new(bool),
	}, m)
}

// viaHook posts a message to a response URL, as hook says.
func (c *client) viaHook(ctx context.Context, address string, hook slack.WebhookMessage, m message) error {
	return c.send(ctx, call{Method: methodRespond, Place: address, Again: hook.ReplaceOriginal, Answer: true}, m,
		func(ctx context.Context, m message) error {
			hook.Text = m.Text
			if hook.Blocks = nil; len(m.Blocks) > 0 {
				hook.Blocks = &slack.Blocks{BlockSet: m.Blocks}
			}
			return c.postHook(ctx, address, &hook)
		})
}

// publish sets a person's Home tab.
func (c *client) publish(ctx context.Context, user string, blocks []slack.Block) error {
	return c.Do(ctx, call{Method: "views.publish", Again: true}, func(ctx context.Context) error {
		_, err := c.api.PublishViewContext(ctx, slack.PublishViewContextRequest{
			UserID: user, View: homeView(blocks),
		})
		return err
	})
}

// errNoTrigger is the error for a modal about an event whose trigger is not known any more.
var errNoTrigger = errors.New("views.open: the time in which a modal can open is over")

// open opens a modal about an event.
func (c *client) open(ctx context.Context, e event, blocks []slack.Block) error {
	if e.trigger == "" {
		return errNoTrigger
	}
	what := call{Method: "views.open", Life: triggerLife, Before: e.receipt.Posting}
	return c.Do(ctx, what, func(ctx context.Context) error {
		_, err := c.api.OpenViewContext(ctx, e.trigger, modalView(e.channel, blocks))
		return err
	})
}

// change replaces what a modal shows.
func (c *client) change(ctx context.Context, view, place string, blocks []slack.Block) error {
	return c.Do(ctx, call{Method: "views.update", Again: true}, func(ctx context.Context) error {
		_, err := c.api.UpdateViewContext(ctx, modalView(place, blocks), "", "", view)
		return err
	})
}

// prompt shows questions to try: in a thread of the assistant pane, or if none is named in
// the direct messages with the bot.
func (c *client) prompt(ctx context.Context, channel, thread string, questions []string) error {
	p := slack.AssistantThreadsSetSuggestedPromptsParameters{
		ChannelID: channel, ThreadTS: thread, Title: bot.LabelTryAsking,
	}
	for _, q := range questions[:min(len(questions), maxPrompts)] {
		p.AddPrompt(text.Clip(q, maxPromptTitle), q)
	}
	return c.Do(ctx, call{Method: "assistant.threads.setSuggestedPrompts", Again: true},
		func(ctx context.Context) error {
			return c.api.SetAssistantThreadsSuggestedPromptsContext(ctx, p)
		})
}

// status shows in a thread that an answer is coming, until it is posted.
func (c *client) status(ctx context.Context, channel, thread string) error {
	return c.Do(ctx, call{Method: methodStatus, Again: true, Life: briefly}, func(ctx context.Context) error {
		ctx, cancel := context.WithTimeout(ctx, briefly)
		defer cancel()
		return c.api.SetAssistantThreadsStatusContext(ctx, slack.AssistantThreadsSetStatusParameters{
			ChannelID: channel, ThreadTS: thread, Status: bot.LabelThinking,
		})
	})
}
