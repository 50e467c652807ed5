package config

import (
	"errors"
	"fmt"
	"log/slog"
	"strings"
)

// Secret is a token or a password. It is always printed as stars.
type Secret string

const stars = "****"

// String implements [fmt.Stringer].
func (s Secret) String() string {
	if s == "" {
		return ""
	}
	return stars
}

// GoString implements [fmt.GoStringer].
func (s Secret) GoString() string { return s.String() }

// Format implements [fmt.Formatter], for the verbs that do not call String.
func (s Secret) Format(f fmt.State, _ rune) { fmt.Fprint(f, s.String()) }

// MarshalText implements [encoding.TextMarshaler].
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// LogValue implements [slog.LogValuer].
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// secretForm says why a value cannot be a secret of Slack or Discord: those consist of
// visible ASCII characters without quotes, and are sent in the headers of requests.
func secretForm(value any) error {
	text, ok := value.(string)
	if !ok {
		return errors.New("YAML reads this as a number or as true or false; put it in quotes")
	}
	for _, quote := range []string{`"`, "'"} {
		if len(text) > 1 && strings.HasPrefix(text, quote) && strings.HasSuffix(text, quote) {
			return errors.New("the quotes around this are part of it; remove them")
		}
	}
	if strings.ContainsFunc(text, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return errors.New("this contains white space, control characters or others that no token or secret has; " +
			"copy it again")
	}
	return nil
}
