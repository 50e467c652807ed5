package console

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"frontdesk/adapters/adaptertest"
	"frontdesk/bot"
	"frontdesk/knowledge/text"

	"github.com/google/go-cmp/cmp"

	"golang.org/x/term"
)

var update = flag.Bool("update", false, "rewrite golden files")

// echo answers with the question, or offers two divisions.
type echo struct{}

func (echo) Answer(_ context.Context, q bot.Question) bot.Answer {
	switch {
	case q.Choice != "":
		return bot.Answer{Outcome: bot.Answered, Title: "chosen " + q.Choice}
	case q.Text == "offer":
		return bot.Answer{
			Outcome: bot.Suggested, Offers: []bot.Offer{{Division: "a", Title: "A"}, {Division: "b", Title: "B"}},
		}
	case q.Text == "silence":
		return bot.Answer{}
	}
	return bot.Answer{Outcome: bot.Answered, Title: q.Text}
}

func (echo) Directory(context.Context, bot.Audience) bot.Answer {
	return bot.Answer{Outcome: bot.Answered}
}

func (echo) Complete(context.Context, bot.Audience, string, int) []bot.Choice { return nil }

func TestTalk(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	c := &Console{
		In:  strings.NewReader("hello\n\n  \nsilence\noffer\n2\n1\n3\n2\nthanks\n2\nsilence\nquit\nnot asked\n"),
		Out: &out,
	}
	if err := c.Run(t.Context(), echo{}); err != nil {
		t.Fatal(err)
	}
	got := strings.Join(strings.Fields(out.String()), " ")
	if want := "hello 1 A 2 B chosen b chosen a 3 chosen b thanks 2"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestLastLineWithoutEnd(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	long := strings.Repeat("x", maxLine+10)
	c := &Console{In: strings.NewReader(long + "\nlast"), Out: &out}
	if err := c.Run(t.Context(), echo{}); err != nil {
		t.Fatal(err)
	}
	if lines := strings.Fields(out.String()); len(lines) != 2 || len(lines[0]) != maxLine || lines[1] != "last" {
		t.Errorf("got %d answers", len(lines))
	}
}

func TestCancel(t *testing.T) {
	t.Parallel()
	in, unused := io.Pipe()
	defer unused.Close()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- (&Console{In: in, Out: io.Discard}).Run(ctx, echo{}) }()
	cancel()
	select {
	case err := <-done:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(10 * time.Second):
		t.Error("does not end when it is told to")
	}
}

type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, errors.New("no room") }
func (broken) Read([]byte) (int, error)  { return 0, errors.New("no line") }

func TestBrokenStreams(t *testing.T) {
	t.Parallel()
	if err := (&Console{In: strings.NewReader("a\n"), Out: broken{}}).Run(t.Context(), echo{}); err == nil {
		t.Error("an answer that could not be written is no error")
	}
	if err := (&Console{In: broken{}, Out: io.Discard}).Run(t.Context(), echo{}); err == nil {
		t.Error("a question that could not be read is no error")
	}
}

// recorder keeps what is written, each Write as one reply.
type recorder struct {
	mu      sync.Mutex
	replies []string
	more    chan struct{}
}

func (r *recorder) Write(p []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.replies = append(r.replies, string(p))
	close(r.more)
	r.more = make(chan struct{})
	return len(p), nil
}

// atLeast waits for n replies and returns all there are.
func (r *recorder) atLeast(t *testing.T, n int) []string {
	t.Helper()
	for {
		r.mu.Lock()
		replies, more := slices.Clone(r.replies), r.more
		r.mu.Unlock()
		if len(replies) >= n {
			return replies
		}
		select {
		case <-more:
		case <-time.After(20 * time.Second):
			t.Fatalf("waited in vain for %d replies: %q", n, replies)
		}
	}
}

func TestContract(t *testing.T) {
	t.Parallel()
	adaptertest.Contract(t, func(t *testing.T, h bot.Handler) adaptertest.Conversation {
		in, lines := io.Pipe()
		out := &recorder{more: make(chan struct{})}
		ended := make(chan error, 1)
		go func() { ended <- (&Console{In: in, Out: out}).Run(t.Context(), h) }()
		return adaptertest.Conversation{
			Ask: func(_, text string) {
				if _, err := fmt.Fprintln(lines, text); err != nil {
					t.Error(err)
				}
			},
			Replies: func(n int) []string { return out.atLeast(t, n) },
			Stop: func() error {
				lines.Close()
				return <-ended
			},
		}
	})
}

func TestRender(t *testing.T) {
	t.Parallel()
	for name, s := range map[string]Style{"plain": {}, "color": {Color: true, Numbers: true}, "narrow": {Width: 30}} {
		path := filepath.Join("testdata", name+".golden")
		got := Render(adaptertest.Full(), s)
		if *update {
			if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), got); diff != "" {
			t.Errorf("%s (-want +got; -update rewrites it):\n%s", name, diff)
		}
	}
	if got := Render(bot.Answer{}, Style{}); got != "" {
		t.Errorf("the zero answer is shown as %q", got)
	}
}

// FuzzRender checks that an answer contains no control characters.
func FuzzRender(f *testing.F) {
	f.Add("\x1b[2J\x1b]0;title\x07", 40)
	f.Add("\u202eabc", 1)
	f.Add("國國國 \r\n\t", 10)
	f.Fuzz(func(t *testing.T, s string, width int) {
		body := text.Text{text.Paragraph{{Text: s}}, text.List{Items: []text.Text{{text.Paragraph{{Text: s}}}}},
			text.CodeBlock(s)}
		a := bot.Answer{
			Title: s, Body: body, Urgent: body, Evidence: &bot.Evidence{Title: s, Text: body},
			Facts:  []bot.Fact{{Label: s, Text: s}},
			Offers: []bot.Offer{{Title: s, Text: body}}, SeeAlso: []bot.Offer{{Title: s}},
			Links: []bot.Link{{Title: s, URL: s}}, Source: bot.Source{Title: s, URL: s, Seen: s},
		}
		for _, r := range Render(a, Style{Width: width % 200}) {
			if r != '\n' && (r < ' ' || r >= 0x7f && r < 0xa0 || r == '\u202e') {
				t.Fatalf("%U reaches the terminal", r)
			}
		}
	})
}

// TestSilentEnd checks that Run ends after a last question without an answer.
func TestSilentEnd(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	c := &Console{In: strings.NewReader("silence"), Out: &out}
	if err := c.Run(t.Context(), echo{}); err != nil || out.Len() != 0 {
		t.Errorf("%v, %q", err, out.String())
	}
}

// TestAside checks that Aside writes to the screen during a conversation, and to W before
// and after it.
func TestAside(t *testing.T) {
	t.Parallel()
	var own, typed bytes.Buffer
	screen := term.NewTerminal(struct {
		io.Reader
		io.Writer
	}{&typed, &own}, "> ")
	var log bytes.Buffer
	aside := &Aside{W: &log}
	fmt.Fprintln(aside, "before")
	aside.beside(screen)
	fmt.Fprintln(aside, "meanwhile")
	aside.beside(nil)
	fmt.Fprintln(aside, "after")
	if log.String() != "before\nafter\n" || own.String() != "meanwhile\r\n" {
		t.Errorf("the log has %q, the screen %q", log.String(), own.String())
	}
	(*Aside)(nil).beside(screen) // a console without an Aside
}
