package discord

import (
	"crypto/ed25519"
	"encoding/hex"
	"log/slog"
	"strings"
	"testing"

	"frontdesk/bot"
)

// TestKey checks that the adapter rejects public keys for which anyone can make
// signatures: points of small order, in every encoding.
func TestKey(t *testing.T) {
	t.Parallel()
	take := func(key string) error {
		_, err := New(Settings{HTTP: true, PublicKey: key}, slog.New(slog.DiscardHandler), bot.Monitor{})
		return err
	}
	for _, y := range []string{ // of the eight points, in every encoding
		"00" + strings.Repeat("00", 30), "01" + strings.Repeat("00", 30),
		"ec" + strings.Repeat("ff", 30), "ed" + strings.Repeat("ff", 30), "ee" + strings.Repeat("ff", 30),
		"26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc",
		"c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03",
	} {
		last := map[string][2]string{
			"00": {"00", "80"}, "01": {"00", "80"}, "ec": {"7f", "ff"}, "ed": {"7f", "ff"}, "ee": {"7f", "ff"},
			"26": {"05", "85"}, "c7": {"7a", "fa"},
		}[y[:2]]
		for _, end := range last {
			if forgeries(t, y+end) == 0 && !strings.HasPrefix(y, "ed") && !strings.HasPrefix(y, "ee") {
				t.Errorf("%s is not of small order", y+end)
			}
			err := take(y + end)
			if err == nil || !strings.Contains(err.Error(), "DISCORD_PUBLIC_KEY: ") ||
				!strings.Contains(err.Error(), keyPage) {
				t.Errorf("%s: %v", y+end, err)
			}
		}
	}
	for name, key := range map[string]string{
		"nothing": "", "no hex": strings.Repeat("z", 64), "short": "00", "no point": strings.Repeat("ab", 32),
		"a point written otherwise": "f0" + strings.Repeat("ff", 30) + "7f",
	} {
		if take(key) == nil {
			t.Errorf("took %s", name)
		}
	}
	for range 20 {
		key, _, err := ed25519.GenerateKey(nil)
		if err != nil {
			t.Fatal(err)
		}
		if err := take(strings.ToUpper(hex.EncodeToString(key))); err != nil {
			t.Error(err)
		}
	}
}

// forgeries counts for how many of 64 messages a signature that was made without a
// secret is valid for a key.
func forgeries(t *testing.T, key string) (n int) {
	t.Helper()
	public, err := hex.DecodeString(key)
	if err != nil {
		t.Fatal(err)
	}
	signature := append([]byte{1}, make([]byte, ed25519.SignatureSize-1)...) // R = the identity, S = 0
	for message := range byte(64) {
		if ed25519.Verify(public, []byte{message}, signature) {
			n++
		}
	}
	return n
}
