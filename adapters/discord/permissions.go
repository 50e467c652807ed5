package discord

import (
	"strconv"
	"strings"

	"github.com/bwmarrin/discordgo"
)

// bits are permissions, which Discord writes as the decimal number in a string.
type bits int64

func (b *bits) UnmarshalText(text []byte) error {
	n, err := strconv.ParseInt(string(text), 10, 64)
	*b = bits(n)
	return err
}

// needed are the permissions that the bot asks for when it is invited, as Discord's pages
// call them (discord.com/developers/docs/topics/permissions).
var needed = []struct {
	bit  bits
	name string
}{
	{discordgo.PermissionViewChannel, "View Channels"},
	{discordgo.PermissionSendMessages, "Send Messages"},
	{discordgo.PermissionEmbedLinks, "Embed Links"},
	{discordgo.PermissionReadMessageHistory, "Read Message History"}, // for the message that it replies to
	{discordgo.PermissionSendMessagesInThreads, "Send Messages in Threads"},
}

// permissionsNeeded are all of them together.
func permissionsNeeded() (all bits) {
	for _, p := range needed {
		all |= p.bit
	}
	return all
}

// lacking names what of the bot's permissions is not there. An administrator has all.
func lacking(has bits) string {
	var names []string
	for _, p := range needed {
		if has&discordgo.PermissionAdministrator == 0 && has&p.bit == 0 {
			names = append(names, p.name)
		}
	}
	return strings.Join(names, ", ")
}
