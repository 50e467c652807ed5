package slack

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"frontdesk/bot"

	"github.com/slack-go/slack"
)

// How long and how often a call is tried.
const (
	attemptTimeout = 10 * time.Second
	firstPause     = 500 * time.Millisecond // doubled with every try …
	longestPause   = 10 * time.Second       // … up to this
	patience       = 2 * time.Minute        // pauses in all, those that Slack asks for not counted
	longestCall    = 15 * time.Minute       // all in all; nobody waits longer for an answer
	triggerLife    = 3 * time.Second        // docs.slack.dev/interactivity/handling-user-interaction#modal_responses
	briefly        = time.Second            // for what is only nice to have
)

// channelPace is how far apart Slack wants messages in one channel
// (docs.slack.dev/apis/web-api/rate-limits): those that wait for the end of a
// pause are let go one by one.
const channelPace = time.Second

// client calls Slack's Web API: again and again where that is safe, never
// twice where the first try may have been heard.
type client struct {
	api   *slack.Client
	http  *http.Client
	log   *slog.Logger
	pause time.Duration // the first one

	// trouble is told what is wrong with the app's access, "" when it is well.
	trouble func(why string)

	holds   holds
	unclear atomic.Int64 // calls that nobody knows the end of
	limited atomic.Int64 // 429s
}

func newClient(s Settings, log *slog.Logger, trouble func(string)) *client {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxIdleConnsPerHost = 64 // every call goes to the same host
	c := &client{
		http: &http.Client{Transport: transport}, // each try has a deadline of its own
		log:  log, pause: firstPause, trouble: trouble,
	}
	options := []slack.Option{slack.OptionHTTPClient(c.http), slack.OptionAppLevelToken(s.AppToken)}
	if s.APIURL != "" {
		options = append(options, slack.OptionAPIURL(strings.TrimSuffix(s.APIURL, "/")+"/"))
	}
	c.api = slack.New(s.BotToken, options...)
	return c
}

// call is something to be done at Slack.
type call struct {
	method  string // Slack's name for it
	channel string // where, if anywhere
	// again says that doing it twice is no different from doing it once.
	again bool
	life  time.Duration // after which it is of no use; 0 stands for longestCall
}

// fate is what became of a call that failed.
type fate uint8

const (
	refused fate = iota // and would be again
	undone              // nothing happened: it can be tried again
	unclear             // it may have been done
)

// errUnclear ends a call that may have been done although it failed.
var errUnclear = errors.New("it may have been done, so it is not tried again")

// do makes a call, and repeats it as long as that is safe and promises success.
func (c *client) do(ctx context.Context, what call, f func(context.Context) error) error {
	start, paused := time.Now(), time.Duration(0)
	for try := 0; ; try++ {
		if err := c.holds.wait(ctx, what); err != nil {
			return fmt.Errorf("%s: %w", what.method, err)
		}
		err, sent := c.once(ctx, f)
		if err == nil {
			c.trouble("")
			return nil
		}
		fate, told := fateOf(err, sent)
		if told > 0 || isRateLimit(err) {
			c.limited.Add(1)
		}
		err = fmt.Errorf("%s: %w", what.method, explain(err, what, c.trouble))
		if ctx.Err() != nil {
			return err
		}
		switch {
		case fate == refused:
			return err
		case fate == unclear && !what.again:
			c.unclear.Add(1)
			return fmt.Errorf("%w; %w", err, errUnclear)
		}
		wait := told
		if told == 0 {
			wait = c.backoff(try)
			paused += wait
		}
		if paused > patience || time.Since(start)+wait > cmp.Or(what.life, longestCall) {
			return fmt.Errorf("%w (given up after %d tries)", err, try+1)
		}
		c.log.Debug("trying again", "method", what.method, "in", wait, "because", err)
		if told > 0 {
			c.holds.until(what, time.Now().Add(told))
			continue
		}
		if err := sleep(ctx, wait); err != nil {
			return fmt.Errorf("%s: %w", what.method, err)
		}
	}
}

// once makes one try and says whether anything of it reached the network.
func (c *client) once(ctx context.Context, f func(context.Context) error) (err error, sent bool) {
	ctx, cancel := context.WithTimeout(ctx, attemptTimeout)
	defer cancel()
	var wrote atomic.Bool
	err = f(httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{WroteHeaders: func() { wrote.Store(true) }}))
	return err, wrote.Load()
}

// backoff is the pause before the next try, with jitter so that many callers
// do not come back at once.
func (c *client) backoff(try int) time.Duration {
	d := min(c.pause<<min(try, 10), longestPause)
	return d/2 + rand.N(d/2+1)
}

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// holds are pauses that Slack asked for, by method and channel.
type holds struct {
	mu sync.Mutex
	at map[string]time.Time
}

func (h *holds) until(what call, t time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.at == nil {
		h.at = map[string]time.Time{}
	}
	now := time.Now()
	for key, end := range h.at { // what is over is of no use
		if end.Before(now) {
			delete(h.at, key)
		}
	}
	if key := what.method + " " + what.channel; h.at[key].Before(t) {
		h.at[key] = t
	}
}

// wait waits for the end of a pause. Those who wait for the same one go on one
// after the other.
func (h *holds) wait(ctx context.Context, what call) error {
	key := what.method + " " + what.channel
	h.mu.Lock()
	end, held := h.at[key]
	now := time.Now()
	if held && end.Before(now) {
		delete(h.at, key)
		held = false
	}
	if held {
		h.at[key] = end.Add(channelPace)
	}
	h.mu.Unlock()
	if !held {
		return nil
	}
	return sleep(ctx, end.Sub(now))
}

// fateOf says what became of a failed call and how long Slack asks to wait.
// The codes are those of docs.slack.dev/apis/web-api and of each method's page.
func fateOf(err error, sent bool) (fate, time.Duration) {
	var limit *slack.RateLimitedError
	var status slack.StatusCodeError
	var answer slack.SlackErrorResponse
	switch {
	case errors.As(err, &limit):
		return undone, max(limit.RetryAfter, time.Second)
	case errors.As(err, &status):
		switch status.Code {
		case http.StatusTooManyRequests, http.StatusInternalServerError, http.StatusServiceUnavailable:
			return undone, 0
		}
		if status.Code > 500 { // a gateway that did not hear the end
			return unclear, 0
		}
		return refused, 0
	case errors.As(err, &answer):
		switch answer.Err {
		case "ratelimited", "rate_limited", "service_unavailable", "request_timeout":
			return undone, 0
		case "internal_error", "fatal_error": // "some aspect may have succeeded"
			return unclear, 0
		}
		return refused, 0
	case !sent:
		return undone, 0
	}
	return unclear, 0
}

func isRateLimit(err error) bool {
	var status slack.StatusCodeError
	return errors.As(err, &status) && status.Code == http.StatusTooManyRequests
}

// remedies says what to do about an error of Slack's.
var remedies = map[string]string{
	"invalid_auth":           badBotToken,
	"not_authed":             badBotToken,
	"account_inactive":       badBotToken,
	"token_revoked":          badBotToken,
	"token_expired":          badBotToken,
	"not_allowed_token_type": "SLACK_BOT_TOKEN must be a bot token, which begins with xoxb-",
	"not_in_channel":         "invite the bot to the channel with /invite",
	"channel_not_found":      "invite the bot to the channel with /invite, if it is there",
	"is_archived":            "the channel is archived",
	"restricted_action":      "a workspace setting keeps the bot from posting there; an admin of the workspace can change it",
}

const badBotToken = "set SLACK_BOT_TOKEN to the Bot User OAuth Token on the app's page Install App, after installing the app again"

// explain adds to an error of Slack's which setting or scope it is about, and
// takes out what must not be logged. It tells trouble when the app has lost
// its access.
func explain(err error, what call, trouble func(string)) error {
	err = withoutSecrets(err)
	var answer slack.SlackErrorResponse
	if !errors.As(err, &answer) {
		return err
	}
	switch {
	case answer.Err == "missing_scope":
		why := fmt.Sprintf("the app lacks the scope %s; add it on the app's page OAuth & Permissions and install the app again",
			cmp.Or(answer.Needed, "for "+what.method))
		trouble(why)
		return fmt.Errorf("%w: %s", err, why)
	case remedies[answer.Err] == badBotToken:
		trouble(fmt.Sprintf("Slack refuses the bot token (%s); %s", answer.Err, badBotToken))
	}
	if what.channel != "" {
		err = fmt.Errorf("in %s: %w", what.channel, err)
	}
	if remedy := remedies[answer.Err]; remedy != "" {
		return fmt.Errorf("%w: %s", err, remedy)
	}
	if len(answer.ResponseMetadata.Messages) > 0 {
		return fmt.Errorf("%w: %s", err, strings.Join(answer.ResponseMetadata.Messages, "; "))
	}
	return err
}

// withoutSecrets shortens the address in an error to its host: a response
// address or a Socket Mode ticket is as good as a password.
func withoutSecrets(err error) error {
	var u *url.Error
	if !errors.As(err, &u) {
		return err
	}
	host := "Slack"
	if parsed, e := url.Parse(u.URL); e == nil && parsed.Host != "" {
		host = parsed.Host
	}
	return fmt.Errorf("%s: %w", host, u.Err)
}

// identify asks Slack who the bot is.
func (c *client) identify(ctx context.Context) (identity, error) {
	var me identity
	err := c.do(ctx, call{method: "auth.test", again: true}, func(ctx context.Context) error {
		who, err := c.api.AuthTestContext(ctx)
		if err == nil {
			me = identity{user: who.UserID, bot: who.BotID}
		}
		return err
	})
	return me, err
}

// content is what a message says. Slack is not to look for names in it.
func (m message) content() slack.MsgOption {
	return slack.MsgOptionCompose(slack.MsgOptionText(m.Text, false), slack.MsgOptionBlocks(m.Blocks...), slack.MsgOptionParse(false))
}

// post posts a message, in a thread if one is named, and returns its ts.
func (c *client) post(ctx context.Context, channel, thread string, m message) (ts string, err error) {
	err = c.do(ctx, call{method: "chat.postMessage", channel: channel}, func(ctx context.Context) (err error) {
		options := []slack.MsgOption{m.content(), slack.MsgOptionDisableLinkUnfurl(), slack.MsgOptionDisableMediaUnfurl()}
		if thread != "" {
			options = append(options, slack.MsgOptionTS(thread))
		}
		_, ts, err = c.api.PostMessageContext(ctx, channel, options...)
		return err
	})
	return ts, err
}

// update replaces a message.
func (c *client) update(ctx context.Context, channel, ts string, m message) error {
	return c.do(ctx, call{method: "chat.update", channel: channel, again: true}, func(ctx context.Context) error {
		_, _, _, err := c.api.UpdateMessageContext(ctx, channel, ts, m.content())
		return err
	})
}

// remove deletes a message.
func (c *client) remove(ctx context.Context, channel, ts string) error {
	return c.do(ctx, call{method: "chat.delete", channel: channel, again: true}, func(ctx context.Context) error {
		_, _, err := c.api.DeleteMessageContext(ctx, channel, ts)
		var answer slack.SlackErrorResponse
		if errors.As(err, &answer) && answer.Err == "messagenot_found" {
			return nil // gone already
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
	return c.do(ctx, call{method: "response_url", again: replace}, func(ctx context.Context) error {
		return slack.PostWebhookCustomHTTPContext(ctx, address, c.http, hook)
	})
}

// publish shows a person's Home tab.
func (c *client) publish(ctx context.Context, user string, blocks []slack.Block) error {
	return c.do(ctx, call{method: "views.publish", again: true}, func(ctx context.Context) error {
		_, err := c.api.PublishViewContext(ctx, slack.PublishViewContextRequest{
			UserID: user, View: homeView(blocks),
		})
		return err
	})
}

// open opens a modal.
func (c *client) open(ctx context.Context, trigger string, blocks []slack.Block) error {
	return c.do(ctx, call{method: "views.open", life: triggerLife}, func(ctx context.Context) error {
		_, err := c.api.OpenViewContext(ctx, trigger, modalView(blocks))
		return err
	})
}

// change replaces what a modal shows.
func (c *client) change(ctx context.Context, view string, blocks []slack.Block) error {
	return c.do(ctx, call{method: "views.update", again: true}, func(ctx context.Context) error {
		_, err := c.api.UpdateViewContext(ctx, modalView(blocks), "", "", view)
		return err
	})
}

// prompt shows questions to try in a new thread of the assistant pane.
func (c *client) prompt(ctx context.Context, channel, thread string, questions []string) error {
	p := slack.AssistantThreadsSetSuggestedPromptsParameters{ChannelID: channel, ThreadTS: thread, Title: bot.LabelTryAsking}
	for _, q := range questions[:min(len(questions), maxPrompts)] {
		p.AddPrompt(bot.Clip(q, maxPromptTitle), q)
	}
	return c.do(ctx, call{method: "assistant.threads.setSuggestedPrompts", again: true}, func(ctx context.Context) error {
		return c.api.SetAssistantThreadsSuggestedPromptsContext(ctx, p)
	})
}

// status says in a thread of the assistant pane that an answer is coming. It is
// gone when the answer is there.
func (c *client) status(ctx context.Context, channel, thread string) error {
	return c.do(ctx, call{method: "assistant.threads.setStatus", again: true, life: briefly}, func(ctx context.Context) error {
		ctx, cancel := context.WithTimeout(ctx, briefly)
		defer cancel()
		return c.api.SetAssistantThreadsStatusContext(ctx, slack.AssistantThreadsSetStatusParameters{
			ChannelID: channel, ThreadTS: thread, Status: bot.LabelThinking,
		})
	})
}
