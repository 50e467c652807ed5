package config

import (
	"testing"
	"time"
)

// TestDigest checks when the digest is due.
func TestDigest(t *testing.T) {
	t.Parallel()
	thursday := time.Date(2026, 11, 26, 9, 0, 0, 0, time.UTC)
	for digest, want := range map[string]string{
		"monday 09:00":   "2026-11-30 09:00",
		"Thursday 09:01": "2026-11-26 09:01",
		"thursday 09:00": "2026-12-03 09:00",
		"thursday 8:59":  "2026-12-03 08:59",
		"wednesday 9:00": "2026-12-02 09:00",
		"off":            "",
		"monday":         "",
		"someday 09:00":  "",
		"monday 25:00":   "",
	} {
		got := ""
		if next, ok := (Inbox{Digest: digest}).Next(thursday); ok {
			got = next.Format("2006-01-02 15:04")
		}
		if got != want {
			t.Errorf("%s: %q, want %q", digest, got, want)
		}
	}
}
