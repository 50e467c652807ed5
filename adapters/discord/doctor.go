package discord

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"frontdesk/adapters"
	"frontdesk/adapters/discord/gateway"
)

// Examine tries the token and looks whether the app, the commands, the servers
// and their channels are as the settings need them. It asks only and begins no
// session, so that a bot that is running is not disturbed. With publicURL, the
// address of the HTTP transport is compared with what Discord knows.
func Examine(ctx context.Context, s Settings, publicURL string, log *slog.Logger) []adapters.Finding {
	ctx, cancel := context.WithTimeout(ctx, adapters.ExamineTime)
	defer cancel()
	x := examination{settings: s}
	x.Part, x.Host = name, adapters.HostOf(s.APIURL, "discord.com")
	if s.BotToken == "" {
		return nil
	}
	var err error
	if x.client, err = newClient(s, log, func(string, string) {}); err != nil {
		x.Wrong("set DISCORD_API_URL to a scheme and a host, or to nothing", "%v", err)
		return x.Findings
	}
	x.Caller = &x.client.Caller
	if x.who(ctx) {
		x.app(ctx, publicURL)
		if !s.HTTP {
			x.gateway(ctx)
		}
		x.servers(ctx)
		x.commands(ctx)
		x.places(ctx)
		x.roles(ctx)
	}
	x.client.clock.Judge(&x.Examination, "Discord", s.HTTP)
	return x.Findings
}

// examination is one of Discord.
type examination struct {
	adapters.Examination
	settings Settings
	client   *client

	me, id string              // of the bot and of the app
	in     []partialServer     // those the bot is in
	more   bool                // there are others
	member map[string][]string // of the bot, by server, as far as they were needed
}

// partialServer is a server in the list of those that the bot is in
// (discord.com/developers/docs/resources/user#get-current-user-guilds).
type partialServer struct {
	ID          string `json:"id"`
	Name        string `json:"name"`
	Permissions bits   `json:"permissions"`
}

func (s partialServer) String() string { return fmt.Sprintf("%s (%s)", s.Name, s.ID) }

// get asks for something and reports whether it is there; see [adapters.Examination.Look].
func (x *examination) get(ctx context.Context, path, what string, into any) (ok bool, refusal error) {
	c := call{Method: "GET " + path}
	return x.Look(ctx, what, c, func(ctx context.Context) error {
		return x.client.once(ctx, c, http.MethodGet, path, nil, into)
	})
}

// see does so too, and notes that it cannot be looked at where Discord refuses that.
func (x *examination) see(ctx context.Context, path, what string, into any) (ok bool) {
	ok, refusal := x.get(ctx, path, what, into)
	if refusal != nil {
		x.Unknown("", "%s cannot be looked at: %v", what, cause(refusal))
	}
	return ok
}

// gone reports whether Discord refuses because there is no such thing for the
// bot (discord.com/developers/docs/topics/opcodes-and-status-codes).
func gone(err error) bool {
	var f *failure
	if !errors.As(err, &f) {
		return false
	}
	return f.status == http.StatusForbidden || f.status == http.StatusNotFound || f.status == http.StatusBadRequest
}

// who finds out whose token it is.
func (x *examination) who(ctx context.Context) bool {
	var me struct {
		ID   string `json:"id"`
		Name string `json:"username"`
	}
	const setting = "DISCORD_BOT_TOKEN"
	ok, refusal := x.get(ctx, pathWhoami, setting, &me)
	var f *failure
	switch {
	case ok:
		x.me = me.ID
		x.Well("%s is that of %s (%s)", setting, me.Name, me.ID)
	case errors.As(refusal, &f) && f.status == http.StatusUnauthorized:
		x.Wrong(badToken, "%s is refused (HTTP 401)", setting)
	case refusal != nil:
		x.Unknown("", "%s cannot be looked at: %v", setting, cause(refusal))
	}
	return ok
}

// application is what Discord knows of the app
// (discord.com/developers/docs/resources/application#application-object).
type application struct {
	ID        string `json:"id"`
	Name      string `json:"name"`
	Key       string `json:"verify_key"`
	Endpoint  string `json:"interactions_endpoint_url"`
	Public    *bool  `json:"bot_public"`
	CodeGrant bool   `json:"bot_require_code_grant"`
	Flags     int64  `json:"flags"`
}

// privileged are the flags of an app whose privileged intents are switched on.
var privileged = []struct {
	flags int64
	name  string
}{
	{1<<12 | 1<<13, "Presence Intent"},
	{1<<14 | 1<<15, "Server Members Intent"},
	{1<<18 | 1<<19, "Message Content Intent"},
}

// app looks at the app.
func (x *examination) app(ctx context.Context, publicURL string) {
	x.id = cmp.Or(x.settings.Application, x.me)
	var app application
	if !x.see(ctx, "applications/@me", "the app", &app) {
		return
	}
	if x.settings.Application != "" && x.settings.Application != app.ID {
		x.Wrong("set DISCORD_APPLICATION_ID to "+app.ID+", or to nothing",
			"DISCORD_APPLICATION_ID is %s, and the token's app is %s (%s)", x.settings.Application, app.Name, app.ID)
	}
	x.id = app.ID
	const setKey = "set DISCORD_PUBLIC_KEY to the Public Key on the app's page General Information"
	switch {
	case x.settings.PublicKey == "": // that it is missing is a matter of the settings
	case strings.EqualFold(x.settings.PublicKey, app.Key):
		x.Well("DISCORD_PUBLIC_KEY is the app's")
	case x.settings.HTTP:
		x.Wrong(setKey, "DISCORD_PUBLIC_KEY is not the app's, so every interaction is refused")
	default:
		x.Doubtful(setKey+", or to nothing", "DISCORD_PUBLIC_KEY is not the app's")
	}
	x.endpoint(app.Endpoint, publicURL)
	var on []string
	for _, p := range privileged {
		if app.Flags&p.flags != 0 {
			on = append(on, p.name)
		}
	}
	if len(on) > 0 {
		x.Doubtful("switch off on the app's page Bot what nothing else uses",
			"the app has more than it needs: %s", strings.Join(on, ", "))
	} else {
		x.Well("no privileged intent is switched on, and none is needed")
	}
	if app.CodeGrant {
		x.Doubtful("switch Requires OAuth2 Code Grant off on the app's page Bot",
			"the bot cannot be invited with the address that frontdesk discord invite prints")
	}
	if app.Public != nil && !*app.Public {
		x.Well("only the app's owner can invite the bot (Public Bot is off)")
	}
}

// endpoint compares where Discord sends interactions with where they are taken.
func (x *examination) endpoint(there, publicURL string) {
	here := ""
	if publicURL != "" {
		here = strings.TrimRight(publicURL, "/") + Path
	}
	const page = "Interactions Endpoint URL on the app's page General Information"
	switch {
	case !x.settings.HTTP && there == "":
		x.Well("interactions come by the gateway")
	case !x.settings.HTTP:
		x.Wrong("empty "+page+", or set FRONTDESK_DISCORD_TRANSPORT to http",
			"commands are sent to %s and not to the gateway, so none is answered", there)
	case there == "":
		x.Wrong("enter "+cmp.Or(here, "the public address with "+Path)+" as "+page,
			"no Interactions Endpoint URL is set, so commands do not come over HTTP")
	case here != "" && there != here:
		x.Wrong("enter "+here+" as "+page, "commands are sent to %s", there)
	default:
		x.Well("interactions are sent to %s", there)
	}
}

// fewSessions is the share of the day's sessions, in percent, below which a bot
// that starts over and over may run out of them.
const fewSessions = 10

// gateway looks how many sessions may be begun and how many shards there are to
// be. It begins none.
func (x *examination) gateway(ctx context.Context) {
	var info gateway.Info
	if !x.see(ctx, "gateway/bot", "the gateway", &info) {
		return
	}
	again := (time.Duration(info.Limit.ResetAfter) * time.Millisecond).Round(time.Minute)
	const restarts = "find out why the bot begins so many; each start that cannot resume takes one"
	switch {
	case info.Limit.Remaining == 0:
		x.Wrong(restarts, "Discord allows no new session for %v", again)
	case 100*info.Limit.Remaining < fewSessions*info.Limit.Total:
		x.Doubtful(restarts, "only %d of %d sessions are left for the next %v",
			info.Limit.Remaining, info.Limit.Total, again)
	default:
		x.Well("%d of %d sessions are left for today", info.Limit.Remaining, info.Limit.Total)
	}
	count := x.settings.ShardCount
	if count > 0 && count < info.Shards {
		x.Doubtful("raise FRONTDESK_DISCORD_SHARD_COUNT, or set it to auto",
			"FRONTDESK_DISCORD_SHARD_COUNT is %d, and Discord recommends %d", count, info.Shards)
	}
	count = cmp.Or(count, info.Shards, 1)
	for _, shard := range x.settings.Shards {
		if shard >= count {
			x.Wrong("check FRONTDESK_DISCORD_SHARDS and FRONTDESK_DISCORD_SHARD_COUNT; the first shard is 0",
				"there is no shard %d of %d", shard, count)
		}
	}
}

// mostServers is how many servers Discord lists at once, and how many are
// looked at.
const mostServers = 200

// servers looks at the servers that the bot is in and what it may do there.
func (x *examination) servers(ctx context.Context) {
	if !x.see(ctx, "users/@me/guilds?limit="+strconv.Itoa(mostServers), "the list of servers", &x.in) {
		x.more = true
		return
	}
	x.more = len(x.in) == mostServers
	if len(x.in) == 0 {
		x.Doubtful("open the address that frontdesk discord invite prints, and choose a server",
			"the bot is in no server")
	}
	well := 0
	for _, s := range x.in {
		names, bad := lacking(s.Permissions), x.Wrong
		if x.settings.HTTP { // the answer to an interaction needs none
			bad = x.Doubtful
		}
		if names == "" {
			well++
		} else {
			bad("give them to the bot's role, or open the address that frontdesk discord invite prints",
				"in the server %s the bot lacks %s", s, names)
		}
	}
	if well > 0 {
		where := fmt.Sprintf("%d servers", well)
		if well == 1 {
			where = "one server"
		}
		x.Well("the bot has every permission that it needs in %s", where)
	}
	if x.more {
		x.Unknown("", "the bot is in more than %d servers; only the first were looked at", mostServers)
	}
}

// server finds one that the bot is in.
func (x *examination) server(id string) (partialServer, bool) {
	i := slices.IndexFunc(x.in, func(s partialServer) bool { return s.ID == id })
	if i < 0 {
		return partialServer{}, false
	}
	return x.in[i], true
}

// fewServers are so many that each can be asked about its commands or roles.
const fewServers = 10

// commands compares the commands that Discord has with those of the program.
func (x *examination) commands(ctx context.Context) {
	everywhere, only := "applications/"+x.id+"/commands", x.settings.Server
	inServer := func(id string) string { return "applications/" + x.id + "/guilds/" + id + "/commands" }
	const start = "frontdesk run registers them; start it"
	path := everywhere
	if only != "" {
		path = inServer(only)
	}
	var there []command
	switch ok, refusal := x.get(ctx, path, "the commands", &there); {
	case gone(refusal) && only != "":
		x.Wrong("check FRONTDESK_DISCORD_SERVER, and open the address that frontdesk discord invite prints",
			"the bot may not have commands in the server %s", only)
	case refusal != nil:
		x.Unknown("", "the commands cannot be looked at: %v", cause(refusal))
	case !ok: // has been told of
	case len(there) == 0:
		x.Doubtful(start, "the commands are not registered yet")
	case !same(there, commands()):
		x.Doubtful(start, "the commands that Discord has are not those of this version")
	default:
		x.Well("the commands are registered")
	}
	if only != "" {
		x.stale(ctx, everywhere, "everywhere, besides the server "+only)
		return
	}
	for _, s := range x.in[:min(len(x.in), fewServers)] {
		x.stale(ctx, inServer(s.ID), "in the server "+s.String()+", besides everywhere")
	}
}

// stale notes commands that are left over where they are registered no longer.
func (x *examination) stale(ctx context.Context, path, where string) {
	var there []command
	if ok, _ := x.get(ctx, path, "the commands", &there); !ok || len(there) == 0 {
		return // the bot may not have commands there, so it has none
	}
	x.Doubtful(
		`if they are not another program's, delete them: curl -X PUT -H "Authorization: Bot $DISCORD_BOT_TOKEN" `+
			`-H "Content-Type: application/json" -d "[]" https://discord.com/api/v10/`+path,
		"people may see commands twice: some are registered %s",
		where,
	)
}
