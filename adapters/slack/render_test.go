package slack

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
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

// golden compares a value as JSON with a file. The files below
// testdata/messages and testdata/views are checked against Slack's own types
// as well, see .ci/slack-types.
func golden(t *testing.T, name string, v any) {
	t.Helper()
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(v); err != nil {
		t.Fatal(err)
	}
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

// legal checks that Slack would accept a message.
func legal(t *testing.T, name string, m message) {
	t.Helper()
	data, err := json.Marshal(m.Blocks)
	if err != nil {
		t.Fatal(err)
	}
	for _, wrong := range append(adaptertest.CheckBlocks(data, maxBlocks), adaptertest.CheckMarkup(m.Text)...) {
		t.Errorf("%s: %s", name, wrong)
	}
	if len(data) > maxBlocksBytes {
		t.Errorf("%s: %d bytes of blocks", name, len(data))
	}
	if n := text.Length(m.Text); n == 0 || n > 2*maxNotification { // escaping makes a text longer
		t.Errorf("%s: a notification of %d characters", name, n)
	}
}

func TestRender(t *testing.T) {
	t.Parallel()
	about := ref{Question: "who handles <this> & \"that\"?", Thread: "1790000000.000100"}
	for name, a := range adaptertest.Answers() {
		m := render(a, frame{ref: about})
		legal(t, name, m)
		golden(t, "messages/"+name+".json", m)
		modal := modalView("", render(a, frame{ref: about, modal: true}).Blocks)
		golden(t, "views/"+name+".json", modal)
	}
	private := adaptertest.Answers()["answered"]
	golden(t, "messages/private.json", render(private, frame{ref: ref{Question: "q"}, private: true}))
	golden(t, "messages/private-thread.json", render(private, frame{ref: about, private: true}))
	golden(t, "messages/shared.json", render(private, frame{ref: about, asker: "U123"}))
	golden(t, "messages/meant.json",
		render(bot.Meant(new(adaptertest.Handler).Directory(t.Context(), "")), frame{private: true}))
	for name, a := range adaptertest.Notices() {
		legal(t, name, render(a, frame{}))
		golden(t, "messages/"+name+".json", render(a, frame{}))
	}
	for name, a := range adaptertest.Inbox() {
		if a.Form == nil {
			m := render(a, frame{private: true})
			legal(t, name, m)
			golden(t, "messages/"+name+".json", m)
			continue
		}
		v := formView(*a.Form, formPlace{"C1", "https://hooks.slack.com/actions/T1/1/a", true})
		data, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		for _, wrong := range adaptertest.CheckView(data) {
			t.Errorf("%s: %s", name, wrong)
		}
		golden(t, "views/"+name+".json", v)
	}
	golden(t, "messages/declined-tell.json", render(adaptertest.Answers()["declined"], frame{ref: about, tell: true}))
	golden(t, "messages/note.json", render(bot.Note(bot.SayThanks), frame{}))
	golden(t, "views/voted.json", modalView("", render(private, frame{ref: about, modal: true, voted: true}).Blocks))
}

func TestHome(t *testing.T) {
	t.Parallel()
	directory := new(adaptertest.Handler).Directory(t.Context(), "")
	for name, offers := range map[string][]bot.Offer{
		"home": directory.Offers, "home-many": adaptertest.Answers()["directory"].Offers, "home-empty": nil,
	} {
		directory.Offers = offers
		blocks := homeBlocks(directory)
		data, err := json.Marshal(blocks)
		if err != nil {
			t.Fatal(err)
		}
		for _, wrong := range adaptertest.CheckBlocks(data, maxViewBlocks) {
			t.Errorf("%s: %s", name, wrong)
		}
		golden(t, "views/"+name+".json", homeView(blocks))
	}
	// More than a view can hold: every block is full, and a note names the rest.
	for i := range 20_000 {
		directory.Offers = append(directory.Offers,
			bot.Offer{Division: fmt.Sprintf("division-%d", i), Title: strings.Repeat("国", 200)})
	}
	if n := size(homeBlocks(directory)); n > maxViewBytes {
		t.Errorf("a view of %d bytes", n)
	}
}

// TestValue checks that the value of a button fits and is decoded to the same ref.
func TestValue(t *testing.T) {
	t.Parallel()
	for _, r := range []ref{
		{}, {Question: "who?", Division: "a", Thread: "1.2"}, {Question: strings.Repeat("\x00\"国🤷", 1000)},
		{Division: strings.Repeat("d", 5000)},
	} {
		v := r.value()
		if n := text.Length(v); n > maxValue {
			t.Errorf("a value of %d characters", n)
		}
		if back := readRef(v); !strings.HasPrefix(r.Question, strings.TrimSuffix(back.Question, "…")) ||
			back.Thread != r.Thread {
			t.Errorf("%+v became %+v", r, back)
		}
	}
	if r := readRef("not ours"); r != (ref{}) {
		t.Errorf("got %+v", r)
	}
}

// FuzzRender checks that Slack would accept every answer, and that no answer mentions
// anyone.
func FuzzRender(f *testing.F) {
	f.Add("<!channel> *bold* :tada: > q", "https://example.org/|<!here>", 3)
	f.Add("国", "mailto:a@b.c", 40)
	f.Add("\x00\xff", "http://", 0)
	f.Fuzz(func(t *testing.T, s, address string, n int) {
		n = min(max(n, 0), 200)
		s = s[:min(len(s), 300)] // long enough, repeated, to be cut everywhere
		long := strings.Repeat(s, min(n, 50))
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
			Examples: []string{s, long}, Facts: []bot.Fact{{Label: s, Text: address}, {Label: long, Text: long}},
			Offers:  offers,
			SeeAlso: offers, Links: []bot.Link{{Title: s, URL: address}},
			Source: bot.Source{Title: s, URL: address, Seen: s},
		}
		for i := range min(n, 30) {
			a.Actions = append(a.Actions, bot.Action{Label: s, Value: s[:min(len(s), i)]})
		}
		view, err := json.Marshal(formView(bot.Form{Title: long, Action: s, Submit: s, Fields: []bot.Field{
			{ID: s, Label: s, Value: long, Tip: s, Most: n},
			{ID: "menu", Label: long, Value: s, Tip: long, Choices: []bot.Choice{{ID: s, Title: long}, {ID: long, Title: s}}},
			{ID: "text", Label: "Text"},
		}}, formPlace{}))
		if err != nil {
			t.Fatal(err)
		}
		for _, wrong := range adaptertest.CheckView(view) {
			t.Error(wrong)
		}
		about := ref{Question: long, Division: s, Thread: "1.2"}
		for _, fr := range []frame{
			{ref: about}, {ref: about, private: true}, {ref: about, asker: "U1"},
			{ref: about, modal: true, voted: true},
		} {
			m := render(a, fr)
			data, err := json.Marshal(m.Blocks)
			if err != nil {
				t.Fatal(err)
			}
			for _, wrong := range append(adaptertest.CheckBlocks(data, maxBlocks), adaptertest.CheckMarkup(m.Text)...) {
				t.Error(wrong)
			}
		}
		data, err := json.Marshal(homeBlocks(a))
		if err != nil {
			t.Fatal(err)
		}
		for _, wrong := range adaptertest.CheckBlocks(data, maxViewBlocks) {
			t.Error("home: ", wrong)
		}
	})
}
