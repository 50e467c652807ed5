package slack

import (
	"context"
	"errors"
	"fmt"
	"time"

	"frontdesk/bot"

	"github.com/slack-go/slack"
)

// The methods that read messages need the scope for it, which the app has in direct messages,
// and in channels only with follow_deletions.
const (
	methodReplies = "conversations.replies"
	methodHistory = "conversations.history"
)

// answerTo answers a mention or a direct message. A mention without words in a thread asks
// what the message above it says. It returns the question as well.
func (s *session) answerTo(e event, readers bot.Audience) (question string, a bot.Answer) {
	question = e.text
	if !e.direct && e.activeThread() != "" && bare(e.text) {
		above, err := s.client.above(s.work, e, s.me)
		if err != nil {
			s.log.Debug("cannot tell what a mention without words asks", "event", e.id, "error", err)
			return "", bot.Note(bot.SayWhichQuestion)
		}
		question = above
	}
	return question, s.asking.Text(readers, question)
}

// above returns the question in the newest message before an event's in its thread that
// has words and is not the bot's.
func (c *client) above(ctx context.Context, e event, me identity) (question string, err error) {
	err = c.messages(ctx, span{channel: e.channel, thread: e.thread, latest: e.ts, life: lookLife},
		func(m slack.Message) { // the oldest first
			if text := fromClient(m).question(me.user); m.Timestamp < e.ts && m.User != me.user && m.BotID != me.bot &&
				!bare(text) {
				question = text
			}
		})
	if err == nil && question == "" {
		err = errors.New("the messages above have no words")
	}
	return question, err
}

// span is a part of a thread, or of a channel if thread is "".
type span struct {
	channel, thread string
	oldest, latest  string        // ts of the messages around it; "" if there is none
	life            time.Duration // of the calls
}

const (
	spanPage   = 200 // messages; docs.slack.dev/reference/methods/conversations.replies recommends no more
	mostOfSpan = 5   // pages that are read; a longer thread is rare
)

// messages calls each with the messages of a span: the oldest first in a thread, the newest
// first in a channel.
func (c *client) messages(ctx context.Context, in span, each func(slack.Message)) error {
	what := call{Method: methodReplies, Place: in.channel, Again: true, Life: in.life}
	if in.thread == "" {
		what.Method = methodHistory
	}
	cursor := ""
	for range mostOfSpan {
		var page []slack.Message
		err := c.Do(ctx, what, func(ctx context.Context) (err error) {
			if in.thread != "" {
				page, _, cursor, err = c.api.GetConversationRepliesContext(ctx, &slack.GetConversationRepliesParameters{
					ChannelID: in.channel, Timestamp: in.thread, Oldest: in.oldest, Latest: in.latest, Limit: spanPage,
					Cursor: cursor,
				})
				return err
			}
			history, err := c.api.GetConversationHistoryContext(ctx, &slack.GetConversationHistoryParameters{
				ChannelID: in.channel, Oldest: in.oldest, Latest: in.latest, Limit: spanPage, Cursor: cursor,
			})
			if err == nil {
				page, cursor = history.Messages, history.ResponseMetaData.NextCursor
			}
			return err
		})
		if err != nil {
			return err
		}
		for _, m := range page {
			each(m)
		}
		if cursor == "" {
			return nil
		}
	}
	return fmt.Errorf("%s: more than %d messages", what.Method, mostOfSpan*spanPage)
}

// fromClient returns the parts of a message that have its question.
func fromClient(m slack.Message) said {
	out := said{Text: m.Text}
	for _, a := range m.Attachments {
		out.Attachments = append(out.Attachments, attachment{
			IsShare: a.IsShare, IsMsgUnfurl: a.IsMsgUnfurl, FromURL: a.FromURL, Text: a.Text,
		})
	}
	return out
}
