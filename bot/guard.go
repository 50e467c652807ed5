package bot

import (
	"context"
	"log/slog"
	"runtime/debug"
)

// Guard makes a handler that never panics: if h panics, the person gets an apology, and
// the cause goes to the default log of slog.
func Guard(h Handler) Handler { return guarded{h} }

type guarded struct{ handler Handler }

// Answer implements [Handler].
func (g guarded) Answer(ctx context.Context, q Question) (a Answer) {
	defer rescue(func() { a = Apology() })
	return g.handler.Answer(ctx, q)
}

// Directory implements [Handler].
func (g guarded) Directory(ctx context.Context, readers Audience) (a Answer) {
	defer rescue(func() { a = Apology() })
	return g.handler.Directory(ctx, readers)
}

// Complete implements [Handler].
func (g guarded) Complete(ctx context.Context, readers Audience, typed string, n int) (choices []Choice) {
	defer rescue(func() { choices = nil })
	return g.handler.Complete(ctx, readers, typed, n)
}

func rescue(instead func()) {
	if cause := recover(); cause != nil {
		slog.Error("the desk panicked", "cause", cause, "stack", string(debug.Stack()))
		instead()
	}
}
