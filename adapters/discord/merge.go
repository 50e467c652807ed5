package discord

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"

	"frontdesk/adapters"
	"frontdesk/bot"
	"frontdesk/bot/journal"
	"frontdesk/knowledge/text"

	"github.com/bwmarrin/discordgo"
)

// addressed is an answer in a message with several, and who gets it.
type addressed struct {
	user   string
	answer bot.Answer
	posted string // the line as it was posted, for an answer of a process that has ended
}

// mergedContent is the text of a message with several answers, a line for each. It names
// the people who asked; since a message of the bot's mentions nobody
// (message.Mentions), none of them is notified.
func mergedContent(answers []addressed) string {
	head := ""
	for _, a := range answers {
		if a.user != answers[0].user {
			head = bot.SayTogether + "\n"
		}
	}
	limit := (maxContent - text.Length(head)) / max(1, len(answers))
	for ; ; limit = limit * 3 / 4 { // escapes make texts longer
		var b strings.Builder
		b.WriteString(head)
		for i, a := range answers {
			if i > 0 {
				b.WriteByte('\n')
			}
			b.WriteString(a.line(limit - 1))
		}
		if content := b.String(); text.Length(content) <= maxContent || limit == 0 {
			return text.Clip(content, maxContent)
		}
	}
}

// line is a short answer in about limit UTF-16 code units: what to do in an emergency, the
// title and as much of the rest as there is room for.
func (a addressed) line(limit int) string {
	if a.posted != "" {
		return text.Clip(a.posted, max(0, limit))
	}
	name := "<@" + a.user + ">: "
	limit -= text.Length(name)
	rest := a.answer.Short()
	rest.Source = bot.Source{}
	if title := strings.TrimSpace(rest.Title); title != "" && rest.Urgent.IsZero() {
		rest.Title = ""
		title = escape(text.Clip(title, max(0, limit/2)))
		name += "**" + title + "** – "
		limit -= text.Length(title) + len("**** – ")
	}
	plain := strings.Join(strings.Fields(rest.Plain()), " ")
	return name + orDash(escape(text.Clip(plain, max(0, limit))))
}

// merged is a message with several answers. Its lock must be held to change it.
type merged struct {
	sync.Mutex
	questions []string // the message that asks, for each answer
	answers   []addressed
}

// merges remembers the newest messages with several answers, by id, so that an answer in
// one can follow its question. The zero value is ready for use.
type merges struct {
	mu    sync.Mutex
	byID  map[string]*merged
	order []string // oldest first
}

// mergesKept is how many are remembered: as long as the replies in them, of which each has two
// at least.
const mergesKept = adapters.RepliesKept / 2

// add adds a message unless one with its id is there, and returns the one that is.
func (k *merges) add(id string, m *merged) *merged {
	k.mu.Lock()
	defer k.mu.Unlock()
	if known := k.byID[id]; known != nil {
		return known
	}
	if k.byID == nil {
		k.byID = map[string]*merged{}
	}
	k.byID[id] = m
	if k.order = append(k.order, id); len(k.order) > mergesKept {
		delete(k.byID, k.order[0])
		k.order = k.order[1:]
	}
	return m
}

// find returns the message with several answers that has this id, or nil.
func (k *merges) find(id string) *merged {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.byID[id]
}

// message is the message as it is to be posted.
func (m *merged) message() message {
	return message{
		Content: mergedContent(m.answers), Embeds: []*discordgo.MessageEmbed{}, Components: []component{},
		Mentions: mentions{Parse: []string{}},
	}
}

// postingTogether records that several answers are being sent in one message, and returns an
// error for each, such as that another process answers it.
func postingTogether(all []*waiting) []error {
	errs := make([]error, len(all))
	var posting sync.WaitGroup // the store commits together what arrives together
	for i, w := range all {
		posting.Go(func() { errs[i] = w.e.receipt.PostingTogether() })
	}
	posting.Wait()
	return errs
}

// postMerged posts several answers in one message. The error is an [journal.ErrClaimLost] if
// another process answers one of them.
func (s *session) postMerged(channel string, all []*waiting) (id string, err error) {
	m := &merged{}
	for _, w := range all {
		m.questions = append(m.questions, w.e.message)
		m.answers = append(m.answers, addressed{user: w.e.user, answer: w.answer})
	}
	id, err = s.client.post(s.work, channel, "", "many"+all[0].e.nonce(), m.message(), func() error {
		return errors.Join(postingTogether(all)...)
	})
	if err == nil {
		s.merges.add(id, m)
	}
	return id, err
}

// shared is the id of a message with several answers, as it is recorded, and where in it the
// answer to one question is. Since a message only loses answers, the place holds while the
// message has as many as it had then.
type shared struct {
	id       string
	line, of int // the first line is 0
}

// String is what is recorded.
func (p shared) String() string {
	return fmt.Sprintf("%s %s %d %d", journal.Together, p.id, p.line, p.of)
}

// readShared reads what was recorded.
func readShared(answer string) (p shared, ok bool) {
	n, err := fmt.Sscanf(answer, journal.Together+" %s %d %d", &p.id, &p.line, &p.of)
	return p, err == nil && n == 3
}

// recorded is what is recorded of the posted answer to a question.
func (s *session) recorded(id, question string) string {
	m := s.merges.find(id)
	if m == nil {
		return id
	}
	m.Lock()
	defer m.Unlock()
	i := slices.Index(m.questions, question)
	if i < 0 {
		return journal.Together
	}
	return shared{id, i, len(m.questions)}.String()
}

// knows makes sure that a message with several answers which a process that has ended posted
// is in memory, with the question that the recorded answer is for. It returns the id of the
// message, or "" if the answer is not found there any more.
func (s *session) knows(channel, answer, question string) (id string, err error) {
	p, ok := readShared(answer)
	if !ok {
		return answer, nil
	}
	m := s.merges.find(p.id)
	if m == nil || !s.settings.Ledger.Exclusive() { // another process may have changed it
		content, err := s.client.content(s.work, channel, p.id)
		if err != nil {
			if judge(err, true).Failure == adapters.Refused {
				err = nil // the message is gone, or the bot may not read it
			}
			return "", err
		}
		now := readMerged(content)
		m = s.merges.add(p.id, now)
		m.Lock()
		defer m.Unlock()
		for i := range m.answers {
			if len(now.answers) == len(m.answers) {
				m.answers[i].posted = now.answers[i].posted
			}
		}
	} else {
		m.Lock()
		defer m.Unlock()
	}
	if slices.Contains(m.questions, question) {
		return p.id, nil
	}
	if len(m.questions) != p.of || p.line < 0 || p.line >= p.of || m.questions[p.line] != "" {
		return "", nil
	}
	m.questions[p.line] = question
	return p.id, nil
}

// asker is how a line of a message with several answers begins.
var asker = regexp.MustCompile(`^<@(\d+)>: `)

// readMerged reads a message with several answers. Of which questions they are is not known.
func readMerged(content string) *merged {
	m := &merged{}
	for line := range strings.SplitSeq(strings.TrimPrefix(content, bot.SayTogether+"\n"), "\n") {
		if who := asker.FindStringSubmatch(line); who != nil {
			m.questions = append(m.questions, "")
			m.answers = append(m.answers, addressed{user: who[1], posted: line})
		}
	}
	return m
}

// change changes the posted answer to a message.
func (s *session) change(e event, id string, a bot.Answer) error {
	m := s.merges.find(id)
	if m == nil {
		return s.shown(e, a, s.replied(e, a), func(m message) error { return s.client.update(s.work, e.channel, id, m) })
	}
	m.Lock()
	defer m.Unlock()
	for i, question := range m.questions {
		if question == e.message {
			m.answers[i].answer, m.answers[i].posted = a, ""
		}
	}
	return s.client.update(s.work, e.channel, id, m.message())
}

// takeBack deletes the posted answer to a message, of a message with several answers only
// this one.
func (s *session) takeBack(channel, id, question string) error {
	m := s.merges.find(id)
	if m == nil {
		return s.client.remove(s.work, channel, id)
	}
	m.Lock()
	defer m.Unlock()
	for i := len(m.questions) - 1; i >= 0; i-- {
		if m.questions[i] == question {
			m.questions = append(m.questions[:i:i], m.questions[i+1:]...)
			m.answers = append(m.answers[:i:i], m.answers[i+1:]...)
		}
	}
	if len(m.answers) == 0 {
		return s.client.remove(s.work, channel, id)
	}
	err := s.client.update(s.work, channel, id, m.message())
	if code(err) == codeUnknownMessage {
		return nil // somebody deleted it
	}
	return err
}
