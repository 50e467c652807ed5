package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"

	"frontdesk/bot"
)

// labelled is a question with the ids of the right divisions; "none" stands for declining
// it.
type labelled struct {
	Question string   `json:"question"`
	Expect   []string `json:"expect"`
}

const none = "none"

func (q labelled) accepts(id string) bool { return slices.Contains(q.Expect, id) }

// grade is how good the answer to a labelled question is.
type grade int

// The grades, the worst first.
const (
	wrong   grade = iota // answered with another division
	neither              // not answered, and no right suggestion
	found                // a right division is among the first suggestions
	right
)

// countedOffers is how many suggestions count as found: a third one is seldom read.
const countedOffers = 2

// grade grades an answer by its outcome, its division, and what is suggested instead.
func (q labelled) grade(outcome, division string, offers []string) grade {
	switch {
	case outcome == bot.Answered.String() && q.accepts(division), outcome == bot.Declined.String() && q.accepts(none):
		return right
	case outcome == bot.Answered.String():
		return wrong
	case outcome == bot.Suggested.String() &&
		slices.ContainsFunc(offers[:min(countedOffers, len(offers))], q.accepts):
		return found
	}
	return neither
}

// maxQuestion is the length limit of a line of labelled questions, in bytes.
const maxQuestion = 16 << 20

func readQuestions(path string) ([]labelled, error) {
	f, err := os.Open(path) // #nosec G304 -- the operator names it
	if err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("%s: this file of questions does not exist", path)
		}
		return nil, err
	}
	defer f.Close()
	var list []labelled
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, maxQuestion)
	for n := 1; lines.Scan(); n++ {
		if strings.TrimSpace(lines.Text()) == "" {
			continue
		}
		var q labelled
		if err := json.Unmarshal(lines.Bytes(), &q); err != nil {
			return nil, fmt.Errorf("%s:%d: not a JSON object with question and expect: %w", path, n, err)
		}
		if len(q.Expect) == 0 {
			return nil, fmt.Errorf("%s:%d: expect is empty; write \"none\" for a question to be declined", path, n)
		}
		list = append(list, q)
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("read the questions: %w", err) // names the file
	}
	if len(list) == 0 {
		return nil, fmt.Errorf("%s: the file has no questions", path)
	}
	return list, nil
}
