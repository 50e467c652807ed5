package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// variable matches environment variables that are meant for the program.
var variable = regexp.MustCompile(`^(FRONTDESK|SLACK|DISCORD)_`)

var quoted = regexp.MustCompile(`"((?:FRONTDESK|SLACK|DISCORD)_[A-Z0-9_]+)"`)

// variables finds the names of the settings in the source of package config, which
// cannot be imported from this module.
func variables(folder string) (map[string]bool, error) {
	files, err := filepath.Glob(filepath.Join(folder, "*.go"))
	if err != nil {
		return nil, err
	}
	known := map[string]bool{}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		source, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		for _, match := range quoted.FindAllSubmatch(source, -1) {
			known[string(match[1])] = true
		}
	}
	if len(known) == 0 {
		return nil, fmt.Errorf("%s: no setting is found in its files", folder)
	}
	return known, nil
}

// unknown reports whether a variable is meant for the program but is none of its
// settings. NAME_FILE names a file with the value of NAME.
func unknown(name string, known map[string]bool) bool {
	return variable.MatchString(name) && !known[name] && !known[strings.TrimSuffix(name, "_FILE")]
}
