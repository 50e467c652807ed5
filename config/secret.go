package config

import (
	"errors"
	"fmt"
	"log/slog"
	"strings"
)

// Secret is a token or a password: it prints as stars, whatever prints it.
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

// Format implements [fmt.Formatter], for the verbs that would not ask String.
func (s Secret) Format(f fmt.State, _ rune) { fmt.Fprint(f, s.String()) }

// MarshalText implements [encoding.TextMarshaler].
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// LogValue implements [slog.LogValuer].
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// secretForm says why a value cannot be a secret that somebody was given: Slack
// and Discord make them of visible ASCII without quotes, and they travel in the
// headers of requests.
func secretForm(value any) error {
	text, ok := value.(string)
	if !ok {
		return errors.New("YAML reads this as a number, or as true or false, and not as it is written; put it in quotes")
	}
	for _, quote := range []string{`"`, "'"} {
		if len(text) > 1 && strings.HasPrefix(text, quote) && strings.HasSuffix(text, quote) {
			return errors.New("the quotes around this count as part of it; leave them out")
		}
	}
	if strings.ContainsFunc(text, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return errors.New("in this are white space, control characters or others that no token and no secret has; copy it anew")
	}
	return nil
}
