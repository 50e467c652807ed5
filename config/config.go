// Package config is the settings: one struct with defaults, from a settings
// file and the environment, which beats the file. It is the only package that
// knows viper, and it imports nothing of ours; the command line hands each part
// of the settings to whom it concerns.
package config

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"os"
	"regexp"
	"strconv"
	"strings"

	"github.com/go-viper/mapstructure/v2"
	"github.com/spf13/cast"
	"github.com/spf13/viper"
)

// DefaultFile is the settings file that is read if it exists and no other is
// named.
const DefaultFile = "frontdesk.yaml"

// Config is what an operator decides.
type Config struct {
	// Knowledge is the knowledge file or folder; "" stands for the shipped one.
	Knowledge string `mapstructure:"knowledge"`
	// HTTPAddr is where the program listens for Slack and Discord over HTTP, as
	// host:port.
	HTTPAddr string `mapstructure:"http_addr"`
	// PublicURL is where HTTPAddr is reached from outside, such as
	// https://desk.example.org.
	PublicURL string `mapstructure:"public_url"`
	// LogLevel is debug, info, warn or error.
	LogLevel slog.Level `mapstructure:"log_level"`
	Slack    Slack      `mapstructure:"slack"`
	Discord  Discord    `mapstructure:"discord"`
}

// Slack are the settings of the Slack adapter.
type Slack struct {
	BotToken      Secret `mapstructure:"bot_token"`
	AppToken      Secret `mapstructure:"app_token"`
	SigningSecret Secret `mapstructure:"signing_secret"`
	// APIURL stands for https://slack.com/api/.
	APIURL string `mapstructure:"api_url"`
	// Transport is how events come: socket or http.
	Transport string `mapstructure:"transport"`
	// Command is the slash command.
	Command string `mapstructure:"command"`
	// FollowDeletions takes an answer along when its question in a channel is
	// deleted. For that the app reads all talk in its channels.
	FollowDeletions bool `mapstructure:"follow_deletions"`
	// Assistant switches Slack's assistant pane on.
	Assistant bool `mapstructure:"assistant"`
}

// Discord are the settings of the Discord adapter.
type Discord struct {
	BotToken Secret `mapstructure:"bot_token"`
	// PublicKey is the app's, in hex.
	PublicKey   string `mapstructure:"public_key"`
	Application string `mapstructure:"application_id"`
	// APIURL stands for https://discord.com: scheme and host only.
	APIURL string `mapstructure:"api_url"`
	// Transport is how events come: gateway or http.
	Transport string `mapstructure:"transport"`
	// Server is the only server to register the commands in.
	Server string `mapstructure:"server"`
	// ShardCount is how many shards there are in all: a number or auto.
	ShardCount string `mapstructure:"shard_count"`
	// Shards are those of this process; none stands for all.
	Shards []int `mapstructure:"shards"`
	// Channels are those that may be answered in for all to read, each as
	// server:channel. Of a server that is not named, all may.
	Channels []string `mapstructure:"channels"`
}

// The transports.
const (
	Socket  = "socket"
	Gateway = "gateway"
	HTTP    = "http"
)

// Auto lets Discord say how many shards there are.
const Auto = "auto"

// setting is one setting: its key in the file, its name in the environment and
// its default.
type setting struct {
	key, env string
	standard any
}

var settings = []setting{
	{"knowledge", "FRONTDESK_KNOWLEDGE", ""},
	{"http_addr", "FRONTDESK_HTTP_ADDR", "127.0.0.1:8080"},
	{"public_url", "FRONTDESK_PUBLIC_URL", ""},
	{"log_level", "FRONTDESK_LOG_LEVEL", "info"},
	{"slack.bot_token", "SLACK_BOT_TOKEN", ""},
	{"slack.app_token", "SLACK_APP_TOKEN", ""},
	{"slack.signing_secret", "SLACK_SIGNING_SECRET", ""},
	{"slack.api_url", "SLACK_API_URL", ""},
	{"slack.transport", "FRONTDESK_SLACK_TRANSPORT", Socket},
	{"slack.command", "FRONTDESK_SLACK_COMMAND", "/ask"},
	{"slack.follow_deletions", "FRONTDESK_SLACK_FOLLOW_DELETIONS", false},
	{"slack.assistant", "FRONTDESK_SLACK_ASSISTANT", false},
	{"discord.bot_token", "DISCORD_BOT_TOKEN", ""},
	{"discord.public_key", "DISCORD_PUBLIC_KEY", ""},
	{"discord.application_id", "DISCORD_APPLICATION_ID", ""},
	{"discord.api_url", "DISCORD_API_URL", ""},
	{"discord.transport", "FRONTDESK_DISCORD_TRANSPORT", Gateway},
	{"discord.server", "FRONTDESK_DISCORD_SERVER", ""},
	{"discord.shard_count", "FRONTDESK_DISCORD_SHARD_COUNT", Auto},
	{"discord.shards", "FRONTDESK_DISCORD_SHARDS", []int{}},
	{"discord.channels", "FRONTDESK_DISCORD_CHANNELS", []string{}},
}

// Load reads the settings from a file and from an environment such as
// [os.Environ]'s. With file "", [DefaultFile] is read if it is there. An error
// names the file or the variable and the setting.
func Load(file string, environ []string) (*Config, error) {
	v := viper.New()
	for _, s := range settings {
		v.SetDefault(s.key, s.standard)
	}
	if file == "" {
		if _, err := os.Stat(DefaultFile); err == nil {
			file = DefaultFile
		}
	}
	if file != "" {
		v.SetConfigFile(file)
		v.SetConfigType("yaml")
		if err := v.ReadInConfig(); err != nil {
			return nil, fmt.Errorf("read the settings: %s: %w", file, withoutValues(err))
		}
		if unknown := unknownKeys(v); len(unknown) > 0 {
			return nil, fmt.Errorf("read the settings: %s: there is no setting %s", file, strings.Join(unknown, ", "))
		}
	}
	from := map[string]string{}
	for _, s := range settings {
		from[s.key] = fmt.Sprintf("%s in %s", s.key, file)
		if value, ok := lookup(environ, s.env); ok {
			v.Set(s.key, value)
			from[s.key] = s.env
		}
	}
	c := new(Config)
	var problems []error
	for _, s := range settings {
		if err := s.fits(v.Get(s.key)); err != nil {
			problems = append(problems, fmt.Errorf("%s: %w", from[s.key], err))
			v.Set(s.key, s.standard)
		}
	}
	if err := v.Unmarshal(c, viper.DecodeHook(mapstructure.ComposeDecodeHookFunc(mapstructure.TextUnmarshallerHookFunc(), mapstructure.StringToWeakSliceHookFunc(",")))); err != nil {
		problems = append(problems, err)
	}
	return c, errors.Join(append(problems, c.check(from)...)...)
}

// fits says what is wrong with a value for a setting of its kind.
func (s setting) fits(value any) error {
	text := fmt.Sprint(value)
	switch s.standard.(type) {
	case bool:
		if _, err := strconv.ParseBool(text); err != nil {
			return fmt.Errorf("%q is neither true nor false", text)
		}
	case []int:
		if one, ok := value.(string); ok {
			value = strings.Split(one, ",")
		}
		for _, n := range cast.ToStringSlice(value) {
			if _, err := strconv.Atoi(strings.TrimSpace(n)); err != nil {
				return fmt.Errorf("%q is no number", n)
			}
		}
	case string:
		switch value.(type) {
		case map[string]any, []any:
			return errors.New("this is to be one value")
		}
		if s.key == "log_level" && new(slog.Level).UnmarshalText([]byte(text)) != nil {
			return fmt.Errorf("%q is no level; it is debug, info, warn or error", text)
		}
	}
	return nil
}

// atLine finds where in a file an error is.
var atLine = regexp.MustCompile(`line \d+`)

// withoutValues shortens an error of the YAML library to the place: it quotes
// what it does not understand, and that may be a token.
func withoutValues(err error) error {
	if _, ok := errors.AsType[viper.ConfigParseError](err); !ok {
		return err // the file cannot be read
	}
	if line := atLine.FindString(err.Error()); line != "" {
		return fmt.Errorf("%s: this is not YAML with settings, such as knowledge: acme.yaml", line)
	}
	return errors.New("this is not YAML with settings, such as knowledge: acme.yaml")
}

// lookup finds a variable. One that is set but empty counts as not set.
func lookup(environ []string, name string) (string, bool) {
	for i := len(environ) - 1; i >= 0; i-- {
		if value, ok := strings.CutPrefix(environ[i], name+"="); ok {
			return value, value != ""
		}
	}
	return "", false
}

func unknownKeys(v *viper.Viper) []string {
	known := map[string]bool{}
	for _, s := range settings {
		known[s.key] = true
	}
	var unknown []string
	for _, key := range v.AllKeys() {
		if !known[key] {
			unknown = append(unknown, key)
		}
	}
	return unknown
}

// commandName is what Slack takes for a slash command.
var commandName = regexp.MustCompile(`^/[a-z0-9_-]{1,31}$`)

var (
	// snowflake is an id of Discord's.
	snowflake = regexp.MustCompile(`^\d+$`)
	publicKey = regexp.MustCompile(`^[0-9a-fA-F]{64}$`)
)

// check says what is wrong with the values.
func (c *Config) check(from map[string]string) []error {
	var problems []error
	bad := func(key, format string, args ...any) {
		problems = append(problems, fmt.Errorf("%s: %s", from[key], fmt.Sprintf(format, args...)))
	}
	if _, _, err := net.SplitHostPort(c.HTTPAddr); err != nil {
		bad("http_addr", "%q is no address; it is written as host:port, such as 127.0.0.1:8080", c.HTTPAddr)
	}
	for key, address := range map[string]string{"public_url": c.PublicURL, "slack.api_url": c.Slack.APIURL, "discord.api_url": c.Discord.APIURL} {
		if u, err := url.Parse(address); address != "" && (err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "") {
			bad(key, "%q is no web address; it begins with https://", address)
		}
	}
	if t := c.Slack.Transport; t != Socket && t != HTTP {
		bad("slack.transport", "%q is no transport; it is %s or %s", t, Socket, HTTP)
	}
	if t := c.Discord.Transport; t != Gateway && t != HTTP {
		bad("discord.transport", "%q is no transport; it is %s or %s", t, Gateway, HTTP)
	}
	if n, err := strconv.Atoi(c.Discord.ShardCount); c.Discord.ShardCount != Auto && (err != nil || n < 1) {
		bad("discord.shard_count", "%q is no number of shards; it is %s or a number from 1", c.Discord.ShardCount, Auto)
	}
	for _, n := range c.Discord.Shards {
		if n < 0 {
			bad("discord.shards", "%d is no shard; the first is 0", n)
		}
	}
	for _, pair := range c.Discord.Channels {
		if server, channel, ok := strings.Cut(pair, ":"); !ok || !snowflake.MatchString(server) || !snowflake.MatchString(channel) {
			bad("discord.channels", "%q is no channel; it is written as the server's id, a colon and the channel's id", pair)
		}
	}
	if c.Discord.PublicKey != "" && !publicKey.MatchString(c.Discord.PublicKey) {
		bad("discord.public_key", "this is no public key; it is 64 hexadecimal digits, on the app's page General Information")
	}
	if !commandName.MatchString(c.Slack.Command) {
		bad("slack.command", "%q is no slash command; it is a slash and up to 31 lower-case letters, digits, hyphens and underscores", c.Slack.Command)
	}
	for _, t := range []struct {
		key, prefix, name string
		value             Secret
	}{
		{"slack.bot_token", "xoxb-", "a bot token", c.Slack.BotToken},
		{"slack.app_token", "xapp-", "an app-level token", c.Slack.AppToken},
	} {
		if t.value != "" && !strings.HasPrefix(string(t.value), t.prefix) {
			bad(t.key, "this is not %s, which begins with %s", t.name, t.prefix)
		}
	}
	return problems
}

// Wanted reports whether any of the adapter's secrets is set.
func (s Slack) Wanted() bool { return s.BotToken != "" || s.AppToken != "" || s.SigningSecret != "" }

// Missing says which secrets the adapter lacks, and where to get them.
func (s Slack) Missing() error {
	var problems []error
	need := func(value Secret, what string) {
		if value == "" {
			problems = append(problems, errors.New(what))
		}
	}
	need(s.BotToken, "SLACK_BOT_TOKEN is not set: it is the Bot User OAuth Token (xoxb-…) on the app's page Install App at api.slack.com/apps")
	if s.Transport == HTTP {
		need(s.SigningSecret, "SLACK_SIGNING_SECRET is not set: it is the Signing Secret on the app's page Basic Information at api.slack.com/apps")
	} else {
		need(s.AppToken, "SLACK_APP_TOKEN is not set: it is an app-level token (xapp-…) with the scope connections:write, made on the app's page Basic Information at api.slack.com/apps")
	}
	return errors.Join(problems...)
}

// Wanted reports whether the adapter's token or key is set.
func (d Discord) Wanted() bool { return d.BotToken != "" || d.PublicKey != "" }

// Missing says what the adapter lacks, and where to get it.
func (d Discord) Missing() error {
	var problems []error
	if d.BotToken == "" {
		problems = append(problems, errors.New("DISCORD_BOT_TOKEN is not set: it is the token on the app's page Bot at discord.com/developers/applications, made by Reset Token"))
	}
	if d.Transport == HTTP && d.PublicKey == "" {
		problems = append(problems, errors.New("DISCORD_PUBLIC_KEY is not set: it is the Public Key on the app's page General Information at discord.com/developers/applications"))
	}
	return errors.Join(problems...)
}

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
