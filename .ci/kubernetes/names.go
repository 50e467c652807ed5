package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// variable is a variable of the environment that would be for the program.
var variable = regexp.MustCompile(`^(FRONTDESK|SLACK|DISCORD)_`)

var quoted = regexp.MustCompile(`"((?:FRONTDESK|SLACK|DISCORD)_[A-Z0-9_]+)"`)

// variables are those that the source of package config names. The package
// itself cannot be asked, as it is of another module.
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
		return nil, fmt.Errorf("%s: no setting is named here", folder)
	}
	return known, nil
}

// unknown says whether the program would overlook a variable that is meant for
// it. A secret's value may also be in a file, named by NAME_FILE.
func unknown(name string, known map[string]bool) bool {
	return variable.MatchString(name) && !known[name] && !known[strings.TrimSuffix(name, "_FILE")]
}
