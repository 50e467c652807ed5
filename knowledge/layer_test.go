package knowledge

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"frontdesk/knowledge/ranking"
)

// TestConditions compares the operations on conditions with the readers who meet them.
func TestConditions(t *testing.T) {
	t.Parallel()
	groups := []string{"a", "b", "c"}
	lines := func(s string) (list []Line) {
		for name := range strings.SplitSeq(s, " ") {
			list = append(list, Line{Text: name})
		}
		return list
	}
	var all []conditions
	for _, one := range []string{"public", "a", "b a", "a b c", "b c"} {
		for _, two := range []string{"public", "a", "c", "b c"} {
			all = append(all, conditions(nil).and(lines(one)).and(lines(two)))
		}
	}
	sees := func(m conditions, readers int) bool {
		var names []string
		for i, g := range groups {
			if readers>>i&1 == 1 {
				names = append(names, g)
			}
		}
		return m.metBy(names)
	}
	for _, m := range all {
		for _, o := range all {
			implies, same := true, true
			for readers := range 1 << len(groups) {
				implies = implies && (!sees(m, readers) || sees(o, readers))
				same = same && sees(m, readers) == sees(o, readers)
				if both := m.andAll(o); sees(both, readers) != (sees(m, readers) && sees(o, readers)) {
					t.Errorf("%q and %q are %q", m.key(), o.key(), both.key())
				}
			}
			if m.imply(o) != implies {
				t.Errorf("%q implies %q: %t", m.key(), o.key(), m.imply(o))
			}
			if same != (m.key() == o.key()) {
				t.Errorf("%q and %q have the same readers: %t", m.key(), o.key(), same)
			}
		}
	}
	ls := newLayers(all)
	done := map[ranking.Layer]bool{}
	for _, l := range ls.Upward() {
		for _, b := range ls.Below[l] {
			if !done[b] {
				t.Errorf("%q comes before %q, which is below it", ls.keys[l], ls.keys[b])
			}
		}
		done[l] = true
	}
}

// TestTooManyAudiences checks the bounds of combinations of audiences.
func TestTooManyAudiences(t *testing.T) {
	t.Parallel()
	file := func(keywords, groups int) []Input {
		var b strings.Builder
		b.WriteString("version: 1\ndivisions:\n")
		for i := range groups {
			fmt.Fprintf(&b, "  - {id: marked%d, name: Division %d, audience: [g%d]}\n", i, i, i)
		}
		for i := range 20 {
			fmt.Fprintf(&b, "  - {id: d%d, name: Department %d, handles: [{topic: Topic %d, keywords: [", i, i, i)
			for k := range keywords {
				fmt.Fprintf(&b, "word%dof%d, ", k, i)
			}
			b.WriteString("]}]}\n")
		}
		return []Input{{"a.yaml", []byte(b.String())}}
	}
	for _, c := range []struct {
		keywords, groups int
		want             string
	}{
		{1, maxLayers, ""},
		{1, maxLayers + 1, "a.yaml:3:48: the file has 41 different combinations of audiences, " +
			"and at most 40 are allowed; use fewer groups"},
		{600, 30, ""},
		{600, maxLayers, "a.yaml:3:48: the file has too many texts for 40 different combinations of audiences; " +
			"use fewer groups"},
	} {
		_, problems := Parse(file(c.keywords, c.groups))
		err := problems.Err()
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%d keywords, %d groups: %v", c.keywords, c.groups, err)
		}
	}
}

// TestTooManyWords checks that a file with too many different words is refused.
func TestTooManyWords(t *testing.T) {
	t.Parallel()
	rnd := rand.New(rand.NewPCG(1, 2))
	var b strings.Builder
	b.WriteString("version: 1\ndivisions:\n")
	for i := range 60 {
		fmt.Fprintf(&b, "  - {id: d%d, name: Department %d, handles: [{topic: Topic %d, keywords: [", i, i, i)
		for range 900 {
			word := make([]byte, 14)
			for k := range word {
				word[k] = byte('a' + rnd.IntN(26))
			}
			fmt.Fprintf(&b, "%s, ", word)
		}
		b.WriteString("]}]}\n")
	}
	inputs := []Input{{"a.yaml", []byte(b.String())}}
	const want = "and the most is"
	if _, problems := Load(inputs); problems.Err() == nil || !strings.Contains(problems.Err().Error(), want) {
		t.Errorf("Load gives %v", problems.Err())
	}
	if _, problems := NewSnapshot(inputs, Fast); problems.Err() == nil ||
		!strings.Contains(problems.Err().Error(), want) {
		t.Errorf("NewSnapshot gives %v", problems.Err())
	}
}
