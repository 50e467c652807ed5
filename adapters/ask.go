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

// Asking passes questions to a handler.
type Asking struct {
	Handler bot.Handler     // wrapped by [bot.Guard]
	Context context.Context // of the replies of one Run
}

// Directory lists the divisions that these readers may see.
func (a Asking) Directory(readers bot.Audience) bot.Answer {
	return a.Handler.Directory(a.Context, readers)
}

// Text answers a question. If the text is empty, it explains how to ask.
func (a Asking) Text(readers bot.Audience, text string) bot.Answer {
	if text == "" {
		answer := a.Handler.Directory(a.Context, readers)
		answer.Offers = nil
		return answer
	}
	return a.Handler.Answer(a.Context, bot.Question{Readers: readers, Text: text})
}

// Choice answers with the chosen division. An id of maybeCut UTF-16 code units or more
// may have been cut to fit a button or a menu: then the first division whose id begins
// with it is chosen.
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

// Complete returns at most n divisions that match what a person has typed so far.
func (a Asking) Complete(readers bot.Audience, typed string, n int) []bot.Choice {
	return a.Handler.Complete(a.Context, readers, typed, n)
}

// Record counts and logs the result of an event: the answer that was shown, or the error
// that prevented it. Took is how long the event was in flight.
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
		if a.Private { // the topic of a private answer is not logged
			division = ""
		}
		log.Info("replied", "outcome", a.Outcome.String(), "division", division, "took", took)
	}
}

// CutID shortens an id to at most limit UTF-16 code units. [Asking.Choice] accepts the
// result.
func CutID(id string, limit int) string {
	r := []rune(strings.ToValidUTF8(id, "\ufffd"))
	for text.Length(string(r)) > limit {
		r = r[:len(r)-1]
	}
	return string(r)
}

// WebAddress returns s if it is an http or https address of at most limit UTF-16 code
// units that no platform's markup misreads, else "".
func WebAddress(s string, limit int) string {
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" ||
		strings.ContainsFunc(s, endsAddress) || text.Length(s) > limit {
		return ""
	}
	return u.Scheme + s[len(u.Scheme):] // the parser makes the scheme lower case
}

// endsAddress reports whether a character is not allowed in an address, because it could
// end it or is invisible. [url.Parse] accepts such characters after a #.
func endsAddress(r rune) bool {
	return strings.ContainsRune("<>|\"`", r) || unicode.IsSpace(r) || !unicode.IsGraphic(r) || r == utf8.RuneError
}
