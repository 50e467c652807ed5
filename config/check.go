package config

import (
	"encoding/hex"
	"fmt"
	"net"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	"filippo.io/edwards25519"
)

// commandName is what Slack allows as a slash command.
var commandName = regexp.MustCompile(`^/[a-z0-9_-]{1,31}$`)

var (
	// snowflake is a Discord id.
	snowflake = regexp.MustCompile(`^\d+$`)
	// person is an adapter's name and a person's id there (docs.slack.dev/reference/objects/user-object).
	person    = regexp.MustCompile(`^(slack:[UW][A-Z0-9]+|discord:\d+)$`)
	publicKey = regexp.MustCompile(`^[0-9a-fA-F]{64}$`)
)

const (
	mostDays    = 3650 // ten years
	shortestKey = 16   // characters
)

// check lists the values that are not valid. from is where each setting was set.
func (c *Config) check(from map[string]string) []error {
	var problems []error
	bad := func(key, format string, args ...any) {
		if strings.HasSuffix(from[key], fileSuffix) {
			format, args = "the value in the file is not valid for this setting", nil // it may be a secret
		}
		problems = append(problems, fmt.Errorf("%s: %s", place(from, key), fmt.Sprintf(format, args...)))
	}
	if _, _, err := net.SplitHostPort(c.HTTPAddr); err != nil {
		bad("http_addr", "%q is not an address; write host:port, such as 127.0.0.1:8080", c.HTTPAddr)
	}
	if _, _, err := net.SplitHostPort(c.PrivateAddr); err != nil && c.PrivateAddr != Off {
		bad("private_addr", "%q is not an address; write host:port, such as 127.0.0.1:9090, or off", c.PrivateAddr)
	}
	if f := c.LogFormat; f != Auto && f != Text && f != JSON {
		bad("log_format", "%q is not a format; use %s, %s or %s", f, Auto, Text, JSON)
	}
	if id := c.Admin.SlackChannel; id != "" && !idForms["slack_channels"].MatchString(id) {
		bad("admin.slack_channel", "%q is not a channel id; %s", id, idHelp["slack_channels"])
	}
	if id := c.Admin.DiscordChannel; id != "" && !snowflake.MatchString(id) {
		bad("admin.discord_channel", "%q is not a channel id; %s", id, snowflakeHelp)
	}
	if key := "canary.question"; (c.Canary.Question == "") != (c.Canary.Division == "") {
		if c.Canary.Question == "" {
			key = "canary.division"
		}
		bad(key, "set both canary.question and canary.division, or neither")
	}
	for key, address := range map[string]string{
		"public_url": c.PublicURL, "slack.api_url": c.Slack.APIURL, "discord.api_url": c.Discord.APIURL,
	} {
		u, err := url.Parse(address)
		if address != "" && (err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "") {
			bad(key, "%q is not a web address such as https://desk.example.org", withoutPassword(address))
		}
	}
	if why := unfit(string(c.Store)); why != "" {
		bad(store, "%s", why)
	}
	if t := c.Journal.Text; t != Gaps && t != None && t != All {
		bad("journal.text", "%q is not a choice; use %s, %s or %s", t, Gaps, None, All)
	}
	for key, days := range map[string]int{"journal.text_days": c.Journal.TextDays, "journal.days": c.Journal.Days} {
		if days < 1 || days > mostDays {
			bad(key, "%d must be from 1 to %d days", days, mostDays)
		}
	}
	if n := c.Journal.MaxRows; n < 1 {
		bad("journal.max_rows", "%d must be at least 1", n)
	}
	if n := len(c.Journal.Key); n > 0 && n < shortestKey {
		bad("journal.key", "a key of %d characters can be guessed; use at least %d, such as from openssl rand -hex 32",
			n, shortestKey)
	}
	for _, id := range c.Admin.People {
		if !person.MatchString(id) {
			bad("admin.people", "%q is not a person; write slack:, or discord:, and their id, such as slack:U0123ABCD", id)
		}
	}
	if n := c.Inbox.People; n < 1 {
		bad("inbox.people", "%d must be at least 1", n)
	}
	if _, ok := c.Inbox.Next(time.Time{}); !ok && c.Inbox.Digest != Off {
		bad("inbox.digest", "%q is not a day and a time; write them like monday 09:00, or off", c.Inbox.Digest)
	}
	if t := c.Slack.Transport; t != Socket && t != HTTP {
		bad("slack.transport", "%q is not a transport; use %s or %s", t, Socket, HTTP)
	}
	if t := c.Discord.Transport; t != Gateway && t != HTTP {
		bad("discord.transport", "%q is not a transport; use %s or %s", t, Gateway, HTTP)
	}
	if n, err := strconv.Atoi(c.Discord.ShardCount); c.Discord.ShardCount != Auto && (err != nil || n < 1) {
		bad("discord.shard_count", "%q is not a number of shards; use %s or a number from 1",
			c.Discord.ShardCount, Auto)
	}
	for _, n := range c.Discord.Shards {
		if n < 0 {
			bad("discord.shards", "%d is not a shard; the first one is 0", n)
		}
	}
	for _, pair := range c.Discord.Channels {
		server, channel, ok := strings.Cut(pair, ":")
		if !ok || !snowflake.MatchString(server) || !snowflake.MatchString(channel) {
			bad("discord.channels", "%q is not a channel; write the server's id, a colon and the channel's id", pair)
		}
	}
	if why := unsound(c.Discord.PublicKey, c.Discord.Transport == HTTP); why != "" {
		bad("discord.public_key", "%s from the app's page General Information", why)
	}
	if !commandName.MatchString(c.Slack.Command) {
		bad("slack.command", "%q is not a slash command; "+
			"write a slash and up to 31 lower-case letters, digits, hyphens or underscores", c.Slack.Command)
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

// withoutPassword is an address in which stars replace the password.
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

// unsound says why no app can have this public key, and is "" for a good one. With a point
// of small order anyone can make valid signatures (RFC 8032, 5.1.3 and 5.1.7). With a
// number that is no point of the curve no signature is valid, which matters only if
// signatures are checked.
func unsound(key string, checked bool) string {
	if key == "" {
		return ""
	}
	if !publicKey.MatchString(key) {
		return "this is not a public key; copy the 64 hexadecimal digits"
	}
	data, _ := hex.DecodeString(key) // its form is right
	point, err := new(edwards25519.Point).SetBytes(data)
	switch {
	case err != nil && !checked:
		return ""
	case err != nil || string(point.Bytes()) != string(data):
		return "these 64 hexadecimal digits are not a public key; copy them again"
	case point.MultByCofactor(point).Equal(edwards25519.NewIdentityPoint()) == 1:
		return "with this key anyone can make valid signatures; copy the app's own key"
	}
	return ""
}
