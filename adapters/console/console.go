// Package console is the adapter for a terminal: a conversation with line
// editing and history, or, if the input is not a terminal, one question a line.
// It does not read the knowledge file; the command line passes it the streams.
//
//	console.go  the conversation, its input and its output
//	render.go   bot.Answer → lines for a terminal
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
	// Welcome is written first, on a terminal.
	Welcome string
	Color   bool
	// Readers is the audience of the answers.
	Readers bot.Audience
	// Aside is for other output of the program on the same terminal, such as its log. It
	// may be nil.
	Aside *Aside
}

// Aside is a writer for output that is not part of the conversation. During a conversation
// it writes above the line that is being typed, else to W.
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

// beside notes the screen of a conversation or, with nil, its end.
func (a *Aside) beside(screen io.Writer) {
	if a != nil {
		a.mu.Lock()
		defer a.mu.Unlock()
		a.screen = screen
	}
}

// Name implements [bot.Adapter].
func (c *Console) Name() string { return "console" }

// maxLine is the longest question, in bytes; a longer line is cut.
const maxLine = 1 << 20

// Run implements [bot.Adapter]. It returns at the end of the input, after quit or
// when ctx is done.
func (c *Console) Run(ctx context.Context, h bot.Handler) error {
	if in, ok := c.In.(*os.File); ok && term.IsTerminal(int(in.Fd())) {
		return c.terminal(ctx, h, in)
	}
	t := talk{
		handler: bot.Guard(h), readers: c.Readers,
		style: Style{Color: c.Color, Width: Width(c.Out), Numbers: true, Full: true},
	}
	return c.lines(ctx, &t)
}

// lines answers one question a line. It reads in a goroutine of its own, since a
// read cannot be interrupted; the goroutine ends with the input or the program.
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

// write writes an answer, unless it is "".
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
	defer func() { _ = term.Restore(int(in.Fd()), state) }() // fails only if the terminal is gone
	screen := term.NewTerminal(struct {
		io.Reader
		io.Writer
	}{in, c.Out}, "> ")
	c.Aside.beside(screen)
	defer c.Aside.beside(nil)
	t := talk{handler: bot.Guard(h), readers: c.Readers, style: Style{Color: c.Color, Numbers: true, Full: true}}
	if c.Welcome != "" {
		fmt.Fprintf(screen, "%s\n", c.Welcome)
	}
	lines := make(chan string)
	failed := make(chan error, 1)
	go func() { // a goroutine for the reason given at lines
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
				_ = screen.SetSize(wide, high) // only matters for editing long lines
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

// Width returns the width of the terminal w, in columns: 20 to 100, since longer lines are
// hard to read, or 0 if w is not a terminal.
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

// Colors reports whether to write colors to w: it is a terminal, NO_COLOR
// (no-color.org) is not set and TERM is not dumb.
func Colors(w io.Writer) bool {
	return Terminal(w) && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
}
