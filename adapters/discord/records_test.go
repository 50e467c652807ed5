package discord

import (
	"database/sql"
	"fmt"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"frontdesk/adapters/adaptertest"
	"frontdesk/bot"
	"frontdesk/bot/journal"
)

// records is a store file that several processes use, one after the other.
type records struct {
	t    testing.TB
	file string
	journal.Store
}

func newRecords(t testing.TB) *records {
	r := &records{t: t, file: filepath.Join(t.TempDir(), "store.db")}
	r.Store = r.open()
	return r
}

// open opens the file as another process does.
func (r *records) open() journal.Store {
	r.t.Helper()
	s, moved, err := journal.OpenSQLite(r.t.Context(), r.file)
	if err != nil || moved != "" {
		r.t.Fatal(err, moved)
	}
	r.t.Cleanup(func() {
		if err := s.Close(); err != nil {
			r.t.Error(err)
		}
	})
	return s
}

// ledger returns a ledger of a process.
func ledger(t testing.TB, s journal.Store) *journal.Ledger {
	l := journal.NewLedger(s, slog.New(slog.DiscardHandler), func(bot.Phase, string) {}, func() {})
	t.Cleanup(func() {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	})
	return l
}

// use makes an adapter use the store. Change, which may be nil, may change it further.
func (r *records) use(change func(*house)) func(*house, *Settings) {
	return func(h *house, s *Settings) {
		if h.adapter == nil {
			s.Ledger = ledger(r.t, r.open())
			s.Ledger.Patience = time.Minute // the machine may be busy
		} else if change != nil {
			change(h)
		}
	}
}

// unfinished are the states of the events that are not answered.
func (r *records) unfinished() (list []journal.State) {
	r.t.Helper()
	db, err := sql.Open("sqlite", r.file)
	if err != nil {
		r.t.Fatal(err)
	}
	defer db.Close()
	rows, err := db.QueryContext(r.t.Context(), "SELECT state FROM events WHERE adapter = $1 AND state < 2", name)
	if err != nil {
		r.t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var s journal.State
		if err := rows.Scan(&s); err != nil {
			r.t.Fatal(err)
		}
		list = append(list, s)
	}
	if err := rows.Err(); err != nil {
		r.t.Fatal(err)
	}
	return list
}

// await waits until n events are not answered, all of them in the same state.
func (r *records) await(h *house, n int, state journal.State) {
	r.t.Helper()
	h.Await(r.t, fmt.Sprintf("%d events that are %v", n, state), func() bool {
		list := r.unfinished()
		for _, s := range list {
			if s != state {
				h.Touch()
				return false
			}
		}
		if len(list) != n {
			h.Touch()
		}
		return len(list) == n
	})
}

// put records an event of the gateway as another process has left it.
func (r *records) put(kind, data string, age time.Duration, state journal.State, answer string) {
	r.t.Helper()
	e, err := decodeDispatch(kind, []byte(data), adaptertest.DiscordBot)
	if err != nil {
		r.t.Fatal(err)
	}
	s := &session{settings: Settings{Ledger: new(journal.Ledger)}}
	owed := s.owed(e)
	owed.Taken = time.Now().Add(-age)
	if _, err := r.Take(r.t.Context(), *owed); err != nil {
		r.t.Fatal(err)
	}
	switch state {
	case journal.Taken:
	case journal.Posting:
		_, err = r.Posting(r.t.Context(), owed.Key, owed.Claim, answer)
	default:
		_, err = r.Finish(r.t.Context(), owed.Key, owed.Claim.Owner, state, answer)
	}
	if err != nil {
		r.t.Fatal(err)
	}
}
