package config

import (
	"encoding/hex"
	"fmt"
	"net"
	"net/url"
	"regexp"
	"strconv"
	"strings"

	"filippo.io/edwards25519"
)

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
		if strings.HasSuffix(from[key], fileSuffix) {
			format, args = "what the file holds is no value for this setting", nil // it may be a secret
		}
		problems = append(problems, fmt.Errorf("%s: %s", place(from, key), fmt.Sprintf(format, args...)))
	}
	if _, _, err := net.SplitHostPort(c.HTTPAddr); err != nil {
		bad("http_addr", "%q is no address; it is written as host:port, such as 127.0.0.1:8080", c.HTTPAddr)
	}
	if _, _, err := net.SplitHostPort(c.PrivateAddr); err != nil && c.PrivateAddr != Off {
		bad("private_addr", "%q is no address; it is written as host:port, such as 127.0.0.1:9090, or off", c.PrivateAddr)
	}
	if f := c.LogFormat; f != Auto && f != Text && f != JSON {
		bad("log_format", "%q is no format; it is %s, %s or %s", f, Auto, Text, JSON)
	}
	if id := c.Admin.SlackChannel; id != "" && !idForms["slack_channels"].MatchString(id) {
		bad("admin.slack_channel", "%q is no channel's id; %s", id, idHelp["slack_channels"])
	}
	if id := c.Admin.DiscordChannel; id != "" && !snowflake.MatchString(id) {
		bad("admin.discord_channel", "%q is no channel's id; %s", id, snowflakeHelp)
	}
	if (c.Canary.Question == "") != (c.Canary.Division == "") {
		bad("canary.question", "a canary has both a question and the division that answers it, or neither")
	}
	for key, address := range map[string]string{"public_url": c.PublicURL, "slack.api_url": c.Slack.APIURL, "discord.api_url": c.Discord.APIURL} {
		if u, err := url.Parse(address); address != "" && (err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "") {
			bad(key, "%q is no web address; it begins with https://", withoutPassword(address))
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
	if why := unsound(c.Discord.PublicKey, c.Discord.Transport == HTTP); why != "" {
		bad("discord.public_key", "%s on the app's page General Information", why)
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

// withoutPassword is an address without what must not be shown.
func withoutPassword(address string) string {
	u, err := url.Parse(address)
	switch {
	case err == nil && u.User != nil:
		return u.Redacted()
	case strings.Contains(address, "@"):
		return stars + address[strings.LastIndexByte(address, '@'):]
	}
	return address
}

// unsound says why no app can have a public key. For a point of small order,
// anyone can make signatures (RFC 8032, 5.1.3 and 5.1.7). With one that is no
// point at all nothing can be signed, which matters only where signatures are
// checked.
func unsound(key string, checked bool) string {
	if key == "" {
		return ""
	}
	if !publicKey.MatchString(key) {
		return "this is no public key; it is 64 hexadecimal digits,"
	}
	data, _ := hex.DecodeString(key) // its form is right
	point, err := new(edwards25519.Point).SetBytes(data)
	switch {
	case err != nil && !checked:
		return ""
	case err != nil || string(point.Bytes()) != string(data):
		return "these are 64 hexadecimal digits, but no public key; the right ones are"
	case point.MultByCofactor(point).Equal(edwards25519.NewIdentityPoint()) == 1:
		return "with this key anyone can make signatures; the app's own is"
	}
	return ""
}
