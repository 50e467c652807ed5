package adapters

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"frontdesk/bot/journal"
)

// TestFinish checks that Finish returns even if an event ignores its context.
func TestFinish(t *testing.T) {
	t.Parallel()
	in := NewIntake(10, slog.New(slog.DiscardHandler))
	release := make(chan struct{})
	defer close(release)
	in.Admit("1", []string{"1"}, nil, nil, func(*journal.Receipt) { <-release })()
	ctx, cancel := context.WithCancel(t.Context())
	start := time.Now()
	if left := in.Finish(10*time.Millisecond, cancel); left != 1 || ctx.Err() == nil {
		t.Errorf("%d left, given up: %v", left, ctx.Err())
	}
	if took := time.Since(start); took > 5*time.Second {
		t.Errorf("Finish took %v", took)
	}
	if in.Admit("2", nil, nil, nil, func(*journal.Receipt) {}) != nil {
		t.Error("accepts events after Finish")
	}
}
