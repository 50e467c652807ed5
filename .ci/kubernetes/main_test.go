package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func file(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("..", "..", ".deploy", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func settings(t *testing.T) map[string]bool {
	t.Helper()
	known, err := variables(filepath.Join("..", "..", "config"))
	if err != nil {
		t.Fatal(err)
	}
	return known
}

// mistake is a change to a file, and the expected error.
type mistake struct{ old, new, want string }

func (m mistake) in(t *testing.T, text string) []byte {
	t.Helper()
	if !strings.Contains(text, m.old) {
		t.Fatalf("the file does not have %q", m.old)
	}
	return []byte(strings.ReplaceAll(text, m.old, m.new))
}

func refused(t *testing.T, err error, want string) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("got %v, want an error with %q", err, want)
	}
}

func TestKubernetes(t *testing.T) {
	text, known := file(t, "kubernetes.yaml"), settings(t)
	for name, m := range map[string]mistake{
		"misspelt field": {"livenessProbe:", "livenesProbe:",
			`unknown field "spec.template.spec.containers[0].livenesProbe"`},
		"field in capital": {"livenessProbe:", "LivenessProbe:", `unknown field`},
		"field twice":      {"  replicas: 2", "  replicas: 2\n  replicas: 2", `"replicas" already set`},
		"text for number":  {"  replicas: 2", "  replicas: two", `replicas`},
		"unknown kind":     {"kind: Service", "kind: Servise", `no kind "Servise"`},
		"unknown version":  {"apps/v1", "apps/v9", `no kind "Deployment"`},
		"unchecked kind": {"---\n# For", "---\napiVersion: v1\nkind: Namespace\nmetadata: {name: desk}\n---\n# For",
			`no checks`},
		"probe's port": {"path: /readyz, port: 9090", "path: /readyz, port: 9091",
			"readiness probe: there is no port 9091"},
		"service's port": {"targetPort: http", "targetPort: https", "has no port https"},
		"selector": {"  selector:\n    app.kubernetes.io/name: frontdesk",
			"  selector:\n    app.kubernetes.io/name: desk", "it matches no pods"},
		"own selector": {"    matchLabels:\n      app.kubernetes.io/name: frontdesk",
			"    matchLabels:\n      app.kubernetes.io/name: desk", "own pods"},
		"volume": {"- name: knowledge\n          configMap", "- name: knowledg\n          configMap",
			"there is no volume knowledge"},
		"config map": {"configMap:\n            name: frontdesk-knowledge",
			"configMap:\n            name: knowledge", "there is no config map knowledge"},
		"secret": {"name: frontdesk-tokens, key: DISCORD_BOT_TOKEN", "name: tokens, key: DISCORD_BOT_TOKEN",
			"the secret tokens"},
		"secret's key": {"key: DISCORD_BOT_TOKEN", "key: DISCORD_TOKEN", "the secret has no DISCORD_TOKEN"},
		"variable":     {"name: FRONTDESK_KNOWLEDGE", "name: FRONTDESK_KNOWLEGE", "has no setting FRONTDESK_KNOWLEGE"},
		"strategy":     {"type: RollingUpdate", "type: RolledUpdate", `strategy "RolledUpdate"`},
		"all at once":  {"type: RollingUpdate\n    rolling", "type: Recreate\n    rolling", "an update must leave 2"},
		"one away":     {"maxUnavailable: 0", "maxUnavailable: 1", "an update must leave 2 replicas"},
		"default away": {"      maxUnavailable: 0", "      #", "an update must leave 2 replicas"},
		"budget for none": {"maxUnavailable: 1", "maxUnavailable: 0",
			"disruption budget frontdesk: of 2 replicas, some must stay and some may go"},
		"budget for all":  {"maxUnavailable: 1", "maxUnavailable: 2", "some must stay"},
		"budget in full":  {"  maxUnavailable: 1", "  minAvailable: 2", "some must stay"},
		"budget of twice": {"  maxUnavailable: 1", "  maxUnavailable: 1\n  minAvailable: 1", "minAvailable and max"},
		"budget for others": {"is down\n  selector:\n    matchLabels:\n      app.kubernetes.io/name: frontdesk",
			"is down\n  selector: {matchLabels: {app: desk}}", "0 disruption budgets match its pods"},
		"one node":   {"ScheduleAnyway", "DoNotSchedule", "a cluster of one node has no place for it"},
		"wish":       {"ScheduleAnyway", "ScheduleAnyhow", `no whenUnsatisfiable "ScheduleAnyhow"`},
		"by zone":    {"kubernetes.io/hostname", "topology.kubernetes.io/zone", "on different nodes"},
		"own stores": {"key: FRONTDESK_STORE}", "key: FRONTDESK_STORE, optional: true}", "the same FRONTDESK_STORE"},
		"own keys": {"- name: FRONTDESK_JOURNAL_KEY", "- name: FRONTDESK_JOURNAL_TEXT",
			"all replicas must have the same FRONTDESK_JOURNAL_KEY"},
		"name": {"name: frontdesk-knowledge", "name: frontdesk_knowledge", `"frontdesk_knowledge"`},
		"key":  {"acme.yaml:", "acme/yaml:", "acme/yaml"},
		"no policy": {"podSelector:\n    matchLabels:\n      app.kubernetes.io/name: frontdesk",
			"podSelector: {matchLabels: {app: frontdesk}}", "no network policy restricts"},
		"policy for all": {"podSelector:\n    matchLabels:\n      app.kubernetes.io/name: frontdesk",
			"podSelector: {}", "policy frontdesk: it matches no pods"},
		"policy's field":  {"namespaceSelector:", "nameSpaceSelector:", "unknown field"},
		"policy's type":   {"[Ingress, Egress]", "[Ingress]", "the type Egress"},
		"policy's types":  {"[Ingress, Egress]", "[Ingress, Egress, Regress]", "Regress"},
		"policy's port":   {"- port: private", "- port: privat", "deployment frontdesk has no port privat"},
		"port for nobody": {"- port: private", "- port: http", "nobody may reach port 9090"},
		"rule for anybody": {"- from:\n        - namespaceSelector:\n" +
			"            matchLabels: {kubernetes.io/metadata.name: monitoring}\n      ports:", "- ports:",
			"allows everybody"},
		"rule for all": {"matchLabels: {kubernetes.io/metadata.name: monitoring}", "{}", "a rule matches everybody"},
		"rule's selector": {"matchLabels: {kubernetes.io/metadata.name: monitoring}",
			"matchLabels: {kubernetes.io/metadata.name: moni toring}", "moni toring"},
		"every port in":    {"      ports:\n        - port: private\n", "", "ingress: a rule opens every port"},
		"every port out":   {"- port: 443", "- protocol: TCP", "egress: a rule opens every port"},
		"port out by name": {"- port: 443", "- port: https", "port https must be a number"},
		"protocol":         {"protocol: UDP", "protocol: UPD", `no protocol "UPD"`},
		"one file":         {"readOnly: true", "readOnly: true\n              subPath: acme.yaml", "subPath"},
	} {
		t.Run(name, func(t *testing.T) {
			objects, err := decode(m.in(t, text))
			if err == nil {
				err = objects.check(known)
			}
			refused(t, err, m.want)
		})
	}
}

func TestCompose(t *testing.T) {
	text, known := file(t, "compose.yaml"), settings(t)
	for name, m := range map[string]mistake{
		"misspelt field":   {"cap_drop:", "cap_drops:", "cap_drops"},
		"text for truth":   {"read_only: true\n    cap", "read_only: aye\n    cap", "read_only"},
		"variable":         {"- SLACK_BOT_TOKEN\n", "- SLACK_BOTTOKEN\n", "has no setting SLACK_BOTTOKEN"},
		"secret":           {"# secrets: [slack", "secrets: [slack", "slack_bot_token"},
		"private port":     {"127.0.0.1:9090:9090", "9090:9090", "port 9090 must not be public"},
		"other address":    {"127.0.0.1:9090:9090", "10.0.0.1:9091:9090", "port 9090 must not be public"},
		"database's port":  {"image: postgres:17", "image: postgres:17\n    ports: [5432:5432]", "must not have ports"},
		"database for all": {"profiles: [postgres]", "profiles: []", "must have the profile"},
		"other profile":    {"profiles: [postgres]", "profiles: [database]", "postgres"},
		"other name":       {"@postgres/frontdesk", "@database/frontdesk", "FRONTDESK_STORE is"},
		"always":           {"${POSTGRES_PASSWORD:+postgres", "${POSTGRES_PASSWORD:-postgres", "FRONTDESK_STORE is"},
		"no health":        {"    healthcheck:", "    x-healthcheck:", "needs a health check"},
	} {
		t.Run(name, func(t *testing.T) {
			refused(t, checkCompose("compose.yaml", m.in(t, text), known), m.want)
		})
	}
}

func TestUnknown(t *testing.T) {
	known := map[string]bool{"SLACK_BOT_TOKEN": true}
	for name, want := range map[string]bool{
		"SLACK_BOT_TOKEN": false, "SLACK_BOT_TOKEN_FILE": false, "SLACK_BOT": true, "SLACK_FILE": true,
		"GOMEMLIMIT": false,
	} {
		if got := unknown(name, known); got != want {
			t.Errorf("unknown(%s) = %v", name, got)
		}
	}
}

func TestShipped(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "knowledge")
	if err := check(filepath.Join("..", ".."), folder); err != nil {
		t.Fatal(err)
	}
	if data, err := os.ReadFile(filepath.Join(folder, "acme.yaml")); err != nil ||
		!strings.HasPrefix(string(data), "version: 1\n") {
		t.Errorf("acme.yaml: %v\n%s", err, data)
	}
}
