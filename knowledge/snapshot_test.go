package knowledge

import (
	"strconv"
	"strings"
	"testing"
)

// TestManyAudiences checks that a Snapshot keeps at most MostViews views.
func TestManyAudiences(t *testing.T) {
	t.Parallel()
	var file strings.Builder
	file.WriteString("version: 1\ndivisions:\n  - {id: a, name: A, audience: [public")
	for i := range 2 * MostViews {
		file.WriteString(", g" + strconv.Itoa(i))
	}
	file.WriteString("]}\n")
	e, problems := NewSnapshot([]Input{{"a.yaml", []byte(file.String())}}, Beside)
	if problems.Err() != nil {
		t.Fatal(problems)
	}
	for i := range 2 * MostViews {
		e.For(AudienceOf("g" + strconv.Itoa(i)))
	}
	if n := len(e.views); n != MostViews || !e.Crowded() {
		t.Errorf("%d views are kept, not %d; crowded: %t", n, MostViews, e.Crowded())
	}
}
