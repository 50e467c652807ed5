package main

import (
	"crypto/rand"
	"database/sql"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"frontdesk/bot/journal"
	"frontdesk/config"
)

// TestStore starts the program with stores of every kind and in every condition. It answers
// in each case.
func TestStore(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		env    func(t *testing.T, state string) []string
		before func(t *testing.T, file string)
		then   func(w *setup, state, file string)
	}{
		"a file": {then: func(w *setup, state, file string) {
			w.awaitReady(http.StatusOK, partStore, "ready", "")
			w.await(`opened the store" store=` + file)
			key := w.owned(filepath.Join(state, keyName))
			w.owned(file)
			if code, out, stderr := frontdesk(w.t.(*testing.T), "journal", "stats", "--store", file); code != 0 ||
				!strings.HasPrefix(out, "0 questions") {
				w.t.Errorf("stats while it runs: %s%s", out, stderr)
			}
			if body, _ := get(w.t, w.private()+pathMetrics); !strings.Contains(body, "\nfrontdesk_store_missed_total 0\n") ||
				!strings.Contains(body, `frontdesk_part_state{part="store",state="ready"} 1`) {
				w.t.Error("metrics lack the store")
			}
			// After kill -9 the store and the key are used again.
			if err := w.Process.Kill(); err != nil {
				w.t.Fatal(err)
			}
			<-w.ended
			w.process = startProcess(w.t, w.Env, "run")
			w.awaitReady(http.StatusOK, partStore, "ready", "")
			if again := w.owned(filepath.Join(state, keyName)); again != key {
				w.t.Error("the key is another one after a restart")
			}
		}},
		"a key of the settings": {
			env: func(*testing.T, string) []string { return []string{"FRONTDESK_JOURNAL_KEY=0123456789abcdef"} },
			then: func(w *setup, state, _ string) {
				w.awaitReady(http.StatusOK, partStore, "ready", "")
				w.await(`opened the store`)
				w.missing(filepath.Join(state, keyName))
			}},
		"a folder that cannot be made": {
			env: func(*testing.T, string) []string { return []string{"XDG_STATE_HOME=/dev/null"} },
			then: func(w *setup, _, _ string) {
				w.awaitReady(http.StatusOK, partStore, "degraded", "set FRONTDESK_STORE to another file, or to off")
				w.await(`the store fails; memory takes over.*not a directory.*remedy=`)
				w.once("the store fails; memory takes over")
			}},
		"no place for the key": {
			env: func(t *testing.T, _ string) []string {
				return []string{"XDG_STATE_HOME=/dev/null", "FRONTDESK_STORE=" + filepath.Join(t.TempDir(), "desk.db")}
			},
			then: func(w *setup, _, _ string) {
				w.awaitReady(http.StatusOK, partStore, "ready", "")
				w.await(`the key of the hashes of askers is lost.*not a directory.*FRONTDESK_JOURNAL_KEY`)
			}},
		"neither HOME nor XDG_STATE_HOME": {
			env: func(*testing.T, string) []string { return []string{"XDG_STATE_HOME=", "HOME="} },
			then: func(w *setup, _, _ string) {
				w.await(`there is no store, because neither XDG_STATE_HOME nor HOME is set.*set FRONTDESK_STORE to a file`)
				w.without()
			}},
		"off": {
			env: func(*testing.T, string) []string { return []string{"FRONTDESK_STORE=off"} },
			then: func(w *setup, state, _ string) {
				w.without()
				w.missing(state)
			}},
		"a damaged file": {
			before: func(t *testing.T, file string) {
				if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
					t.Fatal(err)
				}
				put(t, file, "a letter to a friend, and not a database")
			},
			then: func(w *setup, _, file string) {
				w.awaitReady(http.StatusOK, partStore, "ready", "")
				moved := w.await(`level=ERROR msg="the store was damaged.*moved=(\S+)`)[1]
				if kept, err := os.ReadFile(moved); err != nil || !strings.HasPrefix(string(kept), "a letter") {
					w.t.Errorf("%q, %v", kept, err)
				}
				w.owned(file)
			}},
		"PostgreSQL": {
			env: func(t *testing.T, _ string) []string { return []string{"FRONTDESK_STORE=" + testSchema(t)} },
			then: func(w *setup, state, file string) {
				w.awaitReady(http.StatusOK, partStore, "ready", "")
				w.await(`opened the store" store="?postgres`)
				w.owned(filepath.Join(state, keyName))
				w.missing(file)
			}},
		"PostgreSQL that is away": {
			env: func(*testing.T, string) []string {
				return []string{"FRONTDESK_STORE=postgres://desk:not-to-be-seen@127.0.0.1:1/desk"}
			},
			then: func(w *setup, _, _ string) {
				w.awaitReady(http.StatusOK, partStore, "degraded", "connection refused")
				w.once("the store fails; memory takes over")
			}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			state := filepath.Join(t.TempDir(), "frontdesk")
			file := filepath.Join(state, "store.db")
			env := append(small(t), "XDG_STATE_HOME="+filepath.Dir(state))
			if c.env != nil {
				env = append(env, c.env(t, state)...)
			}
			if c.before != nil {
				c.before(t, file)
			}
			w := &setup{slack: startSlack(t)}
			w.process = startProcess(t, slackEnv(w.slack.API(), env...), "run")
			w.awaitReady(http.StatusOK, "slack", "ready", "")
			c.then(w, state, file)
			w.askSlack()
			w.slack.Await(t, "the answer", func() bool { return len(w.slack.Messages("C1")) == 1 })
			if err := w.terminate(); err != nil {
				t.Errorf("%v\n%s", err, w.output())
			}
			if strings.Contains(w.output(), "not-to-be-seen") {
				t.Errorf("a secret is printed:\n%s", w.output())
			}
		})
	}
}

// owned checks that only the owner may read a file, and returns what is in it.
func (w *setup) owned(file string) string {
	w.t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		w.t.Fatal(err)
	}
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		w.t.Errorf("%s: %v, %v", file, info.Mode(), err)
	}
	return string(data)
}

// missing checks that there is no such file.
func (w *setup) missing(file string) {
	w.t.Helper()
	if _, err := os.Stat(file); !os.IsNotExist(err) {
		w.t.Errorf("%s: %v", file, err)
	}
}

// without checks that the program has no store, and that nothing is wrong with that.
func (w *setup) without() {
	w.t.Helper()
	if r, status := ready(w.t, w.private()); status != http.StatusOK || r.part(partStore).Name != "" ||
		r.Status != statusReady {
		w.t.Errorf("%d %+v", status, r)
	}
}

// once checks that the log says something in one line.
func (w *setup) once(what string) {
	w.t.Helper()
	if n := strings.Count(w.output(), what); n != 1 {
		w.t.Errorf("%q is there %d times:\n%s", what, n, w.output())
	}
}

// TestStoreAtTerminal checks that a conversation at the terminal is not kept.
func TestStoreAtTerminal(t *testing.T) {
	t.Parallel()
	state := t.TempDir()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	p := newProcess(t, self, append(small(t), "XDG_STATE_HOME="+state), "run")
	p.Stdin = strings.NewReader("who plans leave for a newborn?\n")
	p.start()
	if err := <-p.ended; err != nil || !strings.Contains(p.output(), "People") {
		t.Errorf("%v\n%s", err, p.output())
	}
	if made, err := os.ReadDir(state); len(made) > 0 || err != nil {
		t.Error(made, err)
	}
}

// TestStoreAddress checks the error of an address that PostgreSQL does not take.
func TestStoreAddress(t *testing.T) {
	t.Parallel()
	p := startProcess(t, slackEnv("http://127.0.0.1:9/api/",
		"FRONTDESK_STORE=postgres://u:not-to-be-seen@h/db?sslmode=perhaps"), "run")
	<-p.ended
	if out := p.output(); p.ProcessState.ExitCode() != exitCannotRun || strings.Contains(out, "not-to-be-seen") ||
		!strings.Contains(out, "FRONTDESK_STORE: this is no address of PostgreSQL; write it like postgres://") {
		t.Error(out)
	}
}

// TestJournalPostgres checks the commands on a store in PostgreSQL.
func TestJournalPostgres(t *testing.T) {
	t.Parallel()
	address := testSchema(t)
	s, err := journal.OpenPostgres(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Write(t.Context(), journal.Row{Adapter: "slack", Outcome: "declined"}); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if code, out, stderr := frontdesk(t, "journal", "export", "--store", address); code != 0 ||
		!strings.Contains(out, `"outcome":"declined"`) {
		t.Error(out, stderr)
	}
	code, _, stderr := frontdesk(t, "journal", "backup", "--store", address, filepath.Join(t.TempDir(), "copy"))
	if code != exitCannotRun || !strings.Contains(stderr, "the store is in PostgreSQL; back it up with pg_dump") {
		t.Error(code, stderr)
	}
}

// testSchema makes an empty schema in the database of the tests and returns an address that
// uses it.
func testSchema(t testing.TB) string {
	t.Helper()
	address := os.Getenv("TEST_POSTGRES")
	if address == "" {
		t.Skip("TEST_POSTGRES has no address; .ci/run starts a server")
	}
	db, err := sql.Open("pgx", address) // the driver of the journal
	if err != nil {
		t.Fatal(err)
	}
	name := "test_" + strings.ToLower(rand.Text())
	if _, err := db.ExecContext(t.Context(), "CREATE SCHEMA "+name); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_, _ = db.Exec("DROP SCHEMA " + name + " CASCADE")
		_ = db.Close()
	})
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	query := u.Query()
	query.Set("search_path", name)
	u.RawQuery = query.Encode()
	return u.String()
}

// TestLimits checks that no words stay in the journal if none are to be kept.
func TestLimits(t *testing.T) {
	t.Parallel()
	c := config.Journal{Text: config.Gaps, TextDays: 2, Days: 3, MaxRows: 4}
	const day = 24 * time.Hour
	if got, want := limits(c), (journal.Limits{Words: 2 * day, Rows: 3 * day, Most: 4}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
	c.Text = config.None
	if got := limits(c).Words; got != 0 {
		t.Errorf("words are kept for %v", got)
	}
}
