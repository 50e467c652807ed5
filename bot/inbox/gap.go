package inbox

import (
	"strings"
	"time"

	"frontdesk/knowledge"
)

// Reason says why a question is a gap.
type Reason uint8

// The reasons. Chosen is none: it says which division somebody was looking for.
const (
	Declined   Reason = iota
	Suggested         // only suggestions were made
	VotedDown         // the answer did not help
	AskedAgain        // the same person asked again in other words
	Chosen            // the person chose a division from suggestions or a list
	reasons
)

var reasonNames = [reasons]string{"declined", "only suggested", "voted down", "asked again", "chosen"}

func (r Reason) String() string { return reasonNames[r] }

// Gap is a question that was not answered well, as the journal keeps it.
type Gap struct {
	Time   time.Time
	Asker  string // a hash
	Words  string
	Reason Reason
	// Division is the id of the division that answered or was chosen, "" if none was.
	Division string
}

// subject is what a question is about, as a key. Questions without a subject are told apart
// by their words.
func subject(words string) (key string, stems []string) {
	stems = knowledge.Subject(words)
	if len(stems) == 0 {
		return strings.ToLower(strings.Join(strings.Fields(words), " ")), nil
	}
	return strings.Join(stems, " "), stems
}
