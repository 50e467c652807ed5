package slack

import (
	"context"
	"errors"
	"fmt"

	"frontdesk/bot"

	"github.com/slack-go/slack"
)

// methodReplies needs the scope to read the messages of a channel, which the app has only
// with follow_deletions.
const methodReplies = "conversations.replies"

// answerTo answers a mention or a direct message. A mention without words in a thread asks
// what the message above it says. It returns the question as well.
func (s *session) answerTo(e event) (question string, a bot.Answer) {
	question = e.text
	if !e.direct && e.activeThread() != "" && bare(e.text) {
		above, err := s.client.above(s.work, e, s.me)
		if err != nil {
			s.log.Debug("cannot tell what a mention without words asks", "event", e.id, "error", err)
			return "", bot.Note(bot.SayWhichQuestion)
		}
		question = above
	}
	return question, s.asking.Text(s.everyone(e), question)
}

const (
	repliesPage  = 200 // messages; docs.slack.dev/reference/methods/conversations.replies recommends no more
	mostOfThread = 5   // pages that are read; a longer thread is rare
)

// above returns the question in the newest message before an event's in its thread that
// has words and is not the bot's.
func (c *client) above(ctx context.Context, e event, me identity) (question string, err error) {
	what := call{Method: methodReplies, Place: e.channel, Again: true, Life: lookLife}
	cursor := ""
	for range mostOfThread {
		var page []slack.Message
		err := c.Do(ctx, what, func(ctx context.Context) (err error) {
			page, _, cursor, err = c.api.GetConversationRepliesContext(ctx, &slack.GetConversationRepliesParameters{
				ChannelID: e.channel, Timestamp: e.thread, Latest: e.ts, Limit: repliesPage, Cursor: cursor,
			})
			return err
		})
		if err != nil {
			return "", err
		}
		for _, m := range page { // the oldest first
			if text := fromClient(m).question(me.user); m.Timestamp < e.ts && m.User != me.user && m.BotID != me.bot &&
				!bare(text) {
				question = text
			}
		}
		if cursor == "" {
			if question == "" {
				return "", errors.New("the messages above have no words")
			}
			return question, nil
		}
	}
	return "", fmt.Errorf("the thread has more than %d messages", mostOfThread*repliesPage)
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
