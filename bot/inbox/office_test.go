package inbox_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"frontdesk/bot"
	"frontdesk/bot/inbox"
	"frontdesk/bot/journal"
	"frontdesk/knowledge"
)

// office is an inbox over a real store and a real file, with two gaps.
type office struct {
	*inbox.Office
	file   string
	posted []bot.Answer
	hand   string // see [inbox.Office]
}

func newOffice(t *testing.T) *office {
	t.Helper()
	o := &office{file: filepath.Join(t.TempDir(), "acme.yaml")}
	if err := os.WriteFile(o.file, []byte(acme), 0o600); err != nil {
		t.Fatal(err)
	}
	s := sqlite(t)
	for i, words := range []string{"my badge is broken", "who fixes a broken badge", "is there soup for lunch"} {
		for person := range 2 {
			row := journal.Row{Time: time.Now().Add(-time.Duration(i) * time.Hour), Adapter: "slack", Outcome: "declined",
				Asker: fmt.Sprint(person), Words: words}
			if err := s.Write(t.Context(), row); err != nil {
				t.Fatal(err)
			}
		}
	}
	o.Office = &inbox.Office{
		Store: s, Path: o.file, Admins: []string{"slack:U1"}, People: 2, Kept: 30 * 24 * time.Hour,
		Used: func() *knowledge.Snapshot {
			s, problems := knowledge.NewSnapshot([]knowledge.Input{{Name: o.file, Data: []byte(o.read(t))}}, knowledge.Beside)
			must(t, problems.Err())
			return s
		},
		HandOver: func() string { return o.hand },
		Post:     func(a bot.Answer) { o.posted = append(o.posted, a) },
		Log:      slog.New(slog.DiscardHandler),
	}
	return o
}

func (o *office) read(t *testing.T) string {
	t.Helper()
	data, err := os.ReadFile(o.file)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// press presses the button with this label of an answer.
func (o *office) press(t *testing.T, a bot.Answer, label string, fields ...string) bot.Answer {
	t.Helper()
	r := bot.Request{Person: "slack:U1"}
	if a.Form != nil && a.Form.Submit == label {
		r.Action, r.Fields = a.Form.Action, map[string]string{}
		for i, f := range a.Form.Fields {
			r.Fields[f.ID] = f.Value
			if i < len(fields) && fields[i] != "" {
				r.Fields[f.ID] = fields[i]
			}
		}
	}
	for _, action := range a.Actions {
		if action.Label == label {
			r.Action = action.Value
		}
	}
	if r.Action == "" {
		t.Fatalf("there is no button %q in %s", label, plain(a))
	}
	if len(r.Action) > bot.MostActionValue {
		t.Errorf("the value of %q is too long: %s", label, r.Action)
	}
	return o.Do(t.Context(), r)
}

// plain is an answer as text, with its buttons and fields in brackets.
func plain(a bot.Answer) string {
	var b strings.Builder
	b.WriteString(a.Plain())
	for _, action := range a.Actions {
		fmt.Fprintf(&b, "[%s]", action.Label)
	}
	if a.Form != nil {
		fmt.Fprintf(&b, "%s [%s]", a.Form.Title, a.Form.Submit)
	}
	return b.String()
}

func has(t *testing.T, a bot.Answer, all ...string) {
	t.Helper()
	for _, s := range all {
		if !strings.Contains(plain(a), s) {
			t.Errorf("%q is missing in:\n%s", s, plain(a))
		}
	}
}

var openInbox = bot.Request{Person: "slack:U1", Action: bot.OpenInbox}

// TestOffice goes through the inbox as an admin does: an example, a new responsibility, a
// declined topic, and taking one back.
func TestOffice(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	stranger := bot.Request{Person: "slack:U2", Action: bot.OpenInbox, InChannel: true}
	if a := o.Do(t.Context(), stranger); a.Outcome != bot.Silent {
		t.Errorf("somebody who is no admin sees %s", plain(a))
	}
	page := o.Do(t.Context(), openInbox)
	has(t, page, "my badge is broken", "Gap 1 of 2: asked by 2 people, 4 times", "who fixes a broken badge",
		"[Ignore]", "[Next]")
	has(t, o.press(t, page, "Next"), "is there soup for lunch", "Gap 2 of 2")

	form := o.press(t, page, "Something else…")
	has(t, form, "Answer this [Show the change]")
	has(t, o.press(t, form, "Show the change", "buildings", "responsibility"),
		"Please fill in Name of the responsibility.")
	preview := o.press(t, form, "Show the change", "buildings", "responsibility", "Badges", "Makes new badges.")
	has(t, preview, "+      - topic: Badges", "None of the 2 example questions", "[Save]", "[Back]")
	if o.read(t) != acme {
		t.Error("the file has changed before it was saved")
	}
	has(t, o.press(t, preview, "Back"), "my badge is broken")
	has(t, o.press(t, preview, "Save"), "Saved.")
	saved := o.read(t)
	for line := range strings.Lines(acme) {
		if !strings.Contains(saved, line) {
			t.Errorf("the line %q has changed", line)
		}
	}
	if len(o.posted) != 1 || o.posted[0].By != "slack:U1" {
		t.Fatalf("the notices are %+v", o.posted)
	}
	has(t, o.posted[0], "The knowledge file was changed", "+      - topic: Badges", "[Undo]")
	has(t, o.press(t, preview, "Save"), "That proposal is no longer there.")
	has(t, o.Do(t.Context(), openInbox), "is there soup for lunch", "Gap 1 of 1")
	has(t, o.press(t, page, "Ignore"), "That gap is no longer in the inbox.")

	form = o.press(t, o.Do(t.Context(), openInbox), "Decline…")
	preview = o.press(t, form, "Show the change", "Lunch", "See the menu of the canteen.")
	has(t, o.press(t, preview, "Save"), "Saved.")
	has(t, o.Do(t.Context(), openInbox), "There are no gaps that 2 or more people asked about.")

	// A change below which another one was made stays until that one is undone.
	has(t, o.press(t, o.posted[0], "Undo"), "I could not do that", "The knowledge file was changed", "[Undo]")
	has(t, o.press(t, o.posted[1], "Undo"), "was taken back")
	if o.read(t) != saved {
		t.Errorf("after it is undone the file is\n%s", o.read(t))
	}
	has(t, o.press(t, o.posted[1], "Undo"), "undone already")
	has(t, o.press(t, o.posted[0], "Undo"), "was taken back")
	if o.read(t) != acme {
		t.Errorf("after all is undone the file is\n%s", o.read(t))
	}
}

// TestExample checks the button that makes the words of a gap examples, and that of a gap
// that is ignored.
func TestExample(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	page := o.Do(t.Context(), openInbox)
	first := page.Actions[0].Label
	if !strings.HasPrefix(first, "Example of ") {
		t.Fatalf("the first button is %q", first)
	}
	o.hand = "it is in git"
	preview := o.press(t, page, first)
	has(t, preview, "I can't change the file myself: it is in git.", "my badge is broken", "[Back]")
	if strings.Contains(plain(preview), "[Save]") {
		t.Error("it can be saved")
	}
	o.hand = ""
	preview = o.press(t, page, first)
	o.hand = "it is in git now"
	has(t, o.press(t, preview, "Save"), "That proposal is no longer there.")
	o.hand = ""
	if err := os.WriteFile(o.file, []byte(acme+"# by hand\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	has(t, o.press(t, preview, "Save"), "I could not do that")
	has(t, o.press(t, o.press(t, page, first), "Save"), "Saved.")
	has(t, o.press(t, o.Do(t.Context(), openInbox), "Ignore"), "I no longer show that.", "There are no gaps")
	if !strings.HasSuffix(o.read(t), "# by hand\n") && !strings.Contains(o.read(t), "# by hand\n") {
		t.Errorf("what was written by hand is lost:\n%s", o.read(t))
	}
}

// TestDigest checks the summary of the inbox.
func TestDigest(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	a, ok, err := o.Digest(t.Context())
	if !ok || err != nil {
		t.Fatal(ok, err)
	}
	has(t, a, "2 gaps are in the inbox, asked by 2 people or more.", "my badge is broken (2 people)",
		"is there soup for lunch")
	o.People = 3
	if _, ok, err := o.Digest(t.Context()); ok || err != nil {
		t.Errorf("a digest without gaps: %v, %v", ok, err)
	}
	o.Kept = 0
	has(t, o.Do(t.Context(), openInbox), "The words of questions are not kept")
}

// teller tells people who may see an answer.
type teller struct {
	told map[string]int
	errs map[string]error
}

func (t *teller) Tell(_ context.Context, person, _ string) (bool, error) {
	if err := t.errs[person]; err != nil {
		return false, err
	}
	t.told[person]++
	return person != "stranger", nil
}

// TestInform checks that people are told an answer once, when there is one.
func TestInform(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	ctx, log := t.Context(), slog.New(slog.DiscardHandler)
	tell := &teller{told: map[string]int{}, errs: map[string]error{
		"gone": fmt.Errorf("blocked: %w", bot.ErrGone), "busy": errors.New("try later"),
	}}
	for _, person := range []string{"ann", "stranger", "gone", "busy"} {
		has(t, inbox.Await(ctx, o.Store, "slack", person, "who makes badges", log), "I will tell you when I know")
	}
	has(t, inbox.Await(ctx, o.Store, "slack", "bob", "where is the moon", log), "I will tell you when I know")
	inform := func(file string) {
		t.Helper()
		if err := inbox.Inform(ctx, o.Store, baseOf(t, file), map[string]bot.Teller{"slack": tell}, log); err != nil {
			t.Error(err)
		}
	}
	inform(acme)
	if len(tell.told) > 0 {
		t.Fatalf("told before there is an answer: %v", tell.told)
	}
	better := acme + "    questions: [who makes badges, where do I get a badge]\n"
	inform(better)
	inform(better)
	if tell.told["ann"] != 1 || tell.told["stranger"] != 2 {
		t.Errorf("told %v", tell.told)
	}
	waiting, err := o.Store.Awaited(ctx)
	if err != nil || len(waiting) != 3 {
		t.Errorf("%v still wait, %v", waiting, err)
	}
	for _, a := range waiting {
		if a.Person == "ann" || a.Person == "gone" {
			t.Errorf("%s still waits", a.Person)
		}
	}
}
