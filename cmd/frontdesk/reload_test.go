package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

const (
	fileOfPeople = "version: 1\norganization: {name: Acme}\ndivisions:\n  - id: people\n    name: People\n" +
		"    handles: [{topic: Parental leave, keywords: [newborn, maternity]}]\n" +
		"    questions: [who plans leave for a newborn]\n"
	fileOfBoth = fileOfPeople + "  - id: buildings\n    name: Buildings\n" +
		"    handles: [{topic: Heating, keywords: [radiator, boiler]}]\n    questions: [the radiator is cold]\n"
	fileWrong = "version: 1\ndivisions:\n  - id: people\n    nam: People\n"
)

// private waits for the address of the private listener.
func (p *process) private() string {
	p.t.Helper()
	return "http://" + p.await(`msg=listening for=FRONTDESK_PRIVATE_ADDR address=(\S+)`)[1]
}

// public waits for the address of the platforms' listener.
func (p *process) public() string {
	p.t.Helper()
	return "http://" + p.await(`msg=listening for=FRONTDESK_HTTP_ADDR address=(\S+)`)[1]
}

// get requests an address and returns the response's body and status.
func get(t testing.TB, address string) (body string, status int) {
	t.Helper()
	resp, err := http.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var b bytes.Buffer
	if _, err := b.ReadFrom(resp.Body); err != nil {
		t.Fatal(err)
	}
	return b.String(), resp.StatusCode
}

// ready requests /readyz.
func ready(t testing.TB, address string) (readiness, int) {
	t.Helper()
	body, status := get(t, address+pathReady)
	var r readiness
	if err := json.Unmarshal([]byte(body), &r); err != nil {
		t.Fatalf("%v in %s", err, body)
	}
	return r, status
}

// part is one part in a response of /readyz, or the zero value.
func (r readiness) part(name string) part {
	for _, p := range r.Parts {
		if p.Name == name {
			return p
		}
	}
	return part{}
}

func put(t testing.TB, file, text string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestReload replaces the knowledge file of a running program in every way that editors
// and deployments do, and asks a question each time.
func TestReload(t *testing.T) {
	t.Parallel()
	for name, way := range map[string]func(t *testing.T, dir string) (path string, replace func(text string)){
		"written in place": func(t *testing.T, dir string) (string, func(string)) {
			file := filepath.Join(dir, "acme.yaml")
			return file, func(text string) { put(t, file, text) }
		},
		"an editor that renames": func(t *testing.T, dir string) (string, func(string)) {
			file := filepath.Join(dir, "acme.yaml")
			return file, func(text string) {
				put(t, file+".new", text)
				_ = os.Rename(file, file+"~") // fails the first time
				if err := os.Rename(file+".new", file); err != nil {
					t.Fatal(err)
				}
			}
		},
		"a folder": func(t *testing.T, dir string) (string, func(string)) {
			return dir, func(text string) {
				head, divisions, _ := strings.Cut(text, "divisions:")
				put(t, filepath.Join(dir, "a.yaml"), head)
				put(t, filepath.Join(dir, "b.yaml"), "version: 1\ndivisions:"+divisions)
			}
		},
		"a ConfigMap": func(t *testing.T, dir string) (string, func(string)) {
			// The kubelet makes a folder for each version, and links.
			version := 0
			link := func(to, name string) {
				tmp := name + ".tmp"
				if err := os.Symlink(to, tmp); err != nil {
					t.Fatal(err)
				}
				if err := os.Rename(tmp, name); err != nil {
					t.Fatal(err)
				}
			}
			return filepath.Join(dir, "acme.yaml"), func(text string) {
				version++
				folder := fmt.Sprintf("..version%d", version)
				if err := os.Mkdir(filepath.Join(dir, folder), 0o700); err != nil {
					t.Fatal(err)
				}
				put(t, filepath.Join(dir, folder, "acme.yaml"), text)
				link(folder, filepath.Join(dir, "..data"))
				if version == 1 {
					link("..data/acme.yaml", filepath.Join(dir, "acme.yaml"))
				} else if err := os.RemoveAll(filepath.Join(dir, fmt.Sprintf("..version%d", version-1))); err != nil {
					t.Fatal(err)
				}
			}
		},
		"a release folder": func(t *testing.T, dir string) (string, func(string)) {
			version := 0
			return filepath.Join(dir, "current", "acme.yaml"), func(text string) {
				version++
				release := filepath.Join(dir, fmt.Sprint("release", version))
				if err := os.Mkdir(release, 0o700); err != nil {
					t.Fatal(err)
				}
				put(t, filepath.Join(release, "acme.yaml"), text)
				if err := os.Symlink(release, filepath.Join(dir, "next")); err != nil {
					t.Fatal(err)
				}
				if err := os.Rename(filepath.Join(dir, "next"), filepath.Join(dir, "current")); err != nil {
					t.Fatal(err)
				}
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			fake := startSlack(t)
			file, replace := way(t, t.TempDir())
			replace(fileOfPeople)
			p := startProcess(t, slackEnv(fake.API(), "FRONTDESK_KNOWLEDGE="+file,
				"FRONTDESK_ADMIN_SLACK_CHANNEL=C0ADMIN"), "run")
			p.await(`adapter=slack state=ready`)
			address := p.private()
			if r, status := ready(t, address); status != http.StatusOK || r.Status != statusReady ||
				r.part(partKnowledge).State != "ready" || r.part("slack").State != "ready" ||
				r.Knowledge.Version == "" {
				t.Errorf("readyz says %d %+v", status, r)
			}
			ask := func(ts, want string) {
				t.Helper()
				fake.Emit(t, fmt.Sprintf(`{"envelope_id":"e%s","type":"events_api","payload":%s}`, ts,
					slackMention("Ev"+ts, "C"+ts, ts, "the radiator is cold")))
				fake.Await(t, "an answer", func() bool { return len(fake.Messages("C"+ts)) > 0 })
				if got := fake.Messages("C" + ts)[0].Text; !strings.Contains(got, want) {
					t.Errorf("answers %s, want %s", got, want)
				}
			}
			ask("1.000001", "I can't answer that")

			replace(fileOfBoth)
			p.await(`answering from the new knowledge file.*divisions=2`)
			ask("2.000001", "Buildings")

			replace(fileWrong)
			p.await(`not used.*:4:5: a division has no key nam; did you mean name`)
			fake.Await(t, "a notice to admins", func() bool { return len(fake.Messages("C0ADMIN")) >= 1 })
			if m := fake.Messages("C0ADMIN")[0].Blocks; !strings.Contains(m, "errors") ||
				!strings.Contains(m, ":4:5: a division has no key nam") {
				t.Errorf("admins read %s", m)
			}
			ask("3.000001", "Buildings")
			r, status := ready(t, address)
			if k := r.part(partKnowledge); status != http.StatusOK || r.Status != statusDegraded ||
				k.State != "degraded" || !strings.Contains(k.Why, ":4:5: ") {
				t.Errorf("readyz says %d %+v", status, r)
			}
			m, _ := get(t, address+pathMetrics)
			if !strings.Contains(m, `frontdesk_reloads_total{result="refused"} 1`) ||
				!strings.Contains(m, `frontdesk_part_state{part="knowledge",state="degraded"} 1`) {
				t.Errorf("metrics:\n%s", m)
			}

			replace(fileOfPeople)
			p.await(`answering from the new knowledge file.*divisions=1`)
			ask("4.000001", "I can't answer that")
			fake.Await(t, "a notice that the file is in use", func() bool {
				m := fake.Messages("C0ADMIN")
				return strings.Contains(m[len(m)-1].Text, "I now use the new knowledge file")
			})
			if r, _ := ready(t, address); r.Status != statusReady {
				t.Errorf("readyz says %+v", r)
			}
			if err := p.terminate(); err != nil {
				t.Errorf("%v\n%s", err, p.output())
			}
		})
	}
}

// TestHeldBack checks that a file with too many changes is pending until an admin or
// SIGHUP confirms it.
func TestHeldBack(t *testing.T) {
	t.Parallel()
	fake := startSlack(t)
	file := filepath.Join(t.TempDir(), "acme.yaml")
	put(t, file, fileOfPeople)
	p := startProcess(t, slackEnv(fake.API(), "FRONTDESK_KNOWLEDGE="+file, "FRONTDESK_ADMIN_SLACK_CHANNEL=C0ADMIN",
		"FRONTDESK_RELOAD_MAX_CHANGES=0"), "run")
	p.await(`adapter=slack state=ready`)
	address := p.private()
	put(t, file, fileOfBoth)
	p.await(`is pending confirmation.*1 of 2 example questions`)
	r, status := ready(t, address)
	if status != http.StatusOK || r.Status != statusDegraded || r.Knowledge.Held == "" {
		t.Errorf("readyz says %d %+v", status, r)
	}
	fake.Await(t, "a notice to admins", func() bool { return len(fake.Messages("C0ADMIN")) >= 1 })
	if m := fake.Messages("C0ADMIN")[0].Blocks; !strings.Contains(m, "Use the new file") {
		t.Errorf("admins read %s", m)
	}
	press := func(channel, version string) {
		fake.Emit(t, fmt.Sprintf(`{"envelope_id":"p%s","type":"interactive","payload":{"type":"block_actions",`+
			`"trigger_id":"%d","user":{"id":"U1"},"channel":{"id":%q},"container":{"message_ts":"1.1",`+
			`"channel_id":%q},"message":{"ts":"1.1"},"response_url":%q,"actions":[{"action_id":"admin",`+
			`"block_id":"b","value":"use %s"}]}}`,
			channel, time.Now().UnixNano(), channel, channel, fake.Hook(channel, "U1", ""), version))
	}
	press("C1", r.Knowledge.Held)
	p.await(`ignored a button for admins`)
	press("C0ADMIN", r.Knowledge.Held)
	p.await(`answering from the new knowledge file.*divisions=2`)
	if r, _ := ready(t, address); r.Status != statusReady || r.Knowledge.Held != "" {
		t.Errorf("readyz says %+v", r)
	}

	put(t, file, fileOfPeople)
	p.await(`is pending confirmation.*1 of 2 example questions.*max_changes`)
	fake.Await(t, "a second notice to admins", func() bool {
		asked := 0
		for _, m := range fake.Messages("C0ADMIN") {
			asked += strings.Count(m.Blocks, "Use the new file")
		}
		return asked == 2
	})
	if err := p.Process.Signal(syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	p.await(`answering from the new knowledge file.*divisions=1`)
	if err := p.terminate(); err != nil {
		t.Errorf("%v\n%s", err, p.output())
	}
}

// TestFixes checks that a file that fixes the self-check may change other answers, but
// not show anything to more people.
func TestFixes(t *testing.T) {
	t.Parallel()
	fake := startSlack(t)
	file := filepath.Join(t.TempDir(), "acme.yaml")
	hidden := strings.Replace(fileOfPeople, "name: People\n",
		"name: People\n    facts: {plan: {text: Half of the jobs go., audience: [board]}}\n", 1)
	put(t, file, hidden)
	p := startProcess(t, slackEnv(fake.API(), "FRONTDESK_KNOWLEDGE="+file, "FRONTDESK_RELOAD_MAX_CHANGES=0",
		"FRONTDESK_CANARY_QUESTION=the radiator is cold", "FRONTDESK_CANARY_DIVISION=buildings"), "run")
	p.await(`the canary question is answered wrong`)
	opened := strings.Replace(fileOfBoth, "name: People\n",
		"name: People\n    facts: {plan: Half of the jobs go.}\n", 1)
	put(t, file, opened)
	p.await(`is pending confirmation.*plan is now shown to public`)
	put(t, file, strings.Replace(opened, "{plan: Half of the jobs go.}",
		"{plan: {text: Half of the jobs go., audience: [board]}}", 1))
	p.await(`answering from the new knowledge file.*divisions=2`)
	if err := p.terminate(); err != nil {
		t.Errorf("%v\n%s", err, p.output())
	}
}

// TestCanary checks that /readyz answers 503 while the canary question is answered wrong.
func TestCanary(t *testing.T) {
	t.Parallel()
	fake := startSlack(t)
	file := filepath.Join(t.TempDir(), "acme.yaml")
	put(t, file, fileOfBoth)
	p := startProcess(t, slackEnv(fake.API(), "FRONTDESK_KNOWLEDGE="+file,
		"FRONTDESK_CANARY_QUESTION=the radiator is cold", "FRONTDESK_CANARY_DIVISION=buildings"), "run")
	p.await(`adapter=slack state=ready`)
	address := p.private()
	if r, status := ready(t, address); status != http.StatusOK || r.part(partCanary).State != "ready" {
		t.Errorf("readyz says %d %+v", status, r)
	}
	put(t, file, fileOfPeople)
	p.await(`the canary question is answered wrong`)
	r, status := ready(t, address)
	if status != http.StatusServiceUnavailable || r.Status != statusUnready ||
		!strings.Contains(r.part(partCanary).Why, "buildings") {
		t.Errorf("readyz says %d %+v", status, r)
	}
	if m, _ := get(t, address+pathMetrics); !strings.Contains(m, "frontdesk_canary_right 0") {
		t.Errorf("metrics:\n%s", m)
	}
	if body, status := get(t, address+pathHealth); status != http.StatusOK || body != "alive\n" {
		t.Errorf("healthz says %d %q", status, body)
	}
	var out, stderr bytes.Buffer
	addr := strings.TrimPrefix(address, "http://")
	health := func(more ...string) int {
		args := append([]string{"health", "--private-addr", addr}, more...)
		return run(t.Context(), args, strings.NewReader(""), &out, &stderr)
	}
	if code := health(); code != 0 || out.String() != "alive\n" {
		t.Errorf("health ends with %d: %s%s", code, out.String(), stderr.String())
	}
	out.Reset()
	if code := health("--ready"); code != exitProblems || !strings.Contains(out.String(), "canary") {
		t.Errorf("health --ready ends with %d: %s%s", code, out.String(), stderr.String())
	}
	if err := p.terminate(); err != nil {
		t.Error(err)
	}
	if code := health(); code != exitCannotRun || !strings.Contains(stderr.String(), "nothing answers") {
		t.Errorf("without a program health ends with %d: %s", code, stderr.String())
	}
}

// TestRunTerminal checks that the program answers on standard input if no platform is
// configured, and logs JSON if standard error is no terminal.
func TestRunTerminal(t *testing.T) {
	t.Parallel()
	var out, stderr bytes.Buffer
	file := writeFile(t, "frontdesk.yaml", "log_format: auto\n")
	code := run(t.Context(), []string{"run", "--config", file}, strings.NewReader("who handles forced labor cases?\n"),
		&out, &stderr)
	if code != 0 || !strings.Contains(out.String(), "Global Trade") {
		t.Errorf("ends with %d:\n%s%s", code, out.String(), stderr.String())
	}
	var line struct{ Level, Msg string }
	if err := json.Unmarshal(stderr.Bytes(), &line); err != nil || line.Level != "WARN" ||
		!strings.Contains(line.Msg, "no chat platform is configured") {
		t.Errorf("%v: %s", err, stderr.String())
	}
}

// TestTorn checks that a file is not used while it is still being written: the missing
// line may be the one that restricts an entry to an audience.
func TestTorn(t *testing.T) {
	t.Parallel()
	fake := startSlack(t)
	file := filepath.Join(t.TempDir(), "acme.yaml")
	put(t, file, fileOfPeople)
	p := startProcess(t, slackEnv(fake.API(), "FRONTDESK_KNOWLEDGE="+file), "run")
	p.await(`adapter=slack state=ready`)
	f, err := os.OpenFile(file, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	ticker := time.NewTicker(50 * time.Millisecond) // like a slow copy
	defer ticker.Stop()
	const added = "  - id: layoffs\n    name: Layoffs\n    handles:\n      - topic: Redundancy\n" +
		"    # a\n    # b\n    # c\n    # d\n    audience: [board]\n"
	for _, line := range strings.SplitAfter(added, "\n") {
		<-ticker.C
		if _, err := f.WriteString(line); err != nil {
			t.Fatal(err)
		}
	}
	p.await(`answering from the new knowledge file.*divisions=2`)
	if n := strings.Count(p.output(), "answering from the new knowledge file"); n != 1 {
		t.Errorf("the file was used %d times:\n%s", n, p.output())
	}
	if err := p.terminate(); err != nil {
		t.Error(err)
	}
}

// TestHangupAtStart checks that SIGHUP does not end a program that is starting.
func TestHangupAtStart(t *testing.T) {
	t.Parallel()
	fake := startSlack(t)
	file := filepath.Join(t.TempDir(), "big.yaml")
	put(t, file, string(bigFile(1500)[0].Data))
	p := startProcess(t, slackEnv(fake.API(), "FRONTDESK_KNOWLEDGE="+file), "run")
	p.await(`starting`)
	if err := p.Process.Signal(syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	p.await(`reloading the knowledge file`)
	if err := p.terminate(); err != nil {
		t.Error(err)
	}
}
