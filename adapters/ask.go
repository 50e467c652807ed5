package adapters

import (
	"context"
	"log/slog"
	"net/url"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"frontdesk/bot"
	"frontdesk/knowledge/text"
)

// Asking asks a handler on behalf of people.
type Asking struct {
	Handler bot.Handler     // guarded, see [bot.Guard]
	Context context.Context // of the work of one lifetime
}

// Directory is what can be asked for by these readers.
func (a Asking) Directory(readers bot.Audience) bot.Answer {
	return a.Handler.Directory(a.Context, readers)
}

// Text is what the desk says to a question, or how to ask to someone who has
// asked nothing.
func (a Asking) Text(readers bot.Audience, text string) bot.Answer {
	if text == "" {
		answer := a.Handler.Directory(a.Context, readers)
		answer.Offers = nil
		return answer
	}
	return a.Handler.Answer(a.Context, bot.Question{Readers: readers, Text: text})
}

// Choice is what the desk says of an entry. An id that is so long that it may
// have been cut, to fit a button or a menu, is looked for.
func (a Asking) Choice(readers bot.Audience, id string, maybeCut int) bot.Answer {
	if text.Length(id) >= maybeCut {
		for _, o := range a.Handler.Directory(a.Context, readers).Offers {
			if strings.HasPrefix(o.Division, id) {
				id = o.Division
				break
			}
		}
	}
	return a.Handler.Answer(a.Context, bot.Question{Readers: readers, Choice: id})
}

// Complete is what a person may mean who has typed so far.
func (a Asking) Complete(readers bot.Audience, typed string, n int) []bot.Choice {
	return a.Handler.Complete(a.Context, readers, typed, n)
}

// Record counts and logs what became of an event that took so long: an answer that was
// shown, or an error that kept the person from getting it.
func Record(log *slog.Logger, m bot.Monitor, a bot.Answer, err error, took time.Duration) {
	took = took.Round(time.Microsecond)
	switch {
	case err != nil:
		m.Happened(bot.Unanswered)
		log.Error("could not reply", "outcome", a.Outcome.String(), "error", err, "took", took)
	case a.Outcome == bot.Silent:
		log.Debug("done", "took", took)
	default:
		m.Answered(a.Outcome, took)
		division := a.Division
		if a.Private { // what somebody asked in private is nobody's business
			division = ""
		}
		log.Info("replied", "outcome", a.Outcome.String(), "division", division, "took", took)
	}
}

// CutID shortens an id to so many UTF-16 code units. See [Asking.Choice].
func CutID(id string, limit int) string {
	r := []rune(strings.ToValidUTF8(id, "\ufffd"))
	for text.Length(string(r)) > limit {
		r = r[:len(r)-1]
	}
	return string(r)
}

// WebAddress is s if it is an address that people can be sent to and that no
// platform's markup could take for more, else "".
func WebAddress(s string, limit int) string {
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" ||
		strings.ContainsFunc(s, endsAddress) || text.Length(s) > limit {
		return ""
	}
	return u.Scheme + s[len(u.Scheme):] // in small letters, whatever it was
}

// endsAddress reports whether a character may not stand in an address: it could end
// it or be seen as nothing. The parser lets such pass behind a #.
func endsAddress(r rune) bool {
	return strings.ContainsRune("<>|\"`", r) || unicode.IsSpace(r) || !unicode.IsGraphic(r) || r == utf8.RuneError
}
