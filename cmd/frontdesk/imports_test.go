package main

import (
	"go/build"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// allowed says which of our packages a package may import.
var allowed = map[string]func(imported string) bool{
	"cmd":       func(string) bool { return true },
	"bot":       func(p string) bool { return p == "knowledge" },
	"adapters":  func(p string) bool { return p == "bot" || p == "adapters" },
	"knowledge": func(string) bool { return false },
	"config":    func(string) bool { return false },
}

// homes says which file or package a library may be imported by.
var homes = map[string][]string{
	"github.com/goccy/go-yaml":         {"_test.go"},
	"github.com/kljensen/snowball":     {"knowledge/words.go"},
	"github.com/fsnotify/fsnotify":     {"knowledge/watch.go"},
	"github.com/prometheus":            {"cmd/frontdesk/metrics.go", "_test.go"},
	"go.yaml.in/yaml/v3":               {"config/load.go", "config/audiences.go", "knowledge/read.go", "knowledge/syntax.go", "_test.go"},
	"github.com/yuin/goldmark":         {"knowledge/text.go"},
	"github.com/spf13/cobra":           {"cmd/frontdesk"},
	"github.com/slack-go/slack":        {"adapters/slack"},
	"github.com/gorilla/websocket":     {"adapters/slack", "adapters/discord", "adapters/adaptertest"},
	"github.com/bwmarrin/discordgo":    {"adapters/discord"},
	"golang.org/x/time":                {"adapters/discord"},
	"filippo.io/edwards25519":          {"adapters/discord", "config"},
	"github.com/spf13/cast":            {"config"},
	"github.com/spf13/viper":           {"config"},
	"github.com/go-viper/mapstructure": {"config"},
	"golang.org/x/term":                {"adapters/console"},
	"golang.org/x/text/unicode/norm":   {"knowledge/words.go"},
	"golang.org/x/text/width":          {"adapters/console"},
	"github.com/google/go-cmp":         {"_test.go"},
	"github.com/rogpeppe/go-internal":  {"_test.go"},
}

// TestImports holds who may import whom.
func TestImports(t *testing.T) {
	t.Parallel()
	const module = "frontdesk/"
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
		room, _, _ := strings.Cut(dir, "/")
		may, ok := allowed[room]
		if !ok {
			t.Errorf("%s: there is no such room in the house", dir)
			return nil
		}
		for imported, positions := range pkg.ImportPos {
			if ours, ok := strings.CutPrefix(imported, module); ok {
				if !may(ours) {
					t.Errorf("%s imports %s", dir, imported)
				}
			} else {
				for _, at := range positions {
					checkHome(t, imported, dir+"/"+filepath.Base(at.Filename))
				}
			}
		}
		for imported, positions := range pkg.TestImportPos {
			if !strings.HasPrefix(imported, module) {
				for _, at := range positions {
					checkHome(t, imported, dir+"/"+filepath.Base(at.Filename))
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

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
				t.Errorf("%s imports %s, whose home is %s", file, imported, strings.Join(places, ", "))
			}
			return
		}
	}
	t.Errorf("%s imports %s, which has no home", file, imported)
}
