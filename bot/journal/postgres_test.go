package journal

import (
	"database/sql"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/url"
	"os"
	"strings"
	"sync/atomic"
	"testing"

	"frontdesk/bot"
)

var schemas atomic.Int64

// testSchema makes an empty schema in the database of the tests and returns an address that
// uses it.
func testSchema(t *testing.T) string {
	t.Helper()
	address := os.Getenv("TEST_POSTGRES")
	if address == "" {
		t.Skip("TEST_POSTGRES has no address; .ci/run starts a server")
	}
	db, err := sql.Open("pgx", address)
	if err != nil {
		t.Fatal(err)
	}
	name := fmt.Sprintf("test_%d_%d", os.Getpid(), schemas.Add(1))
	if _, err := db.ExecContext(t.Context(), "CREATE SCHEMA "+name); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_, _ = db.Exec("DROP SCHEMA " + name + " CASCADE")
		_ = db.Close()
	})
	separator := "?"
	if strings.Contains(address, "?") {
		separator = "&"
	}
	return address + separator + "search_path=" + url.QueryEscape(name)
}

// TestAway checks that a store whose server cannot be reached is connected as soon as it can,
// and that it is closed also before that.
func TestAway(t *testing.T) {
	t.Parallel()
	u, err := url.Parse(testSchema(t))
	if err != nil {
		t.Fatal(err)
	}
	server := u.Host
	door, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = door.Close() })
	var open atomic.Bool
	go func() {
		for {
			in, err := door.Accept()
			if err != nil {
				return
			}
			out, err := net.Dial("tcp", server)
			if err != nil || !open.Load() {
				_ = in.Close()
				continue
			}
			go func() { _, _ = io.Copy(out, in) }()
			go func() { _, _ = io.Copy(in, out) }()
		}
	}()
	u.Host = door.Addr().String()
	closed := func(s Store) {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		if _, err := s.Take(t.Context(), event("b")); !errors.Is(err, ErrClosed) {
			t.Error(err)
		}
	}
	s, err := OpenPostgres(t.Context(), u.String())
	if s == nil || err == nil {
		t.Fatal(s, err)
	}
	closed(s)
	s, err = OpenPostgres(t.Context(), u.String())
	if s == nil || err == nil {
		t.Fatal(s, err)
	}
	defer closed(s)
	if _, err := s.Claim(t.Context(), "slack", Claim{}, everything); !errors.Is(err, ErrAway) {
		t.Error(err)
	}
	if _, err := s.Take(t.Context(), event("a")); !errors.Is(err, ErrAway) {
		t.Error(err)
	}
	phases := make(chan bot.Phase, 10)
	last := bot.Failed
	l := NewLedger(s, slog.New(slog.DiscardHandler), func(p bot.Phase, _ string) {
		if p != last { // else only the reason is another one
			phases <- p
		}
		last = p
	}, func() {})
	l.Away(err)
	open.Store(true)
	for _, want := range []bot.Phase{bot.Ready, bot.Degraded, bot.Ready} {
		if got := <-phases; got != want {
			t.Errorf("the store is %v, want %v", got, want)
		}
	}
	if r, fresh := l.Take(event("a")); r == nil || !fresh {
		t.Error(r, fresh)
	}
	if err := l.Close(); err != nil {
		t.Error(err)
	}
}
