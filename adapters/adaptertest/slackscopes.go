package adaptertest

import (
	"slices"
	"strings"
)

// SlackScopes are the scopes of an app that was made from the default manifest.
const SlackScopes = "app_mentions:read,chat:write,commands,im:history"

// SlackMembers are the scopes that the manifest asks for in addition for an audience of members.
const SlackMembers = ",channels:read,groups:read,mpim:read,users:read"

// slackScopes are the scopes that methods need (docs.slack.dev/reference/methods), where * is
// for the kind of the channel. The others need none.
var slackScopes = map[string]string{
	"chat.postMessage": "chat:write", "chat.postEphemeral": "chat:write", "chat.update": "chat:write",
	"chat.delete": "chat:write", "users.info": "users:read", "conversations.info": "*:read",
	"conversations.replies": "*:history", "conversations.history": "*:history",
	"assistant.threads.setSuggestedPrompts": "assistant:write", "assistant.threads.setStatus": "assistant:write",
}

// lacks refuses a call for which the bot token has no scope, else it returns nil.
func (s *Slack) lacks(method string, args map[string]string) map[string]any {
	scope := slackScopes[method]
	kind := "channels"
	switch {
	case strings.HasPrefix(args["channel"], "D"):
		kind = "im"
	case strings.HasPrefix(args["channel"], "G"):
		kind = "groups"
	}
	scope = strings.Replace(scope, "*", kind, 1)
	if scope == "" || slices.Contains(strings.Split(s.Scopes, ","), scope) {
		return nil
	}
	return map[string]any{"ok": false, "error": "missing_scope", "needed": scope, "provided": s.Scopes}
}
