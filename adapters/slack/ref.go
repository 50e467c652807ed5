package slack

import (
	"bytes"
	"encoding/json"
	"strings"

	"frontdesk/knowledge/text"
)

// ref is the value of a button: what it refers to, also after a restart.
type ref struct {
	Question string `json:"q,omitempty"`
	Division string `json:"d,omitempty"` // the chosen one; if it is "", the question is asked again
	Thread   string `json:"t,omitempty"` // where to share
	Asker    string `json:"u,omitempty"` // who may change the message with the button; "" for everyone
	Direct   bool   `json:"i,omitempty"` // the button is in the direct messages with the bot
}

// value encodes a ref as a button's value. It shortens a question that does not fit.
func (r ref) value() string {
	for limit := maxValue / 2; limit > 0; limit /= 2 {
		if s := r.encode(); text.Length(s) <= maxValue {
			return s
		}
		r.Question = text.Clip(r.Question, limit)
	}
	return "{}"
}

func (r ref) encode() string {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(r) // strings never fail
	return strings.TrimSuffix(b.String(), "\n")
}

// askedBy returns a ref for the answer to somebody's question.
func (r ref) askedBy(user string) ref {
	r.Asker = user
	return r
}

func readRef(value string) (r ref) {
	_ = json.Unmarshal([]byte(value), &r) // an invalid value is an empty ref
	return r
}

// menuBlock returns the id of a block with a menu. It has what a button's value would have
// beside the division.
func menuBlock(r ref) string {
	if r.Thread == "" && r.Asker == "" {
		return ""
	}
	id := "thread " + r.Thread + " " + r.Asker
	if r.Direct {
		id += " direct"
	}
	return id
}

// menuRef is the ref of an option of a menu.
func menuRef(block, division string) ref {
	r := ref{Division: division}
	if rest, ok := strings.CutPrefix(block, "thread "); ok {
		r.Thread, rest, _ = strings.Cut(rest, " ")
		r.Asker, rest, _ = strings.Cut(rest, " ")
		r.Direct = rest == "direct"
	}
	return r
}
