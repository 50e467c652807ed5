package knowledge

import (
	"strings"
	"testing"
)

// TestVisibleIndexes checks that the indexes of a match count only what the readers see, in
// a file whose first parts are hidden from some.
func TestVisibleIndexes(t *testing.T) {
	t.Parallel()
	const file = `
version: 1
divisions:
  - id: vault
    name: Vault
    audience: [staff]
    handles: [{topic: Gold bars, keywords: [bullion, ingots]}]
  - id: people
    name: People
    handles:
      - {topic: Severance, keywords: [layoffs, dismissal], audience: [staff]}
      - {topic: Parental leave, keywords: [maternity, newborn, paternity]}
    not_for:
      - {text: locksmith for the strongroom, say: Ask the guards., audience: [staff]}
      - {text: torque wrench rental, say: Ask a garage.}
declines:
  - {id: alarms, topic: Burglar alarms, questions: [why does the siren howl], audience: [staff]}
  - {id: weather, topic: Weather, questions: [will it rain or snow tomorrow]}
`
	e, problems := NewSnapshot([]Input{{"acme.yaml", []byte(file)}}, Fast)
	if problems.Err() != nil {
		t.Fatal(problems)
	}
	for _, a := range []Audience{"", "staff"} {
		b := e.For(a)
		m := b.Match("who handles maternity and newborn paternity?")
		first := m.Candidates[0]
		entry := b.Entries()[first.Division]
		if entry.ID.Text != "people" || first.Item < 0 || entry.Handles[first.Item].Title != "Parental leave" {
			t.Errorf("%s: the candidate for parental leave is %+v", a, first)
		}
		if m := b.Match("People"); len(m.Named) != 1 || b.Entries()[m.Named[0]].ID.Text != "people" {
			t.Errorf("%s: the name People belongs to %v", a, m.Named)
		}
		near := b.Match("where do I get a torque wrench rental").Near
		if near.Division < 0 || !strings.HasPrefix(b.Entries()[near.Division].NotFor[near.Item].Title, "torque") {
			t.Errorf("%s: the near miss is %+v", a, near)
		}
		decline := b.Match("will it rain or snow tomorrow").Decline
		if decline < 0 || b.File.Declines[decline].ID.Text != "weather" {
			t.Errorf("%s: the declined topic is %d", a, decline)
		}
	}
}
