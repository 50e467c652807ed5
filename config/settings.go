package config

import "time"

// setting is one setting: its key in the file, its name in the environment, its
// default and what it is for.
type setting struct {
	key, env string
	standard any
	secret   bool
	about    string
}

var settings = []setting{
	{"knowledge", "FRONTDESK_KNOWLEDGE", "", false, "The knowledge file, or a folder of them; without it, the shipped one."},
	{"http_addr", "FRONTDESK_HTTP_ADDR", "127.0.0.1:8080", false, "Where to listen for Slack and Discord over HTTP."},
	{"public_url", "FRONTDESK_PUBLIC_URL", "", false, "Where that is reached from outside, such as https://desk.example.org."},
	{"private_addr", "FRONTDESK_PRIVATE_ADDR", "127.0.0.1:9090", false, "Where /healthz, /readyz and /metrics are, or off. Not for the public."},
	{"log_level", "FRONTDESK_LOG_LEVEL", "info", false, "debug, info, warn or error. Only debug shows what people ask."},
	{"log_format", "FRONTDESK_LOG_FORMAT", Auto, false, "text, json, or auto: text on a terminal, else JSON."},

	{"reload.max_changes", "FRONTDESK_RELOAD_MAX_CHANGES", -1, false, "A new file that answers more of the example questions differently waits until\nsomebody confirms it; -1 for no limit."},
	{"canary.question", "FRONTDESK_CANARY_QUESTION", "", false, "A question that must always be answered right; without it, the name of the\nfirst division."},
	{"canary.division", "FRONTDESK_CANARY_DIVISION", "", false, "The id of the division that must be its answer."},
	{"canary.every", "FRONTDESK_CANARY_EVERY", time.Minute, false, "How often it is asked."},
	{"admin.slack_channel", "FRONTDESK_ADMIN_SLACK_CHANNEL", "", false, "The id of a Slack channel that is told of broken files. Whoever is in it may\nconfirm a new file."},
	{"admin.discord_channel", "FRONTDESK_ADMIN_DISCORD_CHANNEL", "", false, "The same in Discord."},

	{"slack.bot_token", "SLACK_BOT_TOKEN", "", true, "xoxb-…, from the app's page Install App."},
	{"slack.app_token", "SLACK_APP_TOKEN", "", true, "xapp-…, for the transport socket, from the page Basic Information."},
	{"slack.signing_secret", "SLACK_SIGNING_SECRET", "", true, "For the transport http, from the page Basic Information."},
	{"slack.api_url", "SLACK_API_URL", "", false, "For a proxy."},
	{"slack.transport", "FRONTDESK_SLACK_TRANSPORT", Socket, false, "socket or http."},
	{"slack.command", "FRONTDESK_SLACK_COMMAND", "/ask", false, "The slash command."},
	{"slack.follow_deletions", "FRONTDESK_SLACK_FOLLOW_DELETIONS", false, false, "Take an answer along when its question in a channel is deleted. The app then\nreads all talk in its channels."},
	{"slack.assistant", "FRONTDESK_SLACK_ASSISTANT", false, false, "The assistant pane."},

	{"discord.bot_token", "DISCORD_BOT_TOKEN", "", true, "From the app's page Bot."},
	{"discord.public_key", "DISCORD_PUBLIC_KEY", "", false, "For the transport http, from the page General Information."},
	{"discord.application_id", "DISCORD_APPLICATION_ID", "", false, "Found out if it is left out."},
	{"discord.api_url", "DISCORD_API_URL", "", false, "For a proxy: scheme and host."},
	{"discord.transport", "FRONTDESK_DISCORD_TRANSPORT", Gateway, false, "gateway or http."},
	{"discord.server", "FRONTDESK_DISCORD_SERVER", "", false, "The id of the only server to have the commands; without it, all."},
	{"discord.shard_count", "FRONTDESK_DISCORD_SHARD_COUNT", Auto, false, "How many shards there are in all: a number or auto."},
	{"discord.shards", "FRONTDESK_DISCORD_SHARDS", []int{}, false, "Those of this process; without it, all."},
	{"discord.channels", "FRONTDESK_DISCORD_CHANNELS", []string{}, false, "Channels to answer in for all to read, each as \"server:channel\". Elsewhere in\na server that is named, the asker alone sees the answer."},

	{audiences, "FRONTDESK_AUDIENCES", map[string]any{}, false, "Who the audiences of the knowledge file are, by name: everyone who can read in\nthese Slack workspaces and channels, Discord servers and channels, and who has\nthese Discord roles, each by its id. Whatever is not named here is public.\n  employees:\n    slack_workspaces: [T0123ABCD]\n    discord_roles: [\"112233445566778899\"]"},
}

const audiences = "audiences"

// Setting is one setting, for a command line that offers it as a flag.
type Setting struct{ Key, Env, About string }

// Plain lists the settings that are one value, no secret and of no platform.
func Plain() []Setting {
	var plain []Setting
	for _, s := range settings[:firstSection] {
		plain = append(plain, Setting{s.key, s.env, s.about})
	}
	return plain
}

// firstSection is where the settings that are of no section end.
const firstSection = 6
