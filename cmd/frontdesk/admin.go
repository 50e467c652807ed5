package main

import (
	"context"
	"strings"

	"frontdesk/bot"
)

// administer does what an admin asks for in chat. Everybody in the channel for admins may
// confirm a new file.
func (p *service) administer(ctx context.Context, r bot.Request) bot.Answer {
	if version, ok := strings.CutPrefix(r.Action, bot.UseFile); ok && r.InChannel {
		return p.reloader.Confirm(ctx, version)
	}
	return bot.Answer{}
}
