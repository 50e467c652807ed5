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
	briefly     = time.Second     // for what is only nice to have
	lookLife    = 2 * time.Second // for what must be known before a modal can open
)

// longestWait is the longest pause that is taken as one: Slack asks for seconds,
// and one odd answer must not silence the bot for years.
const longestWait = time.Hour

// channelPace is how far apart Slack wants messages in one channel
// (docs.slack.dev/apis/web-api/rate-limits).
const channelPace = time.Second

// client calls Slack's Web API.
type client struct {
	adapters.Caller
	api   *slack.Client
	http  *http.Client
	clock adapters.Clock
}

// newClient makes a client. Trouble is told what is wrong and for what cause,
// and "" when that is over.
func newClient(s Settings, log *slog.Logger, trouble func(cause, why string)) *client {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxIdleConnsPerHost = 64 // every call goes to the same host
	c := &client{clock: adapters.Clock{Base: transport}}
	c.http = &http.Client{Transport: &c.clock} // each try has a deadline of its own
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

// causeScope and a method are a cause of trouble: the app lacks its scope.
const causeScope = "scope for "

// mutes are the causes with which nobody is answered.
var mutes = []string{botToken, adapters.CauseCalls, adapters.CauseAnswers, adapters.CauseStale}

// The settings that have a token.
//
// #nosec G101 -- where the tokens are, not the tokens
const (
	botToken = "SLACK_BOT_TOKEN"
	appToken = "SLACK_APP_TOKEN"
)

// tokenOf is the setting whose token a call is made with, or "".
func tokenOf(what call) string {
	switch what.Method {
	case methodRespond:
		return ""
	case methodConnect:
		return appToken
	}
	return botToken
}

// Methods that need care of their own.
const (
	methodRespond = "response_url"
	methodConnect = "apps.connections.open"
	methodTest    = "auth.test" // needs no scope
	methodStatus  = "assistant.threads.setStatus"
)

// judge says what became of a failed call and how long Slack asks to wait. The
// codes are those of docs.slack.dev/apis/web-api and of each method's page.
func judge(err error, sent bool) adapters.Judgement {
	var limit *slack.RateLimitedError
	var status slack.StatusCodeError
	var answer slack.SlackErrorResponse
	switch {
	case errors.As(err, &limit):
		return adapters.Judgement{
			Failure: adapters.RateLimited, Wait: min(max(limit.RetryAfter, time.Second), longestWait),
		}
	case errors.As(err, new(*strconv.NumError)): // a 429 with a Retry-After that is no number of seconds
		return adapters.Judgement{Failure: adapters.RateLimited}
	case errors.As(err, &status):
		switch {
		case status.Code == http.StatusTooManyRequests:
			return adapters.Judgement{Failure: adapters.RateLimited}
		case status.Code == http.StatusInternalServerError, status.Code == http.StatusServiceUnavailable:
			return adapters.Judgement{Failure: adapters.NotDone}
		case status.Code > 500: // a gateway that did not hear the end
			return adapters.Judgement{Failure: adapters.Unclear}
		}
		// Slack's own come with 200
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

// remedies says what to do about an error of Slack's.
var remedies = map[string]string{
	"not_in_channel":    "invite the bot to the channel with /invite",
	"channel_not_found": "invite the bot to the channel with /invite, if it is there",
	"is_archived":       "the channel is archived",
	"restricted_action": "a workspace setting keeps the bot from posting there; an admin of the workspace can change " +
		"it",
}

// badToken are Slack's codes for a token that it refuses.
var badToken = map[string]bool{
	"invalid_auth": true, "not_authed": true, "account_inactive": true, "token_revoked": true, "token_expired": true,
	"not_allowed_token_type": true,
}

// tokens says where each token comes from.
//
// #nosec G101 -- it has none
var tokens = map[string]string{
	botToken: "set SLACK_BOT_TOKEN to the Bot User OAuth Token on the app's page Install App, after installing the " +
		"app again",
	appToken: "set SLACK_APP_TOKEN to an app-level token with the scope connections:write, from the app's page Basic " +
		"Information, App-Level Tokens",
}

// explain adds to an error of Slack's which setting or scope it is about, and
// takes out what must not be logged. It tells trouble when the app has lost
// its access.
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
		if what.Method != methodStatus { // only nice to have
			trouble(causeScope+what.Method, why)
		}
		return fmt.Errorf("%w: %s", err, why)
	}
	if what.Place != "" && what.Method != methodRespond {
		err = fmt.Errorf("in %s: %w", what.Place, err)
	}
	if remedy := remedies[answer.Err]; remedy != "" {
		return fmt.Errorf("%w: %s", err, remedy)
	}
	if len(answer.ResponseMetadata.Messages) > 0 {
		return fmt.Errorf("%w: %s", err, strings.Join(answer.ResponseMetadata.Messages, "; "))
	}
	return err
}

// slackCode is Slack's code of an error, or "".
func slackCode(err error) string {
	var answer slack.SlackErrorResponse
	errors.As(err, &answer)
	return answer.Err
}

// codeGone is Slack's code for a message that is not there.
const codeGone = "message_not_found"

// identify asks Slack who the bot is.
func (c *client) identify(ctx context.Context) (me identity, err error) {
	err = c.Do(ctx, testCall, func(ctx context.Context) (err error) {
		me, err = c.test(ctx)
		return err
	})
	return me, err
}

// probe looks now and then whether Slack takes calls, until the end that it returns.
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

// content is what a message says. Slack is not to look for names in it.
func (m message) content() slack.MsgOption {
	return slack.MsgOptionCompose(slack.MsgOptionText(m.Text, false), slack.MsgOptionBlocks(m.Blocks...),
		slack.MsgOptionParse(false))
}

// post posts a message, in a thread if one is named, and returns its ts.
func (c *client) post(ctx context.Context, channel, thread string, m message) (ts string, err error) {
	err = c.Do(ctx, call{Method: "chat.postMessage", Place: channel, Pace: channelPace, Answer: true},
		func(ctx context.Context) (err error) {
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

// postAlone posts a message that one person in a channel sees alone.
func (c *client) postAlone(ctx context.Context, channel, user, thread string, m message) error {
	return c.Do(ctx, call{Method: "chat.postEphemeral", Place: channel, Pace: channelPace, Answer: true},
		func(ctx context.Context) error {
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
	return c.Do(ctx, call{Method: "chat.update", Place: channel, Again: true}, func(ctx context.Context) error {
		_, _, _, err := c.api.UpdateMessageContext(ctx, channel, ts, m.content())
		return err
	})
}

// remove deletes a message.
func (c *client) remove(ctx context.Context, channel, ts string) error {
	return c.Do(ctx, call{Method: "chat.delete", Place: channel, Again: true}, func(ctx context.Context) error {
		_, _, err := c.api.DeleteMessageContext(ctx, channel, ts)
		if slackCode(err) == codeGone {
			return nil // already
		}
		return err
	})
}

// respond answers at a response address: a message that only the asker sees,
// in a thread if one is named, or in place of the message that was pressed.
func (c *client) respond(ctx context.Context, address, thread string, replace bool, m message) error {
	hook := &slack.WebhookMessage{
		Text: m.Text, Blocks: &slack.Blocks{BlockSet: m.Blocks}, Parse: "none",
		ReplaceOriginal: replace, UnfurlLinks: new(bool), UnfurlMedia: new(bool),
	}
	if !replace {
		hook.ResponseType, hook.ThreadTimestamp = slack.ResponseTypeEphemeral, thread
	}
	return c.Do(ctx, call{Method: methodRespond, Place: address, Again: replace, Answer: true},
		func(ctx context.Context) error {
			return slack.PostWebhookCustomHTTPContext(ctx, address, c.http, hook)
		})
}

// publish shows a person's Home tab.
func (c *client) publish(ctx context.Context, user string, blocks []slack.Block) error {
	return c.Do(ctx, call{Method: "views.publish", Again: true}, func(ctx context.Context) error {
		_, err := c.api.PublishViewContext(ctx, slack.PublishViewContextRequest{
			UserID: user, View: homeView(blocks),
		})
		return err
	})
}

// open opens a modal. Place is the channel it is looked at from, if any.
func (c *client) open(ctx context.Context, trigger, place string, blocks []slack.Block) error {
	return c.Do(ctx, call{Method: "views.open", Life: triggerLife}, func(ctx context.Context) error {
		_, err := c.api.OpenViewContext(ctx, trigger, modalView(place, blocks))
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

// prompt shows questions to try in a new thread of the assistant pane.
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

// status says in a thread of the assistant pane that an answer is coming. It is
// gone when the answer is there.
func (c *client) status(ctx context.Context, channel, thread string) error {
	return c.Do(ctx, call{Method: methodStatus, Again: true, Life: briefly}, func(ctx context.Context) error {
		ctx, cancel := context.WithTimeout(ctx, briefly)
		defer cancel()
		return c.api.SetAssistantThreadsStatusContext(ctx, slack.AssistantThreadsSetStatusParameters{
			ChannelID: channel, ThreadTS: thread, Status: bot.LabelThinking,
		})
	})
}
