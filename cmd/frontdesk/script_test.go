package main

import (
	"context"
	"os"
	"strings"
	"testing"
	"time"

	"frontdesk/bot/journal"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"frontdesk":       func() { os.Exit(program()) },
		"slackstand-in":   slackStandIn,
		"discordstand-in": discordStandIn,
		"hostile":         hostile,
	})
}

// TestScripts runs the scripts, which also serve as a manual.
func TestScripts(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script", UpdateScripts: os.Getenv("UPDATE") != "",
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){"asked": asked, "gaps": gaps},
	})
}

// asked makes a store, as a script's command "asked FILE KEY": slack:U1 was answered, and
// discord:2 was not.
func asked(ts *testscript.TestScript, _ bool, args []string) {
	ctx := context.Background()
	s, _, err := journal.OpenSQLite(ctx, ts.MkAbs(args[0]))
	ts.Check(err)
	hash := func(adapter, id string) string { return journal.AskerHash([]byte(args[1]), adapter, id) }
	ts.Check(s.Write(ctx, journal.Row{
		Time: time.Now().Add(-48 * time.Hour), Adapter: "slack", Outcome: "answered", Division: "pay", Topic: "Wages",
		Chance: 0.9, Version: "1f2e", Took: 1500 * time.Microsecond, Asker: hash("slack", "U1"), Answer: "C1 2.2",
	}))
	ts.Check(s.Write(ctx, journal.Row{
		Time: time.Now(), Adapter: "discord", Outcome: "declined", Version: "1f2e", Asker: hash("discord", "2"),
		Words: "=who feeds \u202ethe cat",
	}))
	_, err = s.Vote(ctx, "C1 2.2", hash("slack", "U1"), true)
	ts.Check(err)
	_, err = s.Take(ctx, journal.Event{Adapter: "slack", Key: "Ev1", Taken: time.Now()})
	ts.Check(err)
	ts.Check(s.Close())
}

// gaps makes a store, as a script's command "gaps FILE LINES": each line is a person, an
// outcome and the words of a question.
func gaps(ts *testscript.TestScript, _ bool, args []string) {
	ctx := context.Background()
	s, _, err := journal.OpenSQLite(ctx, ts.MkAbs(args[0]))
	ts.Check(err)
	for line := range strings.Lines(ts.ReadFile(args[1])) {
		asker, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		outcome, words, _ := strings.Cut(rest, " ")
		ts.Check(s.Write(ctx, journal.Row{
			Time: time.Now(), Adapter: "slack", Outcome: outcome, Asker: asker, Words: words,
		}))
	}
	ts.Check(s.Close())
}
