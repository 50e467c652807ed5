// Package config is the settings: one struct with defaults, from a settings
// file, the environment, which beats the file, and flags, which beat both. It is
// the only package that knows viper, and it imports nothing of ours; the command
// line hands each part of the settings to whom it concerns.
//
//	config.go    the struct
//	settings.go  the table of all settings: key, variable, default, what it is for
//	load.go      file, environment and flags → Config, every mistake with its place
//	audiences.go who the audiences are
//	check.go     what is wrong with the values
//	missing.go   what a platform lacks to be served
//	show.go      the effective settings with their origins; the starter file
//	secret.go    what is printed nowhere
package config

import (
	"log/slog"
	"time"
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
	// PrivateAddr is where the program says how it is doing, as host:port, or
	// off.
	PrivateAddr string `mapstructure:"private_addr"`
	// LogLevel is debug, info, warn or error.
	LogLevel slog.Level `mapstructure:"log_level"`
	// LogFormat is text, json or auto.
	LogFormat string `mapstructure:"log_format"`

	Reload  Reload  `mapstructure:"reload"`
	Canary  Canary  `mapstructure:"canary"`
	Admin   Admin   `mapstructure:"admin"`
	Slack   Slack   `mapstructure:"slack"`
	Discord Discord `mapstructure:"discord"`
	// Audiences are the groups that the knowledge file mentions, by name.
	Audiences map[string]Places `mapstructure:"audiences"`

	warnings  []string
	effective []Value
}

// Reload is how the program follows its knowledge file.
type Reload struct {
	// MaxChanges is how many of the example questions may be answered
	// differently by a new file before it waits for somebody to confirm it;
	// negative for no limit.
	MaxChanges int `mapstructure:"max_changes"`
}

// Canary is a question that must always be answered right.
type Canary struct {
	// Question stands for the name of the file's first division if it is "".
	Question string `mapstructure:"question"`
	// Division is the id of the division that must be the answer.
	Division string `mapstructure:"division"`
	// Every is how often it is asked.
	Every time.Duration `mapstructure:"every"`
}

// Admin are channels in which admins are told what needs them.
type Admin struct {
	SlackChannel   string `mapstructure:"slack_channel"`
	DiscordChannel string `mapstructure:"discord_channel"`
}

// Places are where and who the people of an audience are: all who can read in
// one of these workspaces, servers or channels, and all who have one of these
// roles. Each is the platform's id.
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

// The formats of the log.
const (
	Text = "text"
	JSON = "json"
)

const (
	// Auto lets the program, or Discord, decide.
	Auto = "auto"
	// Off is the private address that is not listened on.
	Off = "off"
)
