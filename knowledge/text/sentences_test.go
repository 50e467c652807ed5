package text

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestSentences(t *testing.T) {
	t.Parallel()
	tests := []struct {
		in   string
		want []string
	}{
		{"", nil},
		{" \n ", nil},
		{"One only", []string{"One only"}},
		{"First. Second! Third? Fourth", []string{"First.", "Second!", "Third?", "Fourth"}},
		{"i lost my badge. who do i tell?", []string{"i lost my badge.", "who do i tell?"}},
		{"Really?! Yes... no", []string{"Really?!", "Yes...", "no"}},
		{"A line\nand another\r\n\r\nand one", []string{"A line", "and another", "and one"}},
		{"Goods, e.g. watches, i.e. fakes. More.", []string{"Goods, e.g. watches, i.e. fakes.", "More."}},
		{"The U.S. Attorney is in Washington, D.C. near the mall.",
			[]string{"The U.S. Attorney is in Washington, D.C. near the mall."}},
		{"It is in Washington, D.C. It has ten divisions.",
			[]string{"It is in Washington, D.C.", "It has ten divisions."}},
		{"Form No. 5 by Dr. A. Smith. Next.", []string{"Form No. 5 by Dr. A. Smith.", "Next."}},
		{"Version 3.5 costs 1.50 now. Or 2.", []string{"Version 3.5 costs 1.50 now.", "Or 2."}},
		{"1. First item\n2. Second item", []string{"1. First item", "2. Second item"}},
		{"He said \"stop.\" Then (he left.) So", []string{"He said \"stop.\"", "Then (he left.)", "So"}},
		{"Er sagte “halt.” Dann ging’s", []string{"Er sagte “halt.”", "Dann ging’s"}},
		{"So did I. Then what", []string{"So did I.", "Then what"}},
		{"see www.ice.gov/a?b=c or call", []string{"see www.ice.gov/a?b=c or call"}},
		{"open ice.gov. Then call", []string{"open ice.gov.", "Then call"}},
		{"...", []string{"..."}},
		{". . .", []string{". . ."}},
	}
	for _, tt := range tests {
		if diff := cmp.Diff(tt.want, Sentences(tt.in)); diff != "" {
			t.Errorf("Sentences(%q) (-want +got):\n%s", tt.in, diff)
		}
	}
}

// FuzzSentences checks that splitting changes nothing but white space.
func FuzzSentences(f *testing.F) {
	f.Add("First. Second, e.g. this? \"Third.\" In the U.S. It is.\nNo. 4")
	f.Add("\xff.”\xe2\x80 \x00!) ’.")
	f.Fuzz(func(t *testing.T, s string) {
		s = strings.ToValidUTF8(s, "")
		got := strings.Join(Sentences(s), "")
		if a, b := strings.Join(strings.Fields(s), ""), strings.Join(strings.Fields(got), ""); a != b {
			t.Errorf("Sentences(%q) has %q, want %q", s, b, a)
		}
	})
}
