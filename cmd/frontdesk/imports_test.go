package main

import (
	"go/build"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// allowed says which of our packages a package may import. A name that ends in "/..."
// stands for a package and all below it; the longest matching name applies.
var allowed = map[string][]string{
	"cmd/...":      {"..."},
	"adapters/...": {"bot", "bot/journal", "adapters", "adapters/network", "knowledge/text"}, // not each other
	"adapters/slack": {
		"bot", "bot/journal", "adapters", "adapters/network", "adapters/slack/socketmode", "knowledge/text",
	},
	"adapters/slack/socketmode": {"adapters/network"}, // a connection knows no bot
	"adapters/discord": {
		"bot", "bot/journal", "adapters", "adapters/network", "adapters/discord/gateway", "knowledge/text",
	},
	"adapters/discord/gateway": {"adapters/network"},
	"adapters/network":         {},
	"bot":                      {"knowledge", "knowledge/text"},
	"bot/journal":              {"bot", "bot/inbox", "knowledge", "knowledge/text"},
	"bot/inbox":                {"bot", "knowledge", "knowledge/parallel", "knowledge/text"},
	"bot/report":               {},
	"knowledge":                {"knowledge/..."},
	"knowledge/draft":          {"knowledge", "knowledge/text", "knowledge/words"},
	"knowledge/ranking":        {"knowledge/words", "knowledge/parallel"},
	"knowledge/text":           {},
	"knowledge/words":          {},
	"knowledge/parallel":       {},
	"config":                   {},
}

// allowedInTests says what the tests of a package may import in addition.
var allowedInTests = map[string][]string{
	"adapters/...":      {"adapters/adaptertest"},
	"knowledge/ranking": {"knowledge"},   // to load test files
	"bot/inbox":         {"bot/journal"}, // for a real store
}

// homes says which files or packages may import a library.
var homes = map[string][]string{
	"github.com/goccy/go-yaml":     {"_test.go"},
	"github.com/kljensen/snowball": {"knowledge/words/stem.go"},
	"github.com/fsnotify/fsnotify": {"knowledge/watch.go"},
	"github.com/prometheus":        {"cmd/frontdesk/metrics.go", "_test.go"},
	"go.yaml.in/yaml/v3": {"config/load.go", "config/audiences.go",
		"knowledge/editplan.go", "knowledge/editsource.go", "knowledge/editstyle.go", "knowledge/editwrite.go",
		"knowledge/lost.go", "knowledge/mismatch.go", "knowledge/read.go", "knowledge/syntax.go", "_test.go"},
	"github.com/yuin/goldmark":         {"knowledge/text/markdown.go", "knowledge/text/html.go"},
	"github.com/spf13/cobra":           {"cmd/frontdesk"},
	"github.com/pressly/goose":         {"bot/journal"},
	"github.com/jackc/pgx":             {"bot/journal"},
	"modernc.org/sqlite":               {"bot/journal"},
	"github.com/slack-go/slack":        {"adapters/slack"},
	"github.com/gorilla/websocket":     {"adapters/slack", "adapters/discord", "adapters/adaptertest"},
	"github.com/bwmarrin/discordgo":    {"adapters/discord"},
	"golang.org/x/time":                {"adapters/discord"},
	"filippo.io/edwards25519":          {"adapters/discord", "config"},
	"github.com/spf13/cast":            {"config"},
	"github.com/spf13/viper":           {"config"},
	"github.com/go-viper/mapstructure": {"config"},
	"golang.org/x/term":                {"adapters/console"},
	"golang.org/x/text/unicode/norm":   {"knowledge/words/tokens.go"},
	"golang.org/x/text/width":          {"adapters/console"},
	"golang.org/x/text/encoding":       {"knowledge/draft/decode.go"},
	"golang.org/x/net/html":            {"knowledge/draft"},
	"github.com/google/go-cmp":         {"_test.go"},
	"github.com/rogpeppe/go-internal":  {"_test.go"},
}

// TestImports checks the imports of every package against the tables above.
func TestImports(t *testing.T) {
	t.Parallel()
	root := filepath.Join("..", "..")
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.IsDir() {
			return err
		}
		if name := d.Name(); name == "testdata" || strings.HasPrefix(name, ".") && path != root {
			return filepath.SkipDir
		}
		pkg, err := build.ImportDir(path, 0)
		if err != nil {
			return nil // no Go files here
		}
		dir, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		dir = filepath.ToSlash(dir)
		may, ok := rule(allowed, dir)
		if !ok {
			t.Errorf("%s: the table of allowed imports does not have this package", dir)
			return nil
		}
		inTests, _ := rule(allowedInTests, dir)
		inTests = slices.Concat(may, inTests, []string{dir})
		checkImports(t, dir, pkg.ImportPos, may)
		checkImports(t, dir, pkg.TestImportPos, inTests)
		checkImports(t, dir, pkg.XTestImportPos, inTests)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// rule is the entry of a table for a package: that with the longest matching name.
func rule(table map[string][]string, dir string) (imports []string, ok bool) {
	longest := ""
	for name := range table {
		if covers(name, dir) && len(name) > len(longest) {
			longest = name
		}
	}
	imports, ok = table[longest]
	return imports, ok
}

// covers reports whether a name of a table stands for a package.
func covers(name, dir string) bool {
	below, ok := strings.CutSuffix(name, "...")
	return dir == strings.TrimSuffix(below, "/") || ok && strings.HasPrefix(dir, below)
}

// checkImports compares what the files of a folder import with what they may.
func checkImports(t *testing.T, dir string, imports map[string][]token.Position, may []string) {
	t.Helper()
	for imported, positions := range imports {
		ours, ok := strings.CutPrefix(imported, "frontdesk/")
		for _, at := range positions {
			file := dir + "/" + filepath.Base(at.Filename)
			if !ok {
				checkHome(t, imported, file)
			} else if !slices.ContainsFunc(may, func(name string) bool { return covers(name, ours) }) {
				t.Errorf("%s imports %s", file, imported)
			}
		}
	}
}

// checkHome checks that a file may import a library.
func checkHome(t *testing.T, imported, file string) {
	host, _, _ := strings.Cut(imported, "/")
	if !strings.Contains(host, ".") {
		return // the standard library
	}
	for library, places := range homes {
		if imported == library || strings.HasPrefix(imported, library+"/") {
			if !slices.ContainsFunc(places, func(p string) bool {
				return strings.HasPrefix(file, p) || p == "_test.go" && strings.HasSuffix(file, p)
			}) {
				t.Errorf("%s imports %s, which only %s may", file, imported, strings.Join(places, ", "))
			}
			return
		}
	}
	t.Errorf("%s imports %s, which the table of libraries does not have", file, imported)
}
