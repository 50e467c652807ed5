package main

import (
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"frontdesk/adapters/adaptertest"
)

// TestServerLog checks that net/http's log lines, which any client can cause, are limited.
func TestServerLog(t *testing.T) {
	t.Parallel()
	var log adaptertest.Log
	server := newServer(nil, slog.New(slog.NewTextHandler(&log, nil)))
	for range 100 {
		server.ErrorLog.Print("http: panic serving 127.0.0.1:1: goroutine 1\n")
	}
	text := log.String()
	if strings.Count(text, "\n") != 1 || !strings.Contains(text, "level=WARN") ||
		!strings.Contains(text, "goroutine 1") {
		t.Errorf("the log is\n%s", text)
	}
}

// TestPlaces checks that enough descriptors are reserved for everything but the
// platforms' listener.
func TestPlaces(t *testing.T) {
	t.Parallel()
	for files, want := range map[uint64][2]int{
		0: {0, 8}, 55: {0, 8}, 56: {8, 8}, 64: {16, 8}, 256: {200, 16},
		1024: {mostPlaces, mostPrivate}, 1 << 63: {mostPlaces, mostPrivate},
	} {
		public, private, err := places(files)
		if public != want[0] || private != want[1] || (err != nil) != (public == 0) {
			t.Errorf("%d files: %d and %d places, %v", files, public, private, err)
		}
	}
}

// startWith starts the program with a limit on open files.
func startWith(t *testing.T, files int, env []string) *process {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(t.TempDir(), "frontdesk")
	if err := os.Symlink(self, link); err != nil {
		t.Fatal(err)
	}
	return startProcessOf(t, "/bin/sh", env, "-c", fmt.Sprintf(`ulimit -n %d && exec "$0" run`, files), link)
}

// TestFewFiles checks that a program with a low limit on open files reserves some for
// itself, answers despite idle clients, and refuses to start if the limit is too low.
func TestFewFiles(t *testing.T) {
	t.Parallel()
	discord, err := adaptertest.StartDiscord()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(discord.Close)
	env := discordEnv(discord, "FRONTDESK_DISCORD_TRANSPORT=http", "FRONTDESK_HTTP_ADDR=127.0.0.1:0")
	p := startWith(t, fewestFiles-1, env)
	<-p.ended
	if code := p.ProcessState.ExitCode(); code != exitCannotRun ||
		!strings.Contains(p.output(), "FRONTDESK_HTTP_ADDR: this process may have 55 files") {
		t.Errorf("with too few files, the exit code is %d:\n%s", code, p.output())
	}

	p = startWith(t, 64, env)
	p.await("adapter=discord state=ready")
	address := p.await(`msg=listening for=FRONTDESK_HTTP_ADDR address=(\S+)`)[1]
	for range 100 {
		c, err := net.Dial("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
	}
	r, err := discord.Request("http://"+address+"/discord/interactions", time.Now(),
		`{"id":"21","application_id":"1","type":2,"token":"t","channel_id":"1","guild_id":"50",`+
			`"app_permissions":"16384",`+
			`"member":{"user":{"id":"71"}},"data":{"name":"ask","type":1,`+
			`"options":[{"name":"question","type":3,"value":"who leads Global Trade?"}]}}`)
	if err != nil {
		t.Fatal(err)
	}
	if status, reply := adaptertest.Do(t, r); status != http.StatusOK || !strings.Contains(reply, "Global Trade") {
		t.Errorf("%d %s", status, reply)
	}
	if files, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", p.Process.Pid)); err == nil && len(files) > 64-16 {
		t.Errorf("%d of 64 files are in use", len(files))
	}
	if _, status := ready(t, p.private()); status != http.StatusOK {
		t.Errorf("/readyz: %d", status)
	}
	body, _ := get(t, p.private()+pathMetrics)
	if !strings.Contains(body, refusedName+`{adapter="discord",reason="signature"} 0`) {
		t.Error("refusals are not counted from the start")
	}
	if n := strings.Count(p.output(), "refused requests that are for no platform"); n != 1 {
		t.Errorf("the log says %d times that connections were closed:\n%s", n, p.output())
	}
}
