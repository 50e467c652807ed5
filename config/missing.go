package config

import "errors"

// Wanted reports whether any of the adapter's secrets is set.
func (s Slack) Wanted() bool { return s.BotToken != "" || s.AppToken != "" || s.SigningSecret != "" }

// Missing says which secrets are not set, and where to find them.
func (s Slack) Missing() error {
	var problems []error
	need := func(value Secret, what string) {
		if value == "" {
			problems = append(problems, errors.New(what))
		}
	}
	need(s.BotToken, "SLACK_BOT_TOKEN is not set: it is the Bot User OAuth Token (xoxb-…) "+
		"on the app's page Install App at api.slack.com/apps")
	if s.Transport == HTTP {
		need(s.SigningSecret, "SLACK_SIGNING_SECRET is not set: it is the Signing Secret "+
			"on the app's page Basic Information at api.slack.com/apps")
	} else {
		need(s.AppToken, "SLACK_APP_TOKEN is not set: it is an app-level token (xapp-…) "+
			"with the scope connections:write; create it on the app's page Basic Information at api.slack.com/apps")
	}
	return errors.Join(problems...)
}

// Wanted reports whether the adapter's token or key is set.
func (d Discord) Wanted() bool { return d.BotToken != "" || d.PublicKey != "" }

// Missing says which settings are not set, and where to find them.
func (d Discord) Missing() error {
	var problems []error
	if d.BotToken == "" {
		problems = append(problems, errors.New("DISCORD_BOT_TOKEN is not set: it is the token "+
			"that Reset Token shows on the app's page Bot at discord.com/developers/applications"))
	}
	if d.Transport == HTTP && d.PublicKey == "" {
		problems = append(problems, errors.New("DISCORD_PUBLIC_KEY is not set: it is the Public Key "+
			"on the app's page General Information at discord.com/developers/applications"))
	}
	return errors.Join(problems...)
}
