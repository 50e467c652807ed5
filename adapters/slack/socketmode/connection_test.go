package socketmode

import (
	"encoding/json"
	"fmt"
	"testing"
)

// FuzzEnvelopeID checks that the id of an envelope is found even if the rest cannot be
// decoded.
func FuzzEnvelopeID(f *testing.F) {
	f.Add([]byte(`{"envelope_id":"e","type":3}`))
	f.Add([]byte(`[1,{"envelope_id":"e"}]`))
	f.Fuzz(func(t *testing.T, data []byte) {
		_ = envelopeID(data)
		if !json.Valid(data) {
			return
		}
		whole := fmt.Appendf(nil, `{"type":3,"payload":%s,"envelope_id":"e1"}`, data)
		if id := envelopeID(whole); id != "e1" {
			t.Errorf("the id of %s is read as %q", whole, id)
		}
	})
}
