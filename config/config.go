// Package config reads the settings: one struct with defaults, filled from a settings
// file, from the environment, which takes precedence over the file, and from flags, which
// take precedence over both. It is the only package that uses viper, and it imports no
// other package of this program; the command line passes each part of the settings to the
// package that needs it.
//
//	config.go     the struct
//	settings.go   the table of all settings: key, variable, default, purpose
//	load.go       file, environment and flags → Config, every mistake with its place
//	audiences.go  the form of the audiences
//	check.go      values that are not valid
//	missing.go    settings that a platform still needs
//	show.go       the effective settings with their origins; the starter file
//	store.go      where the store is
//	secret.go     values that are never printed
package config

import (
	"log/slog"
	"time"
)

// DefaultFile is the settings file that is read if it exists and no other one is named.
const DefaultFile = "frontdesk.yaml"

// Config is what an operator decides.
type Config struct {
	// Knowledge is the knowledge file or folder; "" for the shipped one.
	Knowledge string `mapstructure:"knowledge"`
	// HTTPAddr is where the program listens for Slack and Discord over HTTP, as
	// host:port.
	HTTPAddr string `mapstructure:"http_addr"`
	// PublicURL is the address of HTTPAddr from outside, such as
	// https://desk.example.org.
	PublicURL string `mapstructure:"public_url"`
	// PrivateAddr is where the program serves its health and its metrics, as host:port,
	// or off.
	PrivateAddr string `mapstructure:"private_addr"`
	// LogLevel is debug, info, warn or error.
	LogLevel slog.Level `mapstructure:"log_level"`
	// LogFormat is text, json or auto.
	LogFormat string `mapstructure:"log_format"`
	// Store is a file, an address of PostgreSQL, which may hold a password, or off. It is ""
	// if there is no state directory for the default.
	Store Secret `mapstructure:"store"`

	Journal Journal `mapstructure:"journal"`
	Reload  Reload  `mapstructure:"reload"`
	Canary  Canary  `mapstructure:"canary"`
	Admin   Admin   `mapstructure:"admin"`
	Inbox   Inbox   `mapstructure:"inbox"`
	Slack   Slack   `mapstructure:"slack"`
	Discord Discord `mapstructure:"discord"`
	// Audiences are the groups that the knowledge file mentions, by name.
	Audiences map[string]Places `mapstructure:"audiences"`

	// StateDir is the directory for the program's own files: $XDG_STATE_HOME/frontdesk, or
	// ~/.local/state/frontdesk (specifications.freedesktop.org/basedir-spec). It is "" if
	// neither XDG_STATE_HOME nor HOME is set.
	StateDir string `mapstructure:"-"`

	warnings  []string
	effective []Value
}

// Journal is what is kept of questions, and how long.
type Journal struct {
	// Text says of which questions the words are kept: gaps, none or all.
	Text string `mapstructure:"text"`
	// TextDays is how many days words are kept, and Days how many the rest is.
	TextDays int `mapstructure:"text_days"`
	Days     int `mapstructure:"days"`
	// MaxRows is how many questions are kept at most.
	MaxRows int `mapstructure:"max_rows"`
	// Key makes the hashes that stand for askers; "" for the one in StateDir.
	Key Secret `mapstructure:"key"`
}

// Reload is how the program follows its knowledge file.
type Reload struct {
	// MaxChanges is how many of the example questions a new file may answer differently; a
	// division of which only the text differs counts once. With more, the file waits until
	// somebody confirms it. Negative for no limit.
	MaxChanges int `mapstructure:"max_changes"`
}

// Canary is a question that must always be answered correctly.
type Canary struct {
	// Question is the question; "" for the name of the first division.
	Question string `mapstructure:"question"`
	// Division is the id of the division that must be the answer.
	Division string `mapstructure:"division"`
	// Every is how often it is asked.
	Every time.Duration `mapstructure:"every"`
}

// Admin are the channels for messages to admins, and who may change the file in chat.
type Admin struct {
	SlackChannel   string `mapstructure:"slack_channel"`
	DiscordChannel string `mapstructure:"discord_channel"`
	// People are the ids of those who may use the inbox, such as slack:U0123ABCD.
	People []string `mapstructure:"people"`
}

// Inbox is what admins see of questions that were not answered well.
type Inbox struct {
	// People is how many different people must have asked about the same for it to be shown.
	People int `mapstructure:"people"`
	// Digest is when a summary is posted each week in the channels for admins, such as
	// "monday 09:00" in local time, or off; see [Inbox.Next].
	Digest string `mapstructure:"digest"`
}

// Places defines the people of an audience: everyone who can read in one of these
// workspaces, servers or channels, and everyone who has one of these roles. Each is an id
// of the platform.
type Places struct {
	SlackWorkspaces []string `mapstructure:"slack_workspaces"`
	SlackChannels   []string `mapstructure:"slack_channels"`
	DiscordServers  []string `mapstructure:"discord_servers"`
	DiscordChannels []string `mapstructure:"discord_channels"`
	DiscordRoles    []string `mapstructure:"discord_roles"`
}

// Slack are the settings of the Slack adapter.
type Slack struct {
	BotToken      Secret `mapstructure:"bot_token"`
	AppToken      Secret `mapstructure:"app_token"`
	SigningSecret Secret `mapstructure:"signing_secret"`
	// APIURL replaces https://slack.com/api/.
	APIURL string `mapstructure:"api_url"`
	// Transport is how events arrive: socket or http.
	Transport string `mapstructure:"transport"`
	// Command is the slash command.
	Command string `mapstructure:"command"`
	// FollowDeletions deletes our answer when its question in a channel is deleted. For
	// this the app reads all messages in its channels.
	FollowDeletions bool `mapstructure:"follow_deletions"`
	// Assistant shows suggested questions and a status in the direct messages with the bot:
	// Slack's agent messaging experience.
	Assistant bool `mapstructure:"assistant"`
	// AnswerApps answers mentions by workflows and other apps, once in each thread.
	AnswerApps bool `mapstructure:"answer_apps"`
}

// Discord are the settings of the Discord adapter.
type Discord struct {
	BotToken Secret `mapstructure:"bot_token"`
	// PublicKey is the app's, in hex.
	PublicKey   string `mapstructure:"public_key"`
	Application string `mapstructure:"application_id"`
	// APIURL replaces https://discord.com: scheme and host only.
	APIURL string `mapstructure:"api_url"`
	// Transport is how events arrive: gateway or http.
	Transport string `mapstructure:"transport"`
	// Server is the only server to register the commands in.
	Server string `mapstructure:"server"`
	// ShardCount is how many shards there are in all: a number or auto.
	ShardCount string `mapstructure:"shard_count"`
	// Shards are the shards of this process; none means all.
	Shards []int `mapstructure:"shards"`
	// Channels are the channels with public answers, each as server:channel. A server of
	// which none is named has public answers in all its channels.
	Channels []string `mapstructure:"channels"`
}

// The transports.
const (
	Socket  = "socket"
	Gateway = "gateway"
	HTTP    = "http"
)

// The formats of the log.
const (
	Text = "text"
	JSON = "json"
)

// The questions of which the journal keeps the words.
const (
	Gaps = "gaps" // those that were not answered well
	None = "none"
	All  = "all"
)

const (
	// Auto leaves the choice to the program, or to Discord.
	Auto = "auto"
	// Off as the private address means that the program does not listen on one; as the
	// store, that it keeps nothing.
	Off = "off"
)
