package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"frontdesk/adapters/adaptertest"
	"frontdesk/adapters/console"
	"frontdesk/adapters/discord"
	"frontdesk/adapters/slack"
	"frontdesk/bot"
	"frontdesk/knowledge"
)

// How many cases TestAudiences draws: .ci/run asks for a hundred thousand.
var (
	audienceCases = flag.Int("audience-cases", 1500, "how many cases TestAudiences draws")
	audienceSeed  = flag.Uint64("audience-seed", 0, "with what TestAudiences draws; 0 for the time")
)

// TestAudiences draws knowledge files in which every text says who may see it,
// asks for what is in them in every way that Slack, Discord and the terminal
// have, and looks at all that comes out. It also holds each view to that of a file
// in which the rest was never written, and the public's to one without marks.
func TestAudiences(t *testing.T) {
	t.Parallel()
	seed := *audienceSeed
	if seed == 0 {
		seed = uint64(time.Now().UnixNano())
	}
	// Not by t.Log, which keeps it from those whose run hangs or panics.
	fmt.Fprintf(os.Stderr, "TestAudiences draws with -audience-seed %d\n", seed)
	cases, texts := 0, 0
	var last *drawing
	for n := uint64(0); cases < *audienceCases && !t.Failed(); n++ {
		d := &drawing{T: t, Rand: rand.New(rand.NewPCG(seed, n))}
		d.draw()
		d.views()
		d.compared(last)
		last = d
		d.platforms()
		cases += d.cases
		texts += d.texts
	}
	if texts < cases/4 {
		t.Errorf("only %d marked texts came out of %d cases", texts, cases)
	}
	t.Logf("%d cases, %d marked texts came out", cases, texts)
}

// drawing is one drawn file and what comes out of it.
type drawing struct {
	*testing.T
	*rand.Rand
	divisions []drawnDivision
	declines  []drawnItem
	apart     []drawnApart
	synonyms  [][]drawnSynonym
	subjects  []string // what can be asked for, seen or not

	snapshot *knowledge.Snapshot
	texts    int // marked texts that came out
	cases    int
	n        int
}

type drawnDivision struct {
	id, marks, name, summary string
	private                  bool
	handles, programs        []drawnItem
	facts                    []drawnItem
	contact                  drawnItem
	notFor                   []drawnItem
	seeAlso                  []int
}

type drawnItem struct {
	marks, title, text string
	question, code     string
	see                int // of a near miss, or -1
}

// drawnSynonym is a word and the marks of where it stands.
type drawnSynonym struct{ word, marks, within string }

type drawnApart struct {
	a, b int
	say  string
}

var drawnWords = strings.Fields("radiator boiler leave newborn travel badge invoice budget lawyer contract visa passport laptop printer parking lunch training safety fraud audit press logo drone border ship grain honey glass")

// mark draws who may see something: letters of audiences, none for everyone.
func (d *drawing) mark() string {
	return []string{"", "", "", "e", "s", "es"}[d.IntN(6)]
}

// text is a word that says who may see it: whoever has a letter of each part;
// and, where it begins with qqv, nobody but the asker.
func (d *drawing) text(private bool, div, item string) string {
	d.n++
	kind := "n"
	if private {
		kind = "v"
	}
	return fmt.Sprintf("qq%s%sx%sx%dqq", kind, div, item, d.n)
}

var drawnText = regexp.MustCompile(`qq([vn])([es]*)x([es]*)x\d+qq`)

func mayRead(marks, letters string) bool { return marks == "" || strings.ContainsAny(marks, letters) }

func (d *drawing) word() string { return drawnWords[d.IntN(len(drawnWords))] }

// draw makes a file.
func (d *drawing) draw() {
	var codes []drawnSynonym // words of one item each
	for i := range 3 + d.IntN(4) {
		div := drawnDivision{id: fmt.Sprintf("d%d", i), marks: d.mark(), private: d.IntN(4) == 0}
		// The name of a private entry may be read in lists; what it says may not.
		div.name = d.word() + " " + d.text(false, div.marks, "")
		div.summary = "Deals with " + d.word() + " " + d.text(div.private, div.marks, "")
		item := func() drawnItem {
			m := d.mark()
			title := d.word() + " " + d.word() + " " + d.text(div.private, div.marks, m)
			d.subjects = append(d.subjects, title)
			question := "who runs " + d.word() + " " + d.text(div.private, div.marks, m)
			code := fmt.Sprintf("nightfall%d", d.n)
			d.subjects = append(d.subjects, question, code)
			codes = append(codes, drawnSynonym{code, div.marks, m})
			return drawnItem{marks: m, title: title, text: "All about " + d.text(div.private, div.marks, m), question: question, code: code, see: -1}
		}
		for range d.IntN(4) {
			div.handles = append(div.handles, item())
		}
		for range d.IntN(3) {
			div.programs = append(div.programs, item())
		}
		for _, label := range []string{"lead", "location", "budget"} {
			if d.IntN(2) == 0 {
				m := d.mark()
				div.facts = append(div.facts, drawnItem{marks: m, title: label, text: d.text(div.private, div.marks, m)})
			}
		}
		if d.IntN(2) == 0 {
			m := d.mark()
			div.contact = drawnItem{marks: m, text: "#" + d.text(div.private, div.marks, m)}
		}
		d.subjects = append(d.subjects, div.name)
		d.divisions = append(d.divisions, div)
	}
	for i := range d.divisions {
		div := &d.divisions[i]
		for range d.IntN(3) {
			see := d.IntN(len(d.divisions)+1) - 1
			n := drawnItem{see: see, marks: d.mark()}
			hidden := n.marks // without a word of its own it goes with what it points to
			if d.IntN(2) == 0 || see < 0 {
				n.text = "Ask " + d.text(false, div.marks, n.marks)
			} else if n.marks == "" {
				hidden = d.divisions[see].marks
			}
			n.title = d.word() + " " + d.word() + " " + d.text(false, div.marks, hidden)
			d.subjects = append(d.subjects, n.title)
			div.notFor = append(div.notFor, n)
		}
		for range d.IntN(3) {
			if see := d.IntN(len(d.divisions)); see != i {
				div.seeAlso = append(div.seeAlso, see)
			}
		}
		if j := d.IntN(len(d.divisions)); j != i {
			d.apart = append(d.apart, drawnApart{i, j, "Apart " + d.text(d.divisions[i].private || d.divisions[j].private, div.marks, d.divisions[j].marks)})
		}
	}
	for i := range d.IntN(4) {
		group := []drawnSynonym{{word: fmt.Sprintf("sundown%d", i)}} // stands nowhere else
		d.subjects = append(d.subjects, group[0].word)
		for range min(len(codes), 1+d.IntN(2)) {
			k := d.IntN(len(codes))
			group = append(group, codes[k])
			codes = slices.Delete(codes, k, k+1)
		}
		d.Shuffle(len(group), func(i, j int) { group[i], group[j] = group[j], group[i] })
		d.synonyms = append(d.synonyms, group)
	}
	for range d.IntN(3) {
		m := d.mark()
		topic := d.word() + " " + d.text(false, m, "")
		d.subjects = append(d.subjects, topic)
		d.declines = append(d.declines, drawnItem{marks: m, title: topic, text: "Elsewhere " + d.text(false, m, "")})
	}
	d.snapshot = d.read(d.input(everything, true))
}

func (d *drawing) read(inputs []knowledge.Input) *knowledge.Snapshot {
	e, problems := knowledge.NewSnapshot(inputs, knowledge.Fast)
	if err := problems.Err(); err != nil {
		d.Fatalf("%v\n%s", err, inputs[0].Data)
	}
	return e
}

// everything is who may read all of a drawn file.
const everything = "all"

// input writes the file, or what some readers may see of it, with marks or without.
func (d *drawing) input(letters string, marked bool) []knowledge.Input {
	see := func(marks string) bool { return letters == everything || mayRead(marks, letters) }
	var b strings.Builder
	b.WriteString("version: 1\norganization: {name: Acme}\ndivisions:\n")
	marks := func(indent, m string) {
		if marked && m != "" {
			fmt.Fprintf(&b, "%saudience: [%s]\n", indent, strings.Join(strings.Split(m, ""), ", "))
		}
	}
	for _, div := range d.divisions {
		if !see(div.marks) {
			continue
		}
		fmt.Fprintf(&b, "  - id: %s\n    name: %s\n    summary: %s\n    private: %t\n", div.id, div.name, div.summary, div.private)
		marks("    ", div.marks)
		b.WriteString("    handles:\n")
		for _, h := range div.handles {
			if see(h.marks) {
				fmt.Fprintf(&b, "      - topic: %s\n        text: %s\n        keywords: [%s]\n        questions: [%s]\n", h.title, h.text, h.code, h.question)
				marks("        ", h.marks)
			}
		}
		b.WriteString("    programs:\n")
		for _, p := range div.programs {
			if see(p.marks) {
				fmt.Fprintf(&b, "      - name: %s\n        text: %s\n        keywords: [%s]\n        questions: [%s]\n", p.title, p.text, p.code, p.question)
				marks("        ", p.marks)
			}
		}
		b.WriteString("    facts:\n")
		for _, f := range div.facts {
			if see(f.marks) {
				fmt.Fprintf(&b, "      %s:\n        text: %s\n", f.title, f.text)
				marks("        ", f.marks)
			}
		}
		if c := div.contact; c.text != "" && see(c.marks) {
			fmt.Fprintf(&b, "    contact:\n      slack: %q\n", c.text)
			marks("      ", c.marks)
		}
		b.WriteString("    not_for:\n")
		for _, n := range div.notFor {
			known := n.see >= 0 && see(d.divisions[n.see].marks)
			if !see(n.marks) || n.see >= 0 && !known && n.text == "" {
				continue
			}
			fmt.Fprintf(&b, "      - text: %s\n", n.title)
			marks("        ", n.marks)
			if known {
				fmt.Fprintf(&b, "        see: %s\n", d.divisions[n.see].id)
			}
			if n.text != "" {
				fmt.Fprintf(&b, "        say: %s\n", n.text)
			}
		}
		b.WriteString("    see_also:\n")
		for _, i := range div.seeAlso {
			if see(d.divisions[i].marks) {
				fmt.Fprintf(&b, "      - %s\n", d.divisions[i].id)
			}
		}
		fmt.Fprintf(&b, "    questions:\n      - \"What does %s do?\"\n", div.name)
	}
	b.WriteString("tell_apart:\n")
	for _, a := range d.apart {
		if see(d.divisions[a.a].marks) && see(d.divisions[a.b].marks) {
			fmt.Fprintf(&b, "  - between: [%s, %s]\n    say: %s\n", d.divisions[a.a].id, d.divisions[a.b].id, a.say)
		}
	}
	b.WriteString("synonyms:\n")
	for _, group := range d.synonyms {
		var words []string
		for _, s := range group {
			if see(s.marks) && see(s.within) {
				words = append(words, s.word)
			}
		}
		fmt.Fprintf(&b, "  - [%s]\n", strings.Join(words, ", "))
	}
	b.WriteString("declines:\n")
	for i, decline := range d.declines {
		if see(decline.marks) {
			fmt.Fprintf(&b, "  - id: t%d\n    topic: %s\n    answer: %s\n", i, decline.title, decline.text)
			marks("    ", decline.marks)
		}
	}
	return []knowledge.Input{{Name: "drawn.yaml", Data: []byte(b.String())}}
}

// question draws something to ask.
func (d *drawing) question() string {
	// All but the end of a marked text: what comes out must not be the asker's own
	// words.
	s := strings.ReplaceAll(d.subjects[d.IntN(len(d.subjects))]+" ", "qq ", "")
	switch d.IntN(8) {
	case 0:
		return "who leads " + s + "?"
	case 1:
		return "how do I reach " + s + "?"
	case 2:
		return "where is " + s + "?"
	case 3:
		return []string{"how many divisions are there?", "hello", "which divisions are there?", "help"}[d.IntN(4)]
	case 4:
		return "who handles " + d.word() + " and " + d.word() + "?"
	case 5:
		return s[strings.LastIndexByte(s, ' ')+1:]
	}
	return "who handles " + s + "?"
}

// look finds the marked texts in what some readers got.
func (d *drawing) look(what, letters string, public bool, text string) {
	d.Helper()
	for _, m := range drawnText.FindAllStringSubmatch(text, -1) {
		d.texts++
		if !mayRead(m[2], letters) || !mayRead(m[3], letters) {
			d.Errorf("%s, read by %q, has %s:\n%s", what, letters, m[0], text)
		}
		if m[1] == "v" && public {
			d.Errorf("%s has %s, which is private:\n%s", what, m[0], text)
		}
	}
}

// views asks the desk itself, and desks whose file has nothing else.
func (d *drawing) views() {
	for _, letters := range []string{"", "e", "s", "es"} {
		readers := bot.AudienceOf(strings.Split(letters, "")...)
		desk := &bot.Desk{Base: d.snapshot.For}
		var without []*bot.Desk
		if strings.Contains(string(d.input(letters, false)[0].Data), "- id: d") { // else there is no such file
			e := d.read(d.input(letters, true))
			without = append(without, &bot.Desk{Base: e.For})
			if letters == "" {
				base, problems := knowledge.Load(d.input(letters, false))
				if problems.Err() != nil {
					d.Fatal(problems)
				}
				without = append(without, &bot.Desk{Base: func(bot.Audience) *knowledge.Base { return base }})
			}
		}
		same := func(what string, ask func(*bot.Desk) any) {
			d.cases++
			text := string(encode(ask(desk)))
			d.look(what, letters, false, text)
			for _, w := range without {
				if want := string(encode(ask(w))); text != want {
					d.Errorf("%s, read by %q, differs from what it is without the rest:\n%s\n%s", what, letters, text, want)
				}
			}
		}
		ctx := d.Context()
		same("the directory", func(k *bot.Desk) any { return k.Directory(ctx, readers) })
		for range 6 {
			q := d.question()
			same("the answer to "+q, func(k *bot.Desk) any { return k.Answer(ctx, bot.Question{Readers: readers, Text: q}) })
			same("the completion of "+q, func(k *bot.Desk) any { return k.Complete(ctx, readers, q, 25) })
			a := desk.Answer(ctx, bot.Question{Readers: readers, Text: q})
			d.look("the terminal", letters, false, console.Render(a, console.Style{}))
			var why strings.Builder
			explainTo(&why, d.snapshot.For(readers), a.Match)
			d.look("why", letters, false, why.String()+string(encode(answerJSON(d.snapshot.For(readers), a))))
		}
		id := d.divisions[d.IntN(len(d.divisions))].id
		// as somebody else's button has it
		if all := d.snapshot.For(bot.AudienceOf("e", "s")).Complete(d.word(), 25); len(all) > 0 {
			other := all[d.IntN(len(all))].ID
			same("the choice of "+other, func(k *bot.Desk) any { return k.Answer(ctx, bot.Question{Readers: readers, Choice: other}) })
		}
		same("the choice of "+id, func(k *bot.Desk) any { return k.Answer(ctx, bot.Question{Readers: readers, Choice: id}) })
	}
}

// compared looks at what compare tells of a change from another file to this one.
func (d *drawing) compared(last *drawing) {
	if last == nil {
		return
	}
	for _, letters := range []string{"", "e", "s", "es"} {
		c := compareFor(d.Context(), last.snapshot, d.snapshot, bot.AudienceOf(strings.Split(letters, "")...), nil)
		d.look("compare", letters, false, c.text()+string(encode(c)))
		d.cases++
	}
}

func encode(v any) []byte {
	data, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return data
}

// platforms drives Slack and Discord, whose workspace T1 and whose channels and
// roles belong to audiences, in every way there is to ask, and looks at what
// each place got.
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
		BotToken: adaptertest.SlackBotToken, SigningSecret: adaptertest.SlackSecret, APIURL: sl.API(), HTTP: true, Features: slack.Features{Command: "/ask"},
		Audiences: slack.Audiences{Workspaces: map[string]bot.Audience{"T1": e}, Channels: map[string]bot.Audience{"C0PUB": "", "C0SEC": s}},
	}, log, monitor)
	toDiscord, err := discord.New(discord.Settings{
		BotToken: adaptertest.DiscordToken, PublicKey: di.PublicKey(), APIURL: di.API(), HTTP: true,
		Audiences: discord.Audiences{
			Servers: map[string]bot.Audience{"50": e}, Channels: map[string]bot.Audience{"1": s, "2": ""}, Roles: map[string]bot.Audience{"90": s},
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
	expect := map[string]string{} // by trigger, view or interaction: who reads what it gets
	for range 8 {
		d.askSlack(sl, server.URL+slack.Path, expect)
		d.askDiscord(di, server.URL+discord.Path, expect)
	}
	cancel()
	running.Wait() // all replies are there
	channels := map[string]string{"C0PUB": "", "C0SEC": "s", "C0ANY": "e", "C0GUEST": "", "C0EXT": "", "D0": "e", "D0G": ""}
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
			d.look(fmt.Sprintf("a reply of type %d to interaction %s", r.Type, id), strings.ReplaceAll(letters, "r", "s"), public, r.Data)
		}
	}
	for _, wrong := range append(sl.Wrong(), di.Wrong()...) {
		d.Errorf("a platform would refuse: %s", wrong)
	}
}

// send makes a request and counts it as a case.
func (d *drawing) send(r *http.Request, err error) {
	d.Helper()
	if err != nil {
		d.Fatal(err)
	}
	d.cases++
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		d.Fatal(err)
	}
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		d.Fatal(err)
	}
	_ = resp.Body.Close()
	if resp.StatusCode != http.StatusOK && resp.StatusCode != http.StatusNoContent {
		d.Fatalf("status %d: %s", resp.StatusCode, body)
	}
}

// askSlack asks in every way that Slack has.
func (d *drawing) askSlack(fake *adaptertest.Slack, address string, expect map[string]string) {
	id := func() string {
		d.n++
		return fmt.Sprintf("%d.%06d", 1780000000+d.n, d.n)
	}
	event := func(inner, more string) {
		d.send(adaptertest.SlackRequest(address, "events_api", fmt.Sprintf(`{"type":"event_callback","team_id":"T1","event_id":"Ev%s"%s,"event":%s}`, id(), more, inner)))
	}
	interaction := func(payload string) { d.send(adaptertest.SlackRequest(address, "interactive", payload)) }
	division := func() string { return d.divisions[d.IntN(len(d.divisions))].id }
	quote := func(s string) string { return string(encode(s)) }
	for _, c := range []struct{ channel, user, more string }{
		{"C0PUB", "U1", ""}, {"C0SEC", "U0G", ""}, {"C0ANY", "U1", `,"is_ext_shared_channel":false`}, {"C0ANY", "U1", ""}, {"C0GUEST", "U0G", ""},
		{"C0EXT", "U1", ""}, {"C0EXT", "U1", `,"is_ext_shared_channel":true`},
	} {
		ts := id()
		said := func(more string) string {
			return fmt.Sprintf(`{"type":"app_mention","user":%q,"text":%s,"ts":%q,"channel":%q%s}`, c.user, quote("<@U0BOT> "+d.question()), ts, c.channel, more)
		}
		event(said(""), c.more)
		if d.IntN(2) == 0 {
			event(said(fmt.Sprintf(`,"edited":{"user":%q,"ts":%q}`, c.user, id())), c.more)
		}
		command := string(encode(map[string]string{
			"command": "/ask", "text": d.question(), "user_id": c.user, "channel_id": c.channel, "team_id": "T1", "trigger_id": id(), "response_url": fake.Hook(c.channel, c.user, ""),
		}))
		d.send(adaptertest.SlackRequest(address, "slash_commands", command))
		trigger := func() string { // what opens is seen by the user alone
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
			interaction(fmt.Sprintf(`{"type":"block_actions","trigger_id":%q,"team":{"id":"T1"},"user":{"id":%q},"channel":{"id":%q},"container":{"message_ts":%q,"channel_id":%q,"is_ephemeral":%t},"response_url":%q,"actions":[{"action_id":%q,"block_id":"b","value":%s}]%s}`,
				trigger(), c.user, c.channel, id(), c.channel, ephemeral, fake.Hook(c.channel, c.user, original), action, quote(value), container))
		}
		ref := func() string {
			return []string{fmt.Sprintf(`{"d":%q}`, division()), fmt.Sprintf(`{"q":%s}`, quote(d.question()))}[d.IntN(2)]
		}
		press("choose:0", fmt.Sprintf(`{"d":%q}`, division()), "", false)
		press("choose:1", fmt.Sprintf(`{"d":%q}`, division()), "", true)
		press("meant", "{}", "", false)
		press("share", ref(), "", true)
		press("up", ref(), "", true)
		interaction(fmt.Sprintf(`{"type":"message_action","callback_id":"ask_desk","trigger_id":%q,"team":{"id":"T1"},"user":{"id":%q},"channel":{"id":%q},"message":{"type":"message","user":"U5","ts":%q,"text":%s},"response_url":%q}`,
			trigger(), c.user, c.channel, id(), quote(d.question()), fake.Hook(c.channel, c.user, "")))
		view := trigger()
		interaction(fmt.Sprintf(`{"type":"block_actions","trigger_id":%q,"team":{"id":"T1"},"user":{"id":%q},"view":{"id":%q,"type":"modal","private_metadata":%q},"actions":[{"action_id":"choose:0","block_id":"b","value":%s}]}`,
			id(), c.user, view, c.channel, quote(fmt.Sprintf(`{"d":%q}`, division()))))
	}
	for _, direct := range [][2]string{{"U1", "D0"}, {"U0G", "D0G"}} {
		user, channel := direct[0], direct[1]
		event(fmt.Sprintf(`{"type":"app_home_opened","user":%q,"tab":"home","channel":%q}`, user, channel), "")
		event(fmt.Sprintf(`{"type":"message","channel_type":"im","user":%q,"text":%s,"ts":%q,"channel":%q}`, user, quote(d.question()), id(), channel), "")
		t := id()
		expect[t] = map[string]string{"U1": "e"}[user]
		interaction(fmt.Sprintf(`{"type":"block_actions","trigger_id":%q,"team":{"id":"T1"},"user":{"id":%q},"view":{"id":"V1","type":"home"},"actions":[{"action_id":"ask","block_id":"b","value":%s}]}`,
			t, user, quote(d.question())))
	}
}

// askDiscord asks in every way that Discord has over HTTP. Ids that begin with 8
// are those of interactions that others may see the reply to; r stands for what
// the asker's role adds, where they alone see it.
func (d *drawing) askDiscord(fake *adaptertest.Discord, address string, expect map[string]string) {
	send := func(kind int, channel, server, data, more, letters string, shared bool) {
		d.n++
		id := fmt.Sprintf("7%010d", d.n)
		if shared {
			id = "8" + id[1:]
		}
		expect[id] = letters
		place := fmt.Sprintf(`"channel":{"id":%q,"type":0},"guild_id":%q,"member":{"user":{"id":"70%d"},"roles":["90","91"]},"app_permissions":"16384"`, channel, server, d.n)
		if channel == "600" {
			place = strings.Replace(place, `"type":0`, `"type":11,"parent_id":"1"`, 1)
		}
		if server == "" {
			place = `"user":{"id":"70"},"app_permissions":"0"`
		}
		body := fmt.Sprintf(`{"id":%q,"application_id":%q,"type":%d,"token":"token-%s","version":1,"channel_id":%q,%s,"data":%s%s}`,
			id, adaptertest.DiscordApp, kind, id, channel, place, data, more)
		fake.Note(id) // that it is known, for what follows
		d.cases++
		r, err := fake.Request(address, time.Now(), body)
		if err != nil {
			d.Fatal(err)
		}
		resp, err := http.DefaultClient.Do(r)
		if err != nil {
			d.Fatal(err)
		}
		data2, err := io.ReadAll(resp.Body)
		if err != nil {
			d.Fatal(err)
		}
		_ = resp.Body.Close()
		public := shared && !strings.Contains(string(data2), `"flags":64`)
		letters = strings.ReplaceAll(letters, "r", map[bool]string{true: "", false: "s"}[public])
		d.look(fmt.Sprintf("Discord's answer in %s/%s to %s", server, channel, data), letters, public, string(data2))
	}
	for _, c := range []struct{ channel, server, letters string }{
		{"1", "50", "sr"}, {"600", "50", "sr"}, {"2", "50", "r"}, {"3", "50", "er"}, {"4", "51", "r"}, {"80", "", ""},
	} {
		quote := func(s string) string { return string(encode(s)) }
		ask := func(more string) string {
			return fmt.Sprintf(`{"id":"1","name":"ask","type":1,"options":[{"name":"question","type":3,"value":%s%s}]}`, quote(d.question()), more)
		}
		shared := c.server != ""
		division := d.divisions[d.IntN(len(d.divisions))].id
		send(2, c.channel, c.server, ask(""), "", c.letters, shared)
		send(2, c.channel, c.server, ask(`},{"name":"private","type":5,"value":true`), "", c.letters, false)
		send(4, c.channel, c.server, ask(`,"focused":true`), "", c.letters, false)
		send(2, c.channel, c.server, `{"id":"1","name":"divisions","type":1}`, "", c.letters, false)
		send(2, c.channel, c.server, fmt.Sprintf(`{"id":"1","name":"Ask the desk","type":3,"target_id":"5","resolved":{"messages":{"5":{"id":"5","content":%s}}}}`, quote(d.question())), "", c.letters, false)
		button := func(custom, flags string, shared bool) {
			send(3, c.channel, c.server, fmt.Sprintf(`{"component_type":2,"custom_id":%q}`, custom), fmt.Sprintf(`,"message":{"id":"9","channel_id":%q,"flags":%s}`, c.channel, flags), c.letters, shared)
		}
		button("choose0|"+division, "0", shared)
		button("choose0|"+division, "64", false)
		button("page|1", "0", shared)
		button("meant", "0", false)
	}
}
