package main

import (
	"testing"

	"frontdesk/bot"

	"github.com/google/go-cmp/cmp"
)

// TestCount checks the counting rules: which answers are right, and that the outcomes of
// questions in scope add up.
func TestCount(t *testing.T) {
	t.Parallel()
	answered := func(id string, top ...string) result { return result{bot.Answered, id, top, nil} }
	suggested := func(ids ...string) result { return result{bot.Suggested, "", ids, ids} }
	declined := func(top ...string) result { return result{bot.Declined, "", top, nil} }
	for name, c := range map[string]struct {
		expect []string
		got    result
		in     inScope
		out    outOfScope
		miss   bool
	}{
		"right": {[]string{"a"}, answered("a", "a", "b"), inScope{N: 1, Right: 1, Top1: 1, Top3: 1},
			outOfScope{}, false},
		"either is right": {[]string{"a", "b"}, answered("b", "b"), inScope{N: 1, Right: 1, Top1: 1, Top3: 1},
			outOfScope{}, false},
		"wrong": {[]string{"a"}, answered("b", "b", "c", "a"), inScope{N: 1, Wrong: 1, Top3: 1},
			outOfScope{}, true},
		"all, as no one's": {[]string{"a"}, answered("", "a"), inScope{N: 1, Wrong: 1, Top1: 1, Top3: 1},
			outOfScope{}, true},
		"suggested": {[]string{"a"}, suggested("b", "a"), inScope{N: 1, Suggested: 1, SuggestedRight: 1, Top3: 1},
			outOfScope{}, true},
		"suggested others": {[]string{"a"}, suggested("b", "c"), inScope{N: 1, Suggested: 1}, outOfScope{}, true},
		"declined": {[]string{"a"}, declined("a"), inScope{N: 1, Declined: 1, Top1: 1, Top3: 1},
			outOfScope{}, true},
		"may be declined": {[]string{"a", "none"}, declined("b"), inScope{N: 1, Right: 1}, outOfScope{}, false},
		"may be answered": {[]string{"none", "a"}, answered("a", "a"), inScope{N: 1, Right: 1, Top1: 1, Top3: 1},
			outOfScope{}, false},
		"outside, declined":  {[]string{"none"}, declined("a"), inScope{}, outOfScope{N: 1, Declined: 1}, false},
		"outside, answered":  {[]string{"none"}, answered("a", "a"), inScope{}, outOfScope{N: 1, Answered: 1}, true},
		"outside, suggested": {[]string{"none"}, suggested("a"), inScope{}, outOfScope{N: 1, Suggested: 1}, true},
	} {
		var e evaluation
		e.count(labelled{"q", c.expect}, c.got)
		if diff := cmp.Diff(c.in, e.in); diff != "" {
			t.Errorf("%s: in scope (-want +got):\n%s", name, diff)
		}
		if diff := cmp.Diff(c.out, e.out); diff != "" {
			t.Errorf("%s: out of scope (-want +got):\n%s", name, diff)
		}
		if got := len(e.misses) == 1; got != c.miss {
			t.Errorf("%s: a miss: %v", name, got)
		}
	}
}
