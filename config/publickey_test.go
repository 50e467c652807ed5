package config

import (
	"crypto/ed25519"
	"encoding/hex"
	"strings"
	"testing"
)

// TestPublicKey checks that a key for which anyone can sign, or that is not a point of the
// curve, is refused.
func TestPublicKey(t *testing.T) {
	t.Parallel()
	load := func(key, transport string) error {
		environ := []string{"DISCORD_PUBLIC_KEY=" + key, "FRONTDESK_DISCORD_TRANSPORT=" + transport}
		_, err := Load(Source{Environ: environ})
		return err
	}
	for _, key := range append(smallKeys, "f0"+strings.Repeat("ff", 30)+"7f") {
		for _, transport := range []string{HTTP, Gateway} {
			err := load(key, transport)
			if err == nil || !strings.Contains(err.Error(), "DISCORD_PUBLIC_KEY: ") ||
				!strings.Contains(err.Error(), "Information") {
				t.Errorf("%s, %s: %v", key, transport, err)
			}
		}
	}
	if err := load(strings.Repeat("ab", 32), HTTP); err == nil { // not a point
		t.Error("a key that is not a point is accepted")
	}
	for range 20 {
		key, _, err := ed25519.GenerateKey(nil)
		if err != nil {
			t.Fatal(err)
		}
		if err := load(hex.EncodeToString(key), HTTP); err != nil {
			t.Error(err)
		}
	}
	if err := load(validKey, HTTP); err != nil {
		t.Error(err)
	}
}
