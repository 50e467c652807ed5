// Package console is the adapter for a terminal: a conversation with line
// editing and history, or, where the input is not a terminal, a question a
// line and plain answers. It knows nothing of the knowledge file; the command
// line gives it its streams.
package console

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"sync"

	"frontdesk/bot"

	"golang.org/x/term"
)

// Console is the terminal adapter.
type Console struct {
	In  io.Reader
	Out io.Writer
	// Welcome is said first, on a terminal.
	Welcome string
	Color   bool
	// Readers are those who see the terminal.
	Readers bot.Audience
	// Aside is what the program says on the same terminal beside the conversation, such
	// as its log; it may be nil.
	Aside *Aside
}

// Aside writes what is not part of the conversation: above the line that is being typed
// while there is one, else to W.
type Aside struct {
	W io.Writer

	mu     sync.Mutex
	screen io.Writer // of the conversation; nil if there is none
}

// Write implements [io.Writer].
func (a *Aside) Write(p []byte) (int, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.screen != nil {
		return a.screen.Write(p)
	}
	return a.W.Write(p)
}

// beside begins or, with nil, ends a conversation.
func (a *Aside) beside(screen io.Writer) {
	if a != nil {
		a.mu.Lock()
		defer a.mu.Unlock()
		a.screen = screen
	}
}

// Name implements [bot.Adapter].
func (c *Console) Name() string { return "console" }

// maxLine is the longest line that is read, in bytes; of a longer one the
// beginning is answered.
const maxLine = 1 << 20

// Run implements [bot.Adapter]: it returns at the end of the input, at quit
// or when ctx is done.
func (c *Console) Run(ctx context.Context, h bot.Handler) error {
	if in, ok := c.In.(*os.File); ok && term.IsTerminal(int(in.Fd())) {
		return c.terminal(ctx, h, in)
	}
	t := talk{
		handler: bot.Guard(h), readers: c.Readers, style: Style{Color: c.Color, Width: Width(c.Out), Numbers: true},
	}
	return c.lines(ctx, &t)
}

// lines answers a question a line. The reader has a goroutine of its own,
// since a read cannot be interrupted; it ends with the input or the program.
func (c *Console) lines(ctx context.Context, t *talk) error {
	type read struct {
		line string
		err  error
	}
	next := make(chan read)
	go func() {
		r := bufio.NewReaderSize(c.In, 64<<10)
		for {
			line, err := readLine(r)
			select {
			case next <- read{line, err}:
			case <-ctx.Done():
				return
			}
			if err != nil {
				return
			}
		}
	}()
	for {
		select {
		case <-ctx.Done():
			return nil
		case r := <-next:
			if r.line != "" {
				text, quit := t.say(ctx, r.line)
				if quit {
					return nil
				}
				if err := write(c.Out, text); err != nil {
					return err
				}
			}
			if errors.Is(r.err, io.EOF) {
				return nil
			}
			if r.err != nil {
				return fmt.Errorf("read a question: %w", r.err)
			}
		}
	}
}

// write writes an answer, unless that is to say nothing.
func write(w io.Writer, text string) error {
	if text == "" {
		return nil
	}
	if _, err := fmt.Fprintln(w, text); err != nil {
		return fmt.Errorf("write an answer: %w", err)
	}
	return nil
}

// readLine reads a line of any length and keeps the first maxLine bytes.
func readLine(r *bufio.Reader) (string, error) {
	var line []byte
	for {
		part, err := r.ReadSlice('\n')
		line = append(line, part[:min(len(part), maxLine-len(line))]...)
		if !errors.Is(err, bufio.ErrBufferFull) {
			return strings.TrimSpace(string(line)), err
		}
	}
}

// terminal holds a conversation with line editing and history.
func (c *Console) terminal(ctx context.Context, h bot.Handler, in *os.File) error {
	state, err := term.MakeRaw(int(in.Fd()))
	if err != nil {
		return fmt.Errorf("prepare the terminal: %w", err)
	}
	defer func() { _ = term.Restore(int(in.Fd()), state) }() // nothing can be done if the terminal is gone
	screen := term.NewTerminal(struct {
		io.Reader
		io.Writer
	}{in, c.Out}, "> ")
	c.Aside.beside(screen)
	defer c.Aside.beside(nil)
	t := talk{handler: bot.Guard(h), readers: c.Readers, style: Style{Color: c.Color, Numbers: true}}
	if c.Welcome != "" {
		fmt.Fprintf(screen, "%s\n", c.Welcome)
	}
	lines := make(chan string)
	failed := make(chan error, 1)
	go func() { // see lines
		for {
			line, err := screen.ReadLine()
			if err != nil && !errors.Is(err, term.ErrPasteIndicator) {
				failed <- err
				return
			}
			select {
			case lines <- line:
			case <-ctx.Done():
				return
			}
		}
	}()
	for {
		select {
		case <-ctx.Done():
			return nil
		case err := <-failed:
			if errors.Is(err, io.EOF) { // Ctrl-C or Ctrl-D
				fmt.Fprintln(screen)
				return nil
			}
			return fmt.Errorf("read a question: %w", err)
		case line := <-lines:
			if strings.TrimSpace(line) == "" {
				continue
			}
			t.style.Width = Width(c.Out)
			if wide, high, err := term.GetSize(int(in.Fd())); err == nil {
				_ = screen.SetSize(wide, high) // only makes editing a long line prettier
			}
			text, quit := t.say(ctx, line)
			if quit {
				return nil
			}
			if text != "" {
				fmt.Fprintf(screen, "\n%s\n", text)
			}
		}
	}
}

// talk is one conversation.
type talk struct {
	handler bot.Handler
	readers bot.Audience
	style   Style
	offers  []bot.Offer // of the last answer
}

// say answers one line: a question, the number of an offer, or quit.
func (t *talk) say(ctx context.Context, line string) (text string, quit bool) {
	line = strings.TrimSpace(line)
	switch strings.ToLower(line) {
	case "quit", "exit", ":q":
		return "", true
	}
	q := bot.Question{Readers: t.readers, Text: line}
	n, err := strconv.Atoi(line)
	number := err == nil
	if number && 1 <= n && n <= len(t.offers) {
		q = bot.Question{Readers: t.readers, Choice: t.offers[n-1].Division}
	}
	a := t.handler.Answer(ctx, q)
	if a.Outcome == bot.Silent {
		return "", false
	}
	if len(a.Offers) > 0 || !number { // a mistyped number leaves the list as it was
		t.offers = a.Offers
	}
	return Render(a, t.style), false
}

// Width is the width of the terminal that w is, at most 100 columns
// since longer lines are hard to read, or 0 if it is none.
func Width(w any) int {
	if f, ok := w.(*os.File); ok {
		if wide, _, err := term.GetSize(int(f.Fd())); err == nil && wide > 0 {
			return min(max(wide, 20), 100)
		}
	}
	return 0
}

// Terminal reports whether w is a terminal.
func Terminal(w any) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// Colors reports whether w is a terminal that wants colors: NO_COLOR
// (no-color.org) and TERM=dumb say no.
func Colors(w io.Writer) bool {
	return Terminal(w) && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
}
