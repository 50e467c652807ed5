package slack

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"

	"frontdesk/adapters"
	"frontdesk/bot"
	"frontdesk/knowledge/text"

	"github.com/slack-go/slack"
)

// remedies says what to do about an error of Slack's
// (docs.slack.dev/reference/methods/chat.postMessage#errors).
var remedies = map[string]string{
	"not_in_channel":    "invite the bot to the channel with /invite",
	"channel_not_found": "invite the bot to the channel with /invite, if it is there",
	"is_archived":       "the channel is archived",
	restricted:          "a workspace setting prevents the bot from posting there; a workspace admin can change it",

	restricted + "_read_only_channel": "only some may post in the channel; its managers can allow the bot to",
	restricted + "_thread_only_channel": "the channel allows the bot replies in threads only; its managers can " +
		"change that",
	restricted + "_non_threadable_channel": "the channel has no threads, where the bot answers",
	restricted + "_thread_locked":          "an admin has locked the thread",
}

// restricted is an error code, and the beginning of the more exact ones.
const restricted = "restricted_action"

// remedy says what to do about an error code, or is "".
func remedy(code string) string {
	if known := remedies[code]; known != "" {
		return known
	}
	if strings.HasPrefix(code, restricted) {
		return remedies[restricted]
	}
	return ""
}

// barred reports whether Slack does not let the bot post in a channel.
func barred(err error) bool {
	code := slackCode(err)
	return absent(err) || code == "is_archived" || strings.HasPrefix(code, restricted)
}

// absent reports whether the bot is no member of a channel.
func absent(err error) bool {
	code := slackCode(err)
	return code == "not_in_channel" || code == "channel_not_found"
}

// postShared posts a shared answer for everyone. Where the bot is no member, it uses the
// response URL of the button.
func (s *session) postShared(e event, thread string, m message) error {
	_, err := s.client.post(s.work, e.channel, thread, m)
	if !absent(err) {
		return err
	}
	err2 := s.client.announce(s.work, e.responseURL, thread, m)
	if err2 == nil || errors.Is(err2, adapters.ErrUnclear) {
		return err2
	}
	return errors.Join(err, err2)
}

// answerDirectly sends an answer to the asker's direct messages, because Slack refused it
// where they asked.
func (s *session) answerDirectly(e event, a bot.Answer, refusal error) error {
	if s.barred.Add(time.Now(), e.channel) {
		s.log.Warn("Slack refused an answer; it goes to the asker's direct messages", "event", e.id, "error", refusal)
	}
	if e.user == "" || e.unclear { // a workflow has no direct messages; or it may be there already
		return refusal
	}
	m := e.render(a, frame{ref: ref{Question: e.text}}).after(bot.SayCannotReply)
	if _, err := s.client.post(s.work, e.user, "", m); err != nil {
		return errors.Join(refusal, err)
	}
	return nil
}

// after returns the message with a sentence before it.
func (m message) after(sentence string) message {
	blocks := []slack.Block{slack.NewSectionBlock(plain(sentence), nil, nil)}
	m.Text = escape(sentence) + "\n\n" + m.Text
	m.Blocks = append(blocks, m.Blocks[:min(len(m.Blocks), maxBlocks-1)]...)
	return m
}

// badForm reports whether Slack refuses the form of a message. At a response URL it does
// so with status 400.
func badForm(err error) bool {
	switch slackCode(err) {
	case "invalid_blocks", "invalid_blocks_format", "msg_too_long", "msg_blocks_too_long":
		return true
	}
	var status slack.StatusCodeError
	return errors.As(err, &status) && status.Code == http.StatusBadRequest
}

// maxPlain is the longest text that is sent without blocks, in UTF-16 code units
// (docs.slack.dev/reference/methods/chat.postMessage recommends at most 4,000 characters).
const maxPlain = 4000

// send makes a call with a message. If Slack refuses its form, it sends the text without
// blocks: an answer that looks plain is better than none.
func (c *client) send(ctx context.Context, what call, m message, f func(context.Context, message) error) error {
	if !what.Again || !c.exclusive { // one that can be made twice may be made again after a restart
		what.Before = m.before
	}
	err := c.Do(ctx, what, func(ctx context.Context) error { return f(ctx, m) })
	if !badForm(err) {
		return err
	}
	c.Log.Error("Slack refused the form of a message; its text is sent without blocks", "error", err)
	m = message{Text: text.Clip(m.Text, maxPlain)}
	return c.Do(ctx, what, func(ctx context.Context) error { return f(ctx, m) })
}

// postHook posts a message to a response URL. Unlike [slack.PostWebhookContext], its error
// has Slack's reason.
func (c *client) postHook(ctx context.Context, address string, m *slack.WebhookMessage) error {
	body, err := json.Marshal(m)
	if err != nil {
		return fmt.Errorf("encode a message: %w", err)
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/json")
	response, err := c.http.Do(r)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	told, err := io.ReadAll(io.LimitReader(response.Body, maxReason))
	switch {
	case response.StatusCode == http.StatusOK:
		return err
	case response.StatusCode == http.StatusTooManyRequests && response.Header.Get("Retry-After") != "":
		seconds, err := strconv.ParseInt(response.Header.Get("Retry-After"), 10, 64)
		if err != nil {
			return err
		}
		return &slack.RateLimitedError{RetryAfter: time.Duration(seconds) * time.Second}
	}
	status := slack.StatusCodeError{Code: response.StatusCode, Status: response.Status}
	if why := reason(told); why != "" {
		return fmt.Errorf("%w: %s", status, why)
	}
	return status
}

// maxReason is how much of a refusal is read, in bytes.
const maxReason = 16 << 10

// errorCode matches an error code of Slack's.
var errorCode = regexp.MustCompile(`^[a-z_]{1,80}$`)

// reason returns Slack's reason in the body of a refusal: an error code, alone or in an
// object with messages about it. It is "" for anything else, which is not Slack's and may
// quote the address.
func reason(body []byte) string {
	var object struct {
		Error    string `json:"error"`
		Metadata struct {
			Messages []string `json:"messages"`
		} `json:"response_metadata"`
	}
	code := strings.TrimSpace(string(body))
	if json.Unmarshal(body, &object) == nil {
		code = object.Error
	}
	if !errorCode.MatchString(code) {
		return ""
	}
	return strings.Join(append([]string{code}, object.Metadata.Messages...), "; ")
}
