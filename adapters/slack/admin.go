package slack

import (
	"regexp"
	"strconv"
	"strings"

	"frontdesk/bot"
	"frontdesk/knowledge/text"

	"github.com/slack-go/slack"
)

// opensInbox reports whether a question is the word that opens the inbox.
func opensInbox(question string) bool {
	return strings.EqualFold(strings.TrimSpace(question), bot.OpenInbox)
}

// administer does what an admin asks for, and returns what is shown for it. The zero Answer
// means that it is not for this person.
func (s *session) administer(e event, action string) bot.Answer {
	if s.admin.Do == nil {
		return bot.Answer{}
	}
	a := s.admin.Do(s.work, bot.Request{
		Person: adapterName + ":" + e.user, InChannel: e.channel == s.admin.Channel && e.channel != "", Action: action,
		Fields: e.fields,
	})
	if a.Outcome == bot.Silent {
		return bot.Answer{}
	}
	s.log.Info("an admin asked for something", "event", e.id, "by", e.user, "what", action)
	a.Welcome = true // is not rated, nor in the journal
	return a
}

// openInbox returns the inbox if an admin asks for it with its word, where only they see it.
func (s *session) openInbox(e event) (a bot.Answer, opened bool) {
	if !opensInbox(e.text) || e.kind == asked && !e.direct {
		return a, false
	}
	a = s.administer(e, bot.OpenInbox)
	return a, a.Outcome != bot.Silent
}

// pressAdmin handles a button for admins or a form that one filled in. The result takes the
// place of the message with the button, or is a form.
func (s *session) pressAdmin(e event, action string) error {
	a := s.administer(e, action)
	switch {
	case a.Outcome == bot.Silent:
		s.ignored.Log(func(n int) {
			s.log.Warn("ignored a button for admins, pressed by somebody else", "event", e.id, "by", e.user, "count", n)
		})
		return nil
	case a.Form != nil:
		err := s.client.openForm(s.work, e, *a.Form)
		if err == nil {
			return nil
		}
		s.log.Warn("a form did not open", "event", e.id, "error", err)
		return s.whisper(e, bot.Note(bot.SayPressAgain), ref{})
	}
	m := render(a, frame{private: e.ephemeral})
	err := s.client.respond(s.work, e.responseURL, "", true, m)
	if err == nil || e.user == "" {
		return err
	}
	// A form may be filled in when the response address of its button has expired.
	_, err = s.client.post(s.work, e.user, "", m)
	return err
}

// actions writes the buttons for admins.
func (w *writer) actions(actions []bot.Action) {
	var buttons []slack.BlockElement
	for i, a := range actions[:min(len(actions), maxButtons)] {
		if text.Length(a.Value) > maxValue || strings.TrimSpace(a.Label) == "" {
			continue // Slack refuses it
		}
		b := slack.NewButtonBlockElement(actionAdmin+":"+strconv.Itoa(i), a.Value, plain(text.Clip(a.Label, maxButton)))
		if a.Primary {
			b.Style = slack.StylePrimary
		}
		buttons = append(buttons, b)
	}
	if len(buttons) > 0 {
		w.add(slack.NewActionBlock("", buttons...))
	}
}

// userID is a user of Slack's (docs.slack.dev/reference/objects/user-object).
var userID = regexp.MustCompile(`^[UW][A-Z0-9]+$`)

// by writes who did what the answer tells.
func (w *writer) by(person string) {
	if person == "" {
		return
	}
	who := slack.RichTextSectionElement(slack.NewRichTextSectionTextElement(text.Clip(person, maxButton), nil))
	if id, ok := strings.CutPrefix(person, adapterName+":"); ok && userID.MatchString(id) {
		who = slack.NewRichTextSectionUserElement(id, nil)
	}
	w.add(slack.NewRichTextBlock("", slack.NewRichTextSection(
		slack.NewRichTextSectionTextElement(bot.LabelBy+" ", nil), who)))
}
