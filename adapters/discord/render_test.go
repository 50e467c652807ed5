package discord

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"frontdesk/adapters/adaptertest"
	"frontdesk/bot"
	"frontdesk/knowledge/text"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite golden files")

// golden compares a value as JSON with a file. The files are checked against
// Discord's rules as others wrote them, see .ci/discord-rules.
func golden(t *testing.T, name string, v any) {
	t.Helper()
	var b bytes.Buffer
	if err := json.Indent(&b, encode(v), "", "  "); err != nil {
		t.Fatal(err)
	}
	b.WriteByte('\n')
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), b.String()); diff != "" {
		t.Errorf("%s (-want +got; -update rewrites it):\n%s", name, diff)
	}
}

func TestRender(t *testing.T) {
	t.Parallel()
	frames := map[string]frame{"": {}, "-plain": {plain: true}}
	for name, a := range adaptertest.Answers() {
		for kind, f := range frames {
			m := render(a, f)
			for _, wrong := range adaptertest.CheckMessage(encode(m)) {
				t.Errorf("%s%s: %s", name, kind, wrong)
			}
			golden(t, "messages/"+name+kind+".json", m)
		}
	}
	desk := new(adaptertest.Handler)
	for name, a := range adaptertest.Notices() {
		golden(t, "messages/"+name+".json", render(a, frame{}))
	}
	for name, a := range adaptertest.Inbox() {
		if a.Form == nil {
			m := render(a, frame{private: true})
			for _, wrong := range adaptertest.CheckMessage(encode(m)) {
				t.Errorf("%s: %s", name, wrong)
			}
			golden(t, "messages/"+name+".json", m)
			continue
		}
		f, ok := newForm(a.Form)
		if wrong := adaptertest.CheckForm(encode(f)); !ok || len(wrong) > 0 {
			t.Errorf("%s: %v, %v", name, ok, wrong)
		}
		golden(t, "forms/"+name+".json", f)
	}
	golden(t, "messages/declined-tell.json",
		render(adaptertest.Answers()["declined"], frame{tell: "Who waters the plants?", reply: true}))
	golden(t, "messages/page.json", render(adaptertest.Answers()["directory"], frame{page: 5, private: true}))
	golden(
		t,
		"messages/many-asked.json",
		render(adaptertest.Answers()["answered"], frame{private: true, note: bot.SayManyAsked}),
	)
	golden(t, "messages/divisions.json", render(desk.Directory(t.Context(), ""), frame{private: true}))
	golden(t, "commands.json", commands())
	golden(t, "choices.json", offered{choices(desk.Complete(t.Context(), "", "forc", 25))})
}

// TestMarkdown holds that a text keeps its styles, and that nothing else in it
// means anything to Discord.
func TestMarkdown(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text text.Text
		want string
	}{
		{adaptertest.Plain("plain"), "plain"},
		{
			adaptertest.Plain("*a* _b_ ~~c~~ `d` ||e|| <@1> @everyone [f](https://g.example)"),
			"\\*a\\* \\_b\\_ \\~\\~c\\~\\~ \\`d\\` \\|\\|e\\|\\| \\<\\@1\\> \\@everyone \\[f\\](https://g.example)",
		},
		{
			adaptertest.Plain("# head\n- item\n1. one\n> quote\n-# small"),
			"\\# head\n\\- item\n1\\. one\n\\> quote\n\\-# small",
		},
		{text.Text{text.Paragraph{{Text: "a "}, {Text: " bold ", Style: text.Strong}, {Text: "b"}}}, "a  **bold** b"},
		{text.Text{text.Paragraph{{Text: "x_y", Style: text.Code}, {Text: " "}, {Text: "a`b", Style: text.Code}}},
			"`x_y` a\\`b"},
		{text.Text{text.Paragraph{{Text: "both", Style: text.Strong | text.Emphasis}}}, "**_both_**"},
		{text.Text{text.Paragraph{{Text: "the [page]", URL: "https://example.org/a_b?c=d"}}},
			"[the \\[page\\]](<https://example.org/a_b?c=d>)"},
		{text.Text{text.Paragraph{{Text: "mail us", URL: "mailto:a@b.example"}, {Text: ", "},
			{Text: "a@b.example", URL: "mailto:a@b.example"}}}, "mail us (a\\@b.example), a\\@b.example"},
		{text.Text{text.List{Ordered: true, First: 9,
			Items: []text.Text{adaptertest.Plain("nine"),
				{text.Paragraph{{Text: "ten"}}, text.List{Items: []text.Text{adaptertest.Plain("in")}}}}}},
			"9. nine\n10. ten\n    - in"},
		{text.Text{text.CodeBlock("a *b*\n  c")}, "```\na *b*\n  c\n```"},
		{text.Text{text.CodeBlock("a\n```\n@everyone")}, "a\n\\`\\`\\`\n\\@everyone"},
		{text.Text{text.Quote(adaptertest.Plain("said")), text.Paragraph{{Text: "one"}}, text.Paragraph{{Text: "two"}}},
			"> said\n\none\n\ntwo"},
	} {
		if got := markdown(c.text); got != c.want {
			t.Errorf("%v is written\n%s\nnot\n%s", c.text, got, c.want)
		}
	}
}

// FuzzRender holds that whatever an answer says, Discord takes the message and
// nobody is called.
func FuzzRender(f *testing.F) {
	f.Add("@everyone *bold* <@1>", "https://example.org/", 3)
	f.Add("国```", "javascript:alert(1)", 40)
	f.Add("\x00\xff", "http://", 0)
	f.Fuzz(func(t *testing.T, s, address string, n int) {
		n = min(max(n, 0), 60)
		s = s[:min(len(s), 300)] // long enough with its repeats to be cut everywhere
		long := strings.Repeat(s, n)
		body := text.Text{text.Paragraph{{Text: s, Style: text.Style(n)}, {Text: long}},
			text.List{Ordered: n%2 == 0, First: n, Items: []text.Text{adaptertest.Plain(s), adaptertest.Plain(long)}},
			text.CodeBlock(s), text.Quote(adaptertest.Plain(long))}
		var offers []bot.Offer
		for range n {
			offers = append(offers, bot.Offer{Division: s, Title: s, Text: body})
		}
		a := bot.Answer{
			Outcome: bot.Answered, Division: s, Urgent: body, Title: long,
			Evidence: &bot.Evidence{Title: s, Text: body}, Body: body,
			Examples: []string{
				s,
				long,
			}, Facts: []bot.Fact{{Label: s, Text: address}, {Label: long, Text: long}}, Offers: offers,
			SeeAlso: offers, Links: []bot.Link{{Title: s, URL: address}}, Welcome: n%3 == 0,
			Source: bot.Source{Title: s, URL: address, Seen: s},
		}
		for i := range n {
			a.Actions = append(a.Actions, bot.Action{Label: s, Value: s[:min(len(s), i)]})
		}
		declined := bot.Answer{Outcome: bot.Declined, Body: body}
		for _, f := range []frame{{tell: s}, {tell: long, reply: true}, {tell: s, plain: true}} {
			for _, wrong := range adaptertest.CheckMessage(encode(render(declined, f))) {
				t.Error(wrong)
			}
		}
		if made, ok := newForm(&bot.Form{Title: long, Action: "a", Fields: []bot.Field{
			{ID: s, Label: s, Value: long, Tip: s, Most: n},
			{ID: "menu", Label: long, Value: s, Choices: []bot.Choice{{ID: s, Title: long}, {ID: long, Title: s}}},
		}}); ok {
			for _, wrong := range adaptertest.CheckForm(encode(made)) {
				t.Error(wrong)
			}
		}
		for _, fr := range []frame{{}, {plain: true}, {private: true, page: n, note: long}} {
			for _, wrong := range adaptertest.CheckMessage(encode(render(a, fr))) {
				t.Error(wrong)
			}
		}
		for _, c := range choices([]bot.Choice{{ID: s, Title: long}, {ID: long, Title: s}}) {
			if text.Length(c.Name) > maxChoice || text.Length(c.Value) > maxChoice || c.Name == "" {
				t.Errorf("%q", c)
			}
		}
	})
}

// FuzzWords holds that plain words mean nothing to Discord but themselves: each
// character that could is behind a backslash, and without the backslashes they
// are what they were.
func FuzzWords(f *testing.F) {
	f.Add("@everyone *bold* <@1> `code` ||spoiler|| [a](https://b.c)")
	f.Add("# head\n- item\n1. one\n> quote\n-# small")
	f.Add(`back\slash \* https://a.b/c_d_e_f~g~~ xhttps://_a_`)
	f.Fuzz(func(t *testing.T, s string) {
		out := words(s)
		if m := lineStart.FindString(out); m != "" {
			t.Errorf("%q begins a line of %q", m, out)
		}
		// Discord makes links of addresses before it looks for marks.
		addresses := address.FindAllString(s, -1)
		var back strings.Builder
		for i := 0; i < len(out); i++ {
			switch {
			case out[i] == '\\' && i+1 < len(out) && strings.IndexByte("\\*_~`|[]<>@#-+.", out[i+1]) >= 0:
				i++
				back.WriteByte(out[i])
			case len(addresses) > 0 && strings.HasPrefix(out[i:], addresses[0]) && address.FindString(" "+back.String()[max(0, back.Len()-1):]+out[i:]) == addresses[0]:
				back.WriteString(addresses[0])
				i += len(addresses[0]) - 1
				addresses = addresses[1:]
			case strings.IndexByte("\\*_~`|[]<>@", out[i]) >= 0:
				t.Fatalf("%q at %d of %q has its meaning", out[i], i, out)
			default:
				back.WriteByte(out[i])
			}
		}
		if back.String() != s {
			t.Errorf("%q becomes %q, which says %q", s, out, back.String())
		}
	})
}
