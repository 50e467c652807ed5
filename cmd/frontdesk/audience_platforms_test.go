package main

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"time"

	"frontdesk/adapters/adaptertest"
	"frontdesk/adapters/discord"
	"frontdesk/adapters/slack"
	"frontdesk/bot"
)

// platforms asks in every way that Slack and Discord have, in places and with roles that
// belong to audiences, and checks the output in each place.
func (d *drawing) platforms() {
	ctx, cancel := context.WithCancel(d.Context())
	defer cancel()
	log := slog.New(slog.DiscardHandler)
	sl, err := adaptertest.StartSlack()
	if err != nil {
		d.Fatal(err)
	}
	defer sl.Close()
	di, err := adaptertest.StartDiscord()
	if err != nil {
		d.Fatal(err)
	}
	defer di.Close()
	sl.Guest("U0G")
	sl.Share("C0EXT")
	e, s := bot.AudienceOf("e"), bot.AudienceOf("s")
	ready := make(chan struct{}, 2)
	monitor := bot.Monitor{State: func(s bot.State) {
		if s.Phase == bot.Ready {
			ready <- struct{}{}
		}
	}}
	toSlack := slack.New(slack.Settings{
		BotToken: adaptertest.SlackBotToken, SigningSecret: adaptertest.SlackSecret, APIURL: sl.API(), HTTP: true,
		Features: slack.Features{Command: "/ask"},
		Audiences: slack.Audiences{
			Workspaces: map[string]bot.Audience{"T1": e}, Channels: map[string]bot.Audience{"C0PUB": "", "C0SEC": s},
		},
	}, log, monitor)
	toDiscord, err := discord.New(discord.Settings{
		BotToken: adaptertest.DiscordToken, PublicKey: di.PublicKey(), APIURL: di.API(), HTTP: true,
		Audiences: discord.Audiences{
			Servers:  map[string]bot.Audience{"50": e},
			Channels: map[string]bot.Audience{"1": s, "2": ""},
			Roles:    map[string]bot.Audience{"90": s},
		},
	}, log, monitor)
	if err != nil {
		d.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.Handle(slack.Path, toSlack)
	mux.Handle(discord.Path, toDiscord)
	server := httptest.NewServer(mux)
	defer server.Close()
	desk := &bot.Desk{Base: d.snapshot.For}
	var running sync.WaitGroup
	for _, a := range []bot.Adapter{toSlack, toDiscord} {
		running.Go(func() {
			if err := a.Run(ctx, desk); err != nil {
				d.Error(err)
			}
		})
	}
	<-ready
	<-ready
	expect := map[string]string{} // by trigger, view or interaction: the audiences of who sees the reply
	for range 8 {
		d.askSlack(sl, server.URL+slack.Path, expect)
		d.askDiscord(di, server.URL+discord.Path, expect)
	}
	cancel()
	running.Wait() // all replies are posted
	channels := map[string]string{
		"C0PUB": "", "C0SEC": "s", "C0ANY": "e", "C0GUEST": "", "C0EXT": "", "D0": "e", "D0G": "",
	}
	for _, m := range sl.Messages("") {
		letters, public := channels[m.Channel], m.Only == "" && m.Channel[0] == 'C'
		switch m.Only {
		case "U1":
			letters += "e"
		case "U0G":
			letters = strings.ReplaceAll(letters, "e", "")
		}
		d.look("a message in "+m.Channel+" for "+m.Only, letters, public, m.Text+m.Blocks)
	}
	for _, v := range sl.Views() {
		letters, ok := expect[v.Trigger]
		if !ok {
			letters = expect[v.ID]
		}
		if v.Type == "home" {
			letters = map[string]string{"U1": "e"}[v.User]
		}
		d.look("a view "+v.Method, letters, false, v.Blocks)
	}
	for id, letters := range expect {
		for _, r := range di.Replies(id) {
			public := strings.HasPrefix(id, "8") && !strings.Contains(r.Data, `"flags":64`)
			if public {
				letters = strings.ReplaceAll(letters, "r", "")
			}
			d.look(fmt.Sprintf("a reply of type %d to interaction %s", r.Type, id),
				strings.ReplaceAll(letters, "r", "s"), public, r.Data)
		}
	}
	for _, wrong := range append(sl.Wrong(), di.Wrong()...) {
		d.Errorf("a platform would reject: %s", wrong)
	}
}

// send makes a request and counts it as a case.
func (d *drawing) send(r *http.Request, err error) {
	d.Helper()
	if err != nil {
		d.Fatal(err)
	}
	d.cases++
	status, body := adaptertest.Do(d, r)
	if status != http.StatusOK && status != http.StatusNoContent {
		d.Fatalf("status %d: %s", status, body)
	}
}

// askSlack asks in every way that Slack has.
func (d *drawing) askSlack(fake *adaptertest.Slack, address string, expect map[string]string) {
	id := func() string {
		d.n++
		return fmt.Sprintf("%d.%06d", 1780000000+d.n, d.n)
	}
	event := func(inner, more string) {
		d.send(adaptertest.SlackRequest(address, "events_api", fmt.Sprintf(
			`{"type":"event_callback","team_id":"T1","event_id":"Ev%s"%s,"event":%s}`, id(), more, inner)))
	}
	interaction := func(format string, args ...any) {
		d.send(adaptertest.SlackRequest(address, "interactive", fmt.Sprintf(format, args...)))
	}
	division := func() string { return d.divisions[d.IntN(len(d.divisions))].id }
	quote := func(s string) string { return string(encode(s)) }
	for _, c := range []struct{ channel, user, more string }{
		{"C0PUB", "U1", ""}, {"C0SEC", "U0G", ""}, {"C0ANY", "U1", `,"is_ext_shared_channel":false`},
		{"C0ANY", "U1", ""}, {"C0GUEST", "U0G", ""}, {"C0EXT", "U1", ""},
		{"C0EXT", "U1", `,"is_ext_shared_channel":true`},
	} {
		ts := id()
		said := func(more string) string {
			return fmt.Sprintf(`{"type":"app_mention","user":%q,"text":%s,"ts":%q,"channel":%q%s}`,
				c.user, quote("<@U0BOT> "+d.question()), ts, c.channel, more)
		}
		event(said(""), c.more)
		if d.IntN(2) == 0 {
			event(said(fmt.Sprintf(`,"edited":{"user":%q,"ts":%q}`, c.user, id())), c.more)
		}
		command := string(encode(map[string]string{
			"command": "/ask", "text": d.question(), "user_id": c.user, "channel_id": c.channel, "team_id": "T1",
			"trigger_id": id(), "response_url": fake.Hook(c.channel, c.user, ""),
		}))
		d.send(adaptertest.SlackRequest(address, "slash_commands", command))
		trigger := func() string { // only the user sees the view that it opens
			t := id()
			expect[t] = map[string]string{"U1": "e"}[c.user] + map[string]string{"C0SEC": "s"}[c.channel]
			return t
		}
		press := func(action, value, container string, ephemeral bool) {
			original := ""
			if posted := fake.Messages(c.channel); len(posted) > 0 && !ephemeral {
				for _, m := range posted {
					if m.Only == "" {
						original = m.TS
					}
				}
			}
			interaction(`{"type":"block_actions","trigger_id":%q,"team":{"id":"T1"},"user":{"id":%q},`+
				`"channel":{"id":%q},`+
				`"container":{"message_ts":%q,"channel_id":%q,"is_ephemeral":%t},"response_url":%q,`+
				`"actions":[{"action_id":%q,"block_id":"b","value":%s}]%s}`,
				trigger(), c.user, c.channel, id(), c.channel, ephemeral, fake.Hook(c.channel, c.user, original),
				action, quote(value), container)
		}
		ref := func() string {
			return []string{
				fmt.Sprintf(`{"d":%q}`, division()), fmt.Sprintf(`{"q":%s}`, quote(d.question())),
			}[d.IntN(2)]
		}
		press("choose:0", fmt.Sprintf(`{"d":%q}`, division()), "", false)
		press("choose:1", fmt.Sprintf(`{"d":%q}`, division()), "", true)
		press("meant", "{}", "", false)
		press("share", ref(), "", true)
		press("up", ref(), "", true)
		interaction(`{"type":"message_action","callback_id":"ask_desk","trigger_id":%q,"team":{"id":"T1"},`+
			`"user":{"id":%q},"channel":{"id":%q},`+
			`"message":{"type":"message","user":"U5","ts":%q,"text":%s},"response_url":%q}`,
			trigger(), c.user, c.channel, id(), quote(d.question()), fake.Hook(c.channel, c.user, ""))
		view := trigger()
		interaction(`{"type":"block_actions","trigger_id":%q,"team":{"id":"T1"},"user":{"id":%q},`+
			`"view":{"id":%q,"type":"modal","private_metadata":%q},`+
			`"actions":[{"action_id":"choose:0","block_id":"b","value":%s}]}`,
			id(), c.user, view, c.channel, quote(fmt.Sprintf(`{"d":%q}`, division())))
	}
	for _, direct := range [][2]string{{"U1", "D0"}, {"U0G", "D0G"}} {
		user, channel := direct[0], direct[1]
		event(fmt.Sprintf(`{"type":"app_home_opened","user":%q,"tab":"home","channel":%q}`, user, channel), "")
		event(fmt.Sprintf(`{"type":"message","channel_type":"im","user":%q,"text":%s,"ts":%q,"channel":%q}`,
			user, quote(d.question()), id(), channel), "")
		t := id()
		expect[t] = map[string]string{"U1": "e"}[user]
		interaction(`{"type":"block_actions","trigger_id":%q,"team":{"id":"T1"},"user":{"id":%q},`+
			`"view":{"id":"V1","type":"home"},"actions":[{"action_id":"ask","block_id":"b","value":%s}]}`,
			t, user, quote(d.question()))
	}
}

// askDiscord asks in every way that Discord has over HTTP. An id that begins with 8 is
// that of an interaction whose reply others may see. The letter r stands for what the
// asker's role adds if only the asker sees the reply.
func (d *drawing) askDiscord(fake *adaptertest.Discord, address string, expect map[string]string) {
	send := func(kind int, channel, server, data, more, letters string, shared bool) {
		d.n++
		id := fmt.Sprintf("7%010d", d.n)
		if shared {
			id = "8" + id[1:]
		}
		expect[id] = letters
		place := fmt.Sprintf(`"channel":{"id":%q,"type":0},"guild_id":%q,`+
			`"member":{"user":{"id":"70%d"},"roles":["90","91"]},"app_permissions":"16384"`, channel, server, d.n)
		if channel == "600" {
			place = strings.Replace(place, `"type":0`, `"type":11,"parent_id":"1"`, 1)
		}
		if server == "" {
			place = `"user":{"id":"70"},"app_permissions":"0"`
		}
		body := fmt.Sprintf(`{"id":%q,"application_id":%q,"type":%d,"token":"token-%s","version":1,`+
			`"channel_id":%q,%s,"data":%s%s}`, id, adaptertest.DiscordApp, kind, id, channel, place, data, more)
		fake.Note(id) // so that the stand-in accepts follow-ups
		d.cases++
		r, err := fake.Request(address, time.Now(), body)
		if err != nil {
			d.Fatal(err)
		}
		_, reply := adaptertest.Do(d, r)
		public := shared && !strings.Contains(reply, `"flags":64`)
		letters = strings.ReplaceAll(letters, "r", map[bool]string{true: "", false: "s"}[public])
		d.look(fmt.Sprintf("Discord's answer in %s/%s to %s", server, channel, data), letters, public, reply)
	}
	for _, c := range []struct{ channel, server, letters string }{
		{"1", "50", "sr"}, {"600", "50", "sr"}, {"2", "50", "r"}, {"3", "50", "er"}, {"4", "51", "r"}, {"80", "", ""},
	} {
		quote := func(s string) string { return string(encode(s)) }
		ask := func(more string) string {
			return fmt.Sprintf(`{"id":"1","name":"ask","type":1,"options":[{"name":"question","type":3,"value":%s%s}]}`,
				quote(d.question()), more)
		}
		shared := c.server != ""
		division := d.divisions[d.IntN(len(d.divisions))].id
		send(2, c.channel, c.server, ask(""), "", c.letters, shared)
		send(2, c.channel, c.server, ask(`},{"name":"private","type":5,"value":true`), "", c.letters, false)
		send(4, c.channel, c.server, ask(`,"focused":true`), "", c.letters, false)
		send(2, c.channel, c.server, `{"id":"1","name":"divisions","type":1}`, "", c.letters, false)
		send(2, c.channel, c.server, fmt.Sprintf(`{"id":"1","name":"Ask the desk","type":3,"target_id":"5",`+
			`"resolved":{"messages":{"5":{"id":"5","content":%s}}}}`, quote(d.question())), "", c.letters, false)
		button := func(custom, flags string, shared bool) {
			send(3, c.channel, c.server, fmt.Sprintf(`{"component_type":2,"custom_id":%q}`, custom),
				fmt.Sprintf(`,"message":{"id":"9","channel_id":%q,"flags":%s}`, c.channel, flags), c.letters, shared)
		}
		button("choose0|"+division, "0", shared)
		button("choose0|"+division, "64", false)
		button("page|1", "0", shared)
		button("meant", "0", false)
	}
}
