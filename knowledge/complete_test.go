package knowledge

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func shippedBase(tb testing.TB) *Base {
	tb.Helper()
	inputs, err := Open("")
	if err != nil {
		tb.Fatal(err)
	}
	b, problems := Load(inputs)
	if err := problems.Err(); err != nil {
		tb.Fatal(err)
	}
	return b
}

// TestComplete checks the first completion of typed texts.
func TestComplete(t *testing.T) {
	t.Parallel()
	b := shippedBase(t)
	for typed, want := range map[string]string{
		"office of intel":              "Office of Intelligence",
		"glob":                         "Global Trade",
		"global tra":                   "Global Trade",
		"GLOBAL TRADE":                 "Global Trade",
		"forc":                         "Forced labor – Global Trade",
		"forsed lab":                   "Forced labor – Global Trade",
		"who handles forced lab":       "Forced labor – Global Trade",
		"who handles forced labor":     "Forced labor – Global Trade",
		"fleet":                        "Fleet – Administrative Operations",
		"human traff":                  "Center for Countering Human Trafficking",
		"CCHT":                         "Center for Countering Human Trafficking",
		"intelligense":                 "Office of Intelligence",
		"my travel voucher never paid": "Travel – Administrative Operations",
	} {
		got := b.Complete(typed, 25)
		if len(got) == 0 || got[0].Title != want {
			t.Errorf("%q completes to %.3v, not %s", typed, got, want)
		}
	}
	if got := b.Complete("qwxyzzy", 25); len(got) != 0 {
		t.Errorf("nonsense completes to %v", got)
	}
	for _, typed := range []string{"", "   ", "whom do i ask", "who handles ", "what is the"} {
		if got := b.Complete(typed, 25); len(got) > 0 || !b.OnlyAsks(typed) {
			t.Errorf("%q completes to %v", typed, got)
		}
	}
}

// TestChoose checks that every completion can be chosen, and has the title of the chosen item.
func TestChoose(t *testing.T) {
	t.Parallel()
	b := shippedBase(t)
	for _, c := range b.completions.targets {
		d, item, ok := b.Choose(c.ID)
		if !ok {
			t.Errorf("%s cannot be chosen", c.ID)
			continue
		}
		e := b.Entries()[d]
		title := e.Name.Text
		if all := append(append([]Item(nil), e.Handles...), e.Programs...); item >= 0 {
			title = all[item].Title + " – " + title
		}
		if title != c.Title {
			t.Errorf("%s is %q, not %q", c.ID, title, c.Title)
		}
	}
	if _, _, ok := b.Choose("nothing"); ok {
		t.Error("an unknown id can be chosen")
	}
}

func FuzzComplete(f *testing.F) {
	b := shippedBase(f)
	f.Add("forced lab")
	f.Add("who handles  ")
	f.Add("國 a\xff")
	f.Fuzz(func(t *testing.T, typed string) {
		seen := map[string]bool{}
		for _, c := range b.Complete(typed, 25) {
			_, _, ok := b.Choose(c.ID)
			if !ok || seen[c.ID] || strings.TrimSpace(c.Title) == "" || !utf8.ValidString(c.Title) {
				t.Errorf("%q completes to %v", typed, c)
			}
			seen[c.ID] = true
		}
	})
}

func BenchmarkComplete(b *testing.B) {
	base := shippedBase(b)
	for _, typed := range []string{"", "f", "forced lab", "forsed lab", "who handles forced labor in textile imports"} {
		b.Run(strings.ReplaceAll("typed "+typed, " ", "_"), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				base.Complete(typed, 25)
			}
		})
	}
}
