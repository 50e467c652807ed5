package main

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"frontdesk/bot"
)

// mute is an adapter that cannot post notices for a while.
type mute struct {
	mu    sync.Mutex
	until time.Time
	told  []string
}

func (m *mute) Name() string                           { return "mute" }
func (m *mute) Run(context.Context, bot.Handler) error { return nil }
func (m *mute) Notify(_ context.Context, a bot.Answer) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if time.Now().Before(m.until) {
		return errors.New("not connected")
	}
	m.told = append(m.told, a.Plain())
	return nil
}

// TestNotify checks that the newest notice is retried until it is posted, and that older
// ones are not posted after it.
func TestNotify(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		m := &mute{until: time.Now().Add(9 * time.Minute)}
		notify := notifier(t.Context(), []bot.Adapter{m}, slog.New(slog.DiscardHandler))
		for range 100 {
			notify(bot.Note("old"))
		}
		time.Sleep(5 * time.Minute)
		notify(bot.Note("new")) // has all of its retries
		time.Sleep(time.Hour)
		m.mu.Lock()
		defer m.mu.Unlock()
		if len(m.told) != 1 || m.told[0] != "new" {
			t.Errorf("admins got %q", m.told)
		}
	})
}
