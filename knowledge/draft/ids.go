package draft

import (
	"fmt"
	"strings"

	"frontdesk/knowledge/words"
)

// longestID is how many bytes an id made of a name has at most: it is typed by hand.
const longestID = 60

// slug makes an id of a name, such as parks-and-recreation. It is "" for a name without a
// Latin letter or digit.
func slug(name string) string {
	var b strings.Builder
	for _, w := range words.Split(transcribed.Replace(name)) {
		part := strings.Map(func(r rune) rune {
			if 'a' <= r && r <= 'z' || '0' <= r && r <= '9' {
				return r
			}
			return -1
		}, w.Text)
		if part == "" {
			continue
		}
		if b.Len() > 0 {
			if b.Len()+1+len(part) > longestID {
				break
			}
			b.WriteByte('-')
		}
		b.WriteString(part[:min(len(part), longestID)])
	}
	return b.String()
}

// transcribed are letters that are more than a Latin letter with an accent.
var transcribed = strings.NewReplacer("ß", "ss", "æ", "ae", "Æ", "Ae", "ø", "o", "Ø", "O", "œ", "oe", "Œ", "Oe",
	"ł", "l", "Ł", "L", "đ", "d", "Đ", "D", "þ", "th", "ð", "d", "ı", "i", "ä", "ae", "ö", "oe", "ü", "ue",
	"Ä", "Ae", "Ö", "Oe", "Ü", "Ue", "'", "", "’", "")

// newID is an id for a name that is not taken. What names what has the id.
func newID(taken map[string]bool, name, what string) string {
	id := slug(name)
	if id == "" || id == "none" { // none is reserved
		id = strings.TrimSuffix(what+"-"+id, "-")
	}
	base := id
	for n := 2; taken[id]; n++ {
		id = fmt.Sprintf("%s-%d", base, n)
	}
	taken[id] = true
	return id
}
