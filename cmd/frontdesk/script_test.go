package main

import (
	"os"
	"testing"

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
	testscript.Run(t, testscript.Params{Dir: "testdata/script", UpdateScripts: os.Getenv("UPDATE") != ""})
}
