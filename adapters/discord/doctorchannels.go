package discord

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/bwmarrin/discordgo"
)

// channel is a channel that the settings name
// (discord.com/developers/docs/resources/channel#channel-object).
type channel struct {
	ID         string      `json:"id"`
	Name       string      `json:"name"`
	Type       int         `json:"type"`
	Server     string      `json:"guild_id"`
	Overwrites []overwrite `json:"permission_overwrites"`
}

func (c channel) String() string { return fmt.Sprintf("#%s (%s)", c.Name, c.ID) }

// overwrite is what a role or a person may do in a channel unlike elsewhere.
type overwrite struct {
	ID    string `json:"id"`
	Type  int    `json:"type"`
	Allow bits   `json:"allow"`
	Deny  bits   `json:"deny"`
}

// overwriteMember is the type of an overwrite for a person.
const overwriteMember = 1

// within is what is left of permissions in a channel
// (discord.com/developers/docs/topics/permissions#permission-overwrites).
func (c channel) within(has bits, me string, mine []string) bits {
	if has&discordgo.PermissionAdministrator != 0 {
		return has
	}
	var allow, deny bits
	for _, o := range c.Overwrites {
		if o.ID == c.Server { // everybody
			has = has&^o.Deny | o.Allow
		} else if o.Type != overwriteMember && slices.Contains(mine, o.ID) {
			allow, deny = allow|o.Allow, deny|o.Deny
		}
	}
	has = has&^deny | allow
	for _, o := range c.Overwrites {
		if o.Type == overwriteMember && o.ID == me {
			has = has&^o.Deny | o.Allow
		}
	}
	return has
}

// note notes a finding: [adapters.Examination.Wrong] or [adapters.Examination.Doubtful].
type note func(remedy, format string, args ...any)

// places looks at the servers and channels that the settings name.
func (x *examination) places(ctx context.Context) {
	if id := x.settings.Admin.Channel; id != "" {
		x.channel(ctx, id, "", "the channel of admins", x.Wrong, false)
	}
	if id := x.settings.Server; id != "" {
		x.named(id, "FRONTDESK_DISCORD_SERVER", x.Wrong)
	}
	for _, server := range slices.Sorted(maps.Keys(x.settings.Channels)) {
		x.named(server, "a server under discord.channels", x.Wrong)
		for _, id := range x.settings.Channels[server] {
			x.channel(ctx, id, server, "the channel under discord.channels", x.Wrong, x.settings.HTTP)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(x.settings.Audiences.Servers)) {
		x.named(id, "a server under audiences", x.Doubtful)
	}
	for _, id := range slices.Sorted(maps.Keys(x.settings.Audiences.Channels)) {
		x.channel(ctx, id, "", "the channel under audiences", x.Doubtful, true)
	}
}

// named looks whether the bot is in a server. Bad notes that it is not.
func (x *examination) named(id, what string, bad note) {
	if s, ok := x.server(id); ok {
		x.Well("%s is %s", what, s)
	} else if !x.more {
		bad("check the id, or open the address that frontdesk discord invite prints and choose that server",
			"the bot is not in %s, which is %s", id, what)
	}
}

// channel looks at one channel: that the bot may see it, that it is in the
// server that is said, if one is, and that the bot may write there, unless it
// need not. Bad notes what is wrong.
func (x *examination) channel(ctx context.Context, id, server, what string, bad note, silent bool) {
	var c channel
	switch ok, refusal := x.get(ctx, "channels/"+id, what+", "+id+",", &c); {
	case gone(refusal):
		remedy := "check the id"
		if code(refusal) == codeMissingAccess {
			remedy = remedies[codeMissingAccess]
		}
		bad(remedy, "%s, %s, is not there for the bot (%v)", what, id, cause(refusal))
		return
	case refusal != nil:
		x.Unknown("", "%s, %s, cannot be looked at: %v", what, id, cause(refusal))
		return
	case !ok:
		return
	case server != "" && c.Server != server:
		bad("write it as "+c.Server+":"+id, "%s, %s, is not in the server %s", what, c, server)
		return
	}
	s, known := x.server(c.Server)
	if silent || !known || thread(c.Type) {
		x.Well("the bot sees %s, %s", what, c)
		return
	}
	mine, ok := x.mine(ctx, c)
	if !ok {
		return
	}
	if names := lacking(c.within(s.Permissions, x.me, mine)); names != "" {
		bad("give them to the bot's role in the channel's permissions", "in %s, %s, the bot lacks %s", what, c, names)
		return
	}
	x.Well("the bot may write in %s, %s", what, c)
}

// cause is Discord's own word of an error.
func cause(err error) error {
	var f *failure
	if errors.As(err, &f) {
		return f
	}
	return err
}

// mine are the bot's roles in the server of a channel.
func (x *examination) mine(ctx context.Context, c channel) (roles []string, ok bool) {
	if roles, ok = x.member[c.Server]; ok {
		return roles, true
	}
	var member struct {
		Roles []string `json:"roles"`
	}
	if !x.see(ctx, "guilds/"+c.Server+"/members/"+x.me, "what the bot may do in "+c.String(), &member) {
		return nil, false
	}
	if x.member == nil {
		x.member = map[string][]string{}
	}
	x.member[c.Server] = member.Roles
	return member.Roles, true
}

// roles looks whether the roles under audiences are in any server.
func (x *examination) roles(ctx context.Context) {
	left := slices.Sorted(maps.Keys(x.settings.Audiences.Roles))
	if len(left) == 0 {
		return
	}
	found, all := 0, !x.more && len(x.in) <= fewServers
	for _, s := range x.in[:min(len(x.in), fewServers)] {
		var there []struct {
			ID string `json:"id"`
		}
		if !x.see(ctx, "guilds/"+s.ID+"/roles", "the roles of "+s.String(), &there) {
			all = false
			continue
		}
		for _, r := range there {
			if i := slices.Index(left, r.ID); i >= 0 {
				left = slices.Delete(left, i, i+1)
				found++
			}
		}
	}
	if found > 0 && len(left) == 0 {
		x.Well("every role under audiences is there")
	}
	for _, id := range left {
		if all {
			x.Doubtful("check the id; with developer mode on, Copy Role ID is in the menu of a role",
				"the role under audiences, %s, is in no server of the bot's", id)
		} else {
			x.Unknown("", "whether there is the role under audiences, %s, cannot be seen from here", id)
		}
	}
}
