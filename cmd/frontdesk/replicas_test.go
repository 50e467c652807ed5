package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"frontdesk/bot"
)

// TestReplicas starts two processes on one PostgreSQL. Each lists both, with their knowledge
// files, until one ends.
func TestReplicas(t *testing.T) {
	t.Parallel()
	fake := startSlack(t)
	store := "FRONTDESK_STORE=" + testSchema(t)
	files := []string{writeFile(t, "one.yaml", fileOfPeople), writeFile(t, "two.yaml", fileOfBoth)}
	var all []*process
	for _, file := range files {
		all = append(all, startProcess(t, slackEnv(fake.API(), store, "FRONTDESK_KNOWLEDGE="+file), "run"))
	}
	name := regexp.MustCompile(`^[\w.-]+-[a-z2-7]{5}$`)
	for i, p := range all {
		r := awaitReplicas(t, p, 2)
		file := r.Knowledge.Version
		own := ""
		for _, replica := range r.Replicas {
			if !name.MatchString(replica.Name) || replica.Version != version() || time.Since(replica.Seen) > time.Minute {
				t.Errorf("%+v", replica)
			}
			if replica.File == file {
				own = replica.Name
			}
		}
		if !strings.Contains(p.output(), "replica="+own) || r.Replicas[0].File == r.Replicas[1].File {
			t.Errorf("process %d with the file %s lists %+v", i, file, r.Replicas)
		}
		if body, _ := get(t, p.private()+pathMetrics); !strings.Contains(body,
			`frontdesk_replica_info{file="`+file+`",replica="`+own+`"} 1`) {
			t.Error("metrics lack the replica")
		}
		address := strings.TrimPrefix(p.private(), "http://")
		_, out, stderr := frontdesk(t, "health", "--ready", "--set", "private_addr="+address)
		if strings.Count(out, "  replica ") != 2 ||
			!strings.Contains(out, "the replicas use different knowledge files; give all the same") {
			t.Error(out, stderr)
		}
	}
	if err := all[0].Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	<-all[0].ended
	awaitReplicas(t, all[1], 1)
	address := strings.TrimPrefix(all[1].private(), "http://")
	_, out, stderr := frontdesk(t, "health", "--ready", "--set", "private_addr="+address)
	if strings.Count(out, "  replica ") != 1 || strings.Contains(out, "different") {
		t.Error(out, stderr)
	}
}

// TestAgreed checks that admins are asked once about a file that changes much, and that all replicas
// use it once it is confirmed at one of them.
func TestAgreed(t *testing.T) {
	t.Parallel()
	fake := startSlack(t)
	store := "FRONTDESK_STORE=" + testSchema(t)
	file := filepath.Join(t.TempDir(), "acme.yaml")
	hidden := strings.Replace(fileOfPeople, "name: People\n",
		"name: People\n    facts: {plan: {text: Half of the jobs go., audience: [board]}}\n", 1)
	put(t, file, hidden)
	var all []*process
	for range 2 {
		p := startProcess(t, slackEnv(fake.API(), store, "FRONTDESK_KNOWLEDGE="+file, "FRONTDESK_RELOAD_MAX_CHANGES=0",
			"FRONTDESK_ADMIN_SLACK_CHANNEL=C0ADMIN"), "run")
		p.await(`adapter=slack state=ready`)
		all = append(all, p)
	}
	put(t, file, strings.Replace(fileOfPeople, "name: People\n",
		"name: People\n    facts: {plan: Half of the jobs go.}\n", 1))
	for _, p := range all {
		p.await(`is pending confirmation.*plan is now shown to public`)
	}
	fake.Await(t, "the notice", func() bool { return len(fake.Messages("C0ADMIN")) > 0 })
	id, value := slackButton(t, fake.Messages("C0ADMIN")[0], "admin", "")
	quoted, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	m := fake.Messages("C0ADMIN")[0]
	fake.Emit(t, fmt.Sprintf(`{"envelope_id":"e1","type":"interactive","payload":{"type":"block_actions",`+
		`"user":{"id":"U9"},"team":{"id":"T1"},"trigger_id":"t1","response_url":%q,"channel":{"id":"C0ADMIN"},`+
		`"container":{"message_ts":%q,"channel_id":"C0ADMIN"},"actions":[{"type":"button","action_id":%q,`+
		`"block_id":"b","value":%s}]}}`, fake.Hook("C0ADMIN", "U9", m.TS), m.TS, id, quoted))
	for _, p := range all {
		p.await(`answering from the new knowledge file`)
	}
	for _, p := range all {
		if err := p.terminate(); err != nil {
			t.Errorf("%v\n%s", err, p.output())
		}
	}
	asked := 0
	for _, m := range fake.Messages("C0ADMIN") {
		if strings.Contains(m.Blocks, bot.LabelConfirm) {
			asked++
		}
	}
	if asked > 1 {
		t.Errorf("admins are asked %d times: %+v", asked, fake.Messages("C0ADMIN"))
	}
}

// awaitReplicas waits until a process lists so many replicas.
func awaitReplicas(t *testing.T, p *process, n int) readiness {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(100 * time.Millisecond) {
		r, status := ready(t, p.private())
		if status == http.StatusOK && len(r.Replicas) == n {
			return r
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d replicas are listed in vain: %+v\n%s", n, r, p.output())
		}
	}
}
