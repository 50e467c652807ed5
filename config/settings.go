package config

import "time"

// setting is one setting: its key in the file, its variable in the environment, its
// default and its purpose.
type setting struct {
	key, env string
	standard any
	secret   bool
	about    string
}

var settings = []setting{
	{"knowledge", "FRONTDESK_KNOWLEDGE", "", false,
		"The knowledge file, or a folder of them; default: the shipped one."},
	{"http_addr", "FRONTDESK_HTTP_ADDR", "127.0.0.1:8080", false,
		"Where to listen for Slack and Discord over HTTP."},
	{"public_url", "FRONTDESK_PUBLIC_URL", "", false,
		"The address of http_addr from outside, such as https://desk.example.org."},
	{"private_addr", "FRONTDESK_PRIVATE_ADDR", "127.0.0.1:9090", false,
		"Where to serve /healthz, /readyz and /metrics, or off. Keep it private."},
	{"log_level", "FRONTDESK_LOG_LEVEL", "info", false,
		"debug, info, warn or error. Only debug shows what people ask."},
	{"log_format", "FRONTDESK_LOG_FORMAT", Auto, false,
		"text, json, or auto: text on a terminal, else JSON."},
	{store, "FRONTDESK_STORE", "", false,
		"Where events and the journal are kept: a file, an address such as\n" +
			"postgres://user@host/database, or off; default: store.db in the state directory,\n" +
			"$XDG_STATE_HOME/frontdesk or ~/.local/state/frontdesk."},

	{"journal.text", "FRONTDESK_JOURNAL_TEXT", Gaps, false,
		"Of which questions the journal keeps the words, without addresses and long numbers:\n" +
			"gaps, those that were not answered well; all; or none."},
	{"journal.text_days", "FRONTDESK_JOURNAL_TEXT_DAYS", 30, false, "How many days it keeps them."},
	{"journal.days", "FRONTDESK_JOURNAL_DAYS", 90, false, "How many days it keeps the rest of a question."},
	{"journal.max_rows", "FRONTDESK_JOURNAL_MAX_ROWS", 1_000_000, false,
		"How many questions it keeps at most: the newest. A million take about 260 MB."},
	{"journal.key", "FRONTDESK_JOURNAL_KEY", "", true,
		"The key of the hashes that stand for askers in the journal, at least 16 characters;\n" +
			"default: a random one in the file asker.key in the state directory."},

	{"reload.max_changes", "FRONTDESK_RELOAD_MAX_CHANGES", -1, false,
		"A new file that answers more of the example questions differently waits until\n" +
			"somebody confirms it; -1 for no limit."},
	{"canary.question", "FRONTDESK_CANARY_QUESTION", "", false,
		"A question that must always be answered correctly; default: the name of the\nfirst division."},
	{"canary.division", "FRONTDESK_CANARY_DIVISION", "", false,
		"The id of the division that must be its answer."},
	{"canary.every", "FRONTDESK_CANARY_EVERY", time.Minute, false, "How often it is asked."},
	{"admin.slack_channel", "FRONTDESK_ADMIN_SLACK_CHANNEL", "", false,
		"The id of a Slack channel for messages about broken files. Everyone in it may\nconfirm a new file."},
	{"admin.discord_channel", "FRONTDESK_ADMIN_DISCORD_CHANNEL", "", false, "The same in Discord."},
	{"admin.people", "FRONTDESK_ADMIN_PEOPLE", []string{}, false,
		"Who may use the inbox in chat and change the knowledge file there, each as\n" +
			"slack:U0123ABCD or discord:112233445566778899."},
	{"inbox.people", "FRONTDESK_INBOX_PEOPLE", 2, false,
		"How many different people must have asked about the same for it to be in the inbox;\n1 for a small team."},
	{"inbox.digest", "FRONTDESK_INBOX_DIGEST", "monday 09:00", false,
		"When the admin channels get a summary of the inbox each week, in local time, or off."},

	{"slack.bot_token", "SLACK_BOT_TOKEN", "", true, "xoxb-…, from the app's page Install App."},
	{"slack.app_token", "SLACK_APP_TOKEN", "", true,
		"xapp-…, for the transport socket, from the page Basic Information."},
	{"slack.signing_secret", "SLACK_SIGNING_SECRET", "", true,
		"For the transport http, from the page Basic Information."},
	{"slack.api_url", "SLACK_API_URL", "", false, "For a proxy."},
	{"slack.transport", "FRONTDESK_SLACK_TRANSPORT", Socket, false, "socket or http."},
	{"slack.command", "FRONTDESK_SLACK_COMMAND", "/ask", false, "The slash command."},
	{"slack.follow_deletions", "FRONTDESK_SLACK_FOLLOW_DELETIONS", false, false,
		"Delete our answer when its question in a channel is deleted. For this the app\n" +
			"reads all messages in its channels."},
	{"slack.assistant", "FRONTDESK_SLACK_ASSISTANT", false, false,
		"Suggested questions and a status in the direct messages with the bot: Slack's agent\n" +
			"messaging experience."},
	{"slack.answer_apps", "FRONTDESK_SLACK_ANSWER_APPS", false, false,
		"Answer mentions by workflows and other apps, once in each thread."},

	{"discord.bot_token", "DISCORD_BOT_TOKEN", "", true, "From the app's page Bot."},
	{"discord.public_key", "DISCORD_PUBLIC_KEY", "", false,
		"For the transport http, from the page General Information."},
	{"discord.application_id", "DISCORD_APPLICATION_ID", "", false, "Default: the program asks Discord for it."},
	{"discord.api_url", "DISCORD_API_URL", "", false, "For a proxy: scheme and host."},
	{"discord.transport", "FRONTDESK_DISCORD_TRANSPORT", Gateway, false, "gateway or http."},
	{"discord.server", "FRONTDESK_DISCORD_SERVER", "", false,
		"The id of the only server that gets the commands; default: all."},
	{"discord.shard_count", "FRONTDESK_DISCORD_SHARD_COUNT", Auto, false,
		"How many shards there are in all: a number or auto."},
	{"discord.shards", "FRONTDESK_DISCORD_SHARDS", []int{}, false, "The shards of this process; default: all."},
	{"discord.channels", "FRONTDESK_DISCORD_CHANNELS", []string{}, false,
		"Channels with public answers, each as \"server:channel\". In other channels of these\n" +
			"servers, only the asker sees the answer."},

	{audiences, "FRONTDESK_AUDIENCES", map[string]any{}, false,
		"The audiences of the knowledge file by name: everyone who can read in these Slack\n" +
			"workspaces and channels and Discord servers and channels, and everyone who has\n" +
			"these Discord roles, each by its id. Everyone else is the public.\n" +
			"  employees:\n" +
			"    slack_workspaces: [T0123ABCD]\n" +
			"    discord_roles: [\"112233445566778899\"]"},
}

// The settings whose values have a form of their own.
const (
	audiences = "audiences"
	store     = "store"
)

// Setting is one setting that the command line offers as a flag.
type Setting struct{ Key, Env, About string }

// Plain lists the settings of the first section: single values that are no secrets.
func Plain() []Setting {
	var plain []Setting
	for _, s := range settings[:firstSection] {
		plain = append(plain, Setting{s.key, s.env, s.about})
	}
	return plain
}

// firstSection is the number of settings without a section.
const firstSection = 7
