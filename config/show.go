package config

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// Value is one effective setting.
type Value struct {
	Key  string `json:"key"`
	Env  string `json:"env"`
	Text string `json:"value"` // stars for a secret
	From string `json:"from"`  // file:line, the variable, the flag or default
}

// Effective lists every setting with its value and where that was set.
func (c *Config) Effective() []Value { return c.effective }

// Given reports whether a setting is set anywhere.
func (c *Config) Given(key string) bool {
	return slices.ContainsFunc(c.effective, func(v Value) bool { return v.Key == key && v.From != originDefault })
}

func (l *loader) effective() []Value {
	var all []Value
	for _, s := range settings {
		value := l.viper.Get(s.key)
		text, ok := value.(string)
		switch {
		case strings.HasSuffix(s.key, "_url"):
			text = withoutPassword(text)
		case s.key == store:
			text = storeWithoutPassword(text)
		case s.secret:
			text = Secret(fmt.Sprint(value)).String()
		case !ok:
			if d, isDuration := value.(fmt.Stringer); isDuration {
				text = d.String()
			} else if data, err := json.Marshal(value); err == nil {
				text = string(data)
			}
		}
		all = append(all, Value{s.key, s.env, text, l.from[s.key]})
	}
	return all
}

// Starter is a settings file that lists all settings, as comments.
func Starter() string {
	var b strings.Builder
	b.WriteString("# Settings of frontdesk. Remove the # before a setting to use it. Each can be set by\n" +
		"# the variable in parentheses instead, or by NAME_FILE, the path of a file with the value.\n")
	section := ""
	for _, s := range settings {
		name, indent := s.key, ""
		if in, rest, ok := strings.Cut(s.key, "."); ok {
			name, indent = rest, "  "
			if in != section {
				section = in
				fmt.Fprintf(&b, "\n%s:\n", section)
			}
		} else {
			b.WriteByte('\n')
		}
		about, example, _ := strings.Cut(s.about, "\n  ")
		for line := range strings.Lines(about + " (" + s.env + ")") {
			fmt.Fprintf(&b, "%s# %s\n", indent, strings.TrimRight(line, "\n"))
		}
		fmt.Fprintf(&b, "%s#%s:%s\n", indent, name, example1(s.standard))
		if example != "" {
			for line := range strings.Lines("  " + example) {
				fmt.Fprintf(&b, "#%s\n", strings.TrimRight(line, "\n"))
			}
		}
	}
	return b.String()
}

// example1 is a default as it is written after its key.
func example1(standard any) string {
	switch v := standard.(type) {
	case map[string]any:
		return ""
	case fmt.Stringer:
		return " " + v.String()
	}
	data, err := json.Marshal(standard) // JSON is YAML
	if err != nil {
		panic(err) // defaults are plain values
	}
	return " " + string(data)
}
