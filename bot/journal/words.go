package journal

import (
	"regexp"
	"strings"

	"frontdesk/knowledge/text"
)

// mostWords is the length of what is kept of a question, in UTF-16 code units.
const mostWords = 500

var (
	links     = regexp.MustCompile(`(?i)\b(?:https?://|www\.)\S+`)
	addresses = regexp.MustCompile(`[\p{L}\p{N}._%+-]+@[\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)+`)
	// A number of five digits or more, also in groups: telephone, account and case numbers.
	numbers = regexp.MustCompile(`\+?\(?\p{Nd}(?:[\s().,/-]{0,2}\p{Nd}){4,}`)
)

// Words is what may be kept of the words of a question: links, e-mail addresses and long
// numbers are replaced, since they may name a person.
func Words(question string) string {
	question = strings.ReplaceAll(strings.ToValidUTF8(question, ""), "\x00", "") // PostgreSQL takes no others
	question = links.ReplaceAllString(question, "[link]")
	question = addresses.ReplaceAllString(question, "[e-mail]")
	question = numbers.ReplaceAllString(question, "[number]")
	return text.Clip(question, mostWords)
}
