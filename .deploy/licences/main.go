// Licences prints the licences of Go and of all modules that are linked into a program.
// Their terms require that they are distributed with it; the Dockerfile puts them into
// the image:
//
//	go run ./.deploy/licences PROGRAM >FILE
//
// Run it in the module that the program was built from.
package main

import (
	"bytes"
	"debug/buildinfo"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime/debug"
	"slices"
	"strings"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: licences PROGRAM")
		os.Exit(2)
	}
	if err := run(os.Stdout, os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "licences:", err)
		os.Exit(1)
	}
}

// run prints the licences of Go and of a program's modules.
func run(w io.Writer, program string) error {
	info, err := buildinfo.ReadFile(program)
	if err != nil {
		return err
	}
	folders, err := linked(info)
	if err != nil {
		return err
	}
	goroot, err := output(os.Environ(), "env", "GOROOT")
	if err != nil {
		return err
	}
	// Go's licence covers the packages of golang.org/x in its standard library.
	sources := []source{{"Go " + info.GoVersion, goroot, nil}}
	for _, m := range info.Deps {
		if m.Replace != nil {
			m = m.Replace
		}
		packages := folders[m.Path]
		if packages == nil {
			return fmt.Errorf("%s is linked, but go list finds none of its packages here", m.Path)
		}
		sources = append(sources, source{m.Path + " " + m.Version, packages[0], packages[1:]})
	}
	var out bytes.Buffer
	for _, s := range sources {
		if err := s.print(&out); err != nil {
			return err
		}
	}
	_, err = out.WriteTo(w)
	return err
}

// linked lists, for each module of the program, its folder and then the folders of its
// packages that are in the program.
func linked(info *debug.BuildInfo) (map[string][]string, error) {
	env, tags := os.Environ(), ""
	for _, s := range info.Settings {
		switch {
		case s.Key == "-tags":
			tags = s.Value
		case strings.HasPrefix(s.Key, "GO"), s.Key == "CGO_ENABLED":
			env = append(env, s.Key+"="+s.Value)
		}
	}
	list, err := output(env, "list", "-deps", "-tags", tags, "-f", `{{with .Module}}{{if not .Main}}`+
		`{{with .Replace}}{{.Path}}{{else}}{{.Path}}{{end}}{{"\t"}}{{.Dir}}{{"\t"}}{{$.Dir}}{{end}}{{end}}`, info.Path)
	if err != nil {
		return nil, err
	}
	folders := map[string][]string{}
	for line := range strings.Lines(list) {
		fields := strings.Split(strings.TrimSpace(line), "\t")
		if len(fields) != 3 {
			return nil, fmt.Errorf("go list prints %q, which has not three fields", line)
		}
		if folders[fields[0]] == nil {
			folders[fields[0]] = fields[1:2]
		}
		folders[fields[0]] = append(folders[fields[0]], fields[2])
	}
	return folders, nil
}

// output runs the Go tool and returns its output.
func output(env []string, args ...string) (string, error) {
	cmd := exec.Command("go", args...)
	cmd.Env = env
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("go %s: %w", args[0], err)
	}
	return strings.TrimSpace(string(out)), nil
}

// source is Go or a module, with licences of its own.
type source struct {
	name, folder string
	packages     []string // folders in it that are in the program
}

// licence and more match the names of files to be distributed with a program.
var (
	licence = regexp.MustCompile(`(?i)^((un)?licen[cs]e|copying)([-._].*)?$`)
	more    = regexp.MustCompile(`(?i)^(notices?|patents|copyright)([-._].*)?$`)
)

// print prints the licences of a source: those in its folder, which must have at least
// one, and those in the folders below it down to the packages.
func (s source) print(w io.Writer) error {
	files, err := licences(s.folder)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(files, func(file string) bool { return licence.MatchString(filepath.Base(file)) }) {
		return fmt.Errorf("%s has no licence in %s", s.name, s.folder)
	}
	seen := map[string]bool{s.folder: true}
	for _, folder := range s.packages {
		for ; !seen[folder]; folder = filepath.Dir(folder) {
			seen[folder] = true
			nearer, err := licences(folder)
			if err != nil {
				return err
			}
			files = append(files, nearer...)
		}
	}
	for _, file := range files {
		name, err := filepath.Rel(s.folder, file)
		if err != nil {
			return err
		}
		text, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		if text = bytes.TrimSpace(text); len(text) == 0 {
			return fmt.Errorf("%s: %s is empty", s.name, file)
		}
		fmt.Fprintf(w, "==== %s: %s\n\n%s\n\n", s.name, filepath.ToSlash(name), text)
	}
	return nil
}

// licences lists the files of a folder whose names match.
func licences(folder string) ([]string, error) {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return nil, err
	}
	var files []string
	for _, e := range entries {
		name := e.Name()
		if e.Type().IsRegular() && filepath.Ext(name) != ".go" &&
			(licence.MatchString(name) || more.MatchString(name)) {
			files = append(files, filepath.Join(folder, name))
		}
	}
	return files, nil
}
