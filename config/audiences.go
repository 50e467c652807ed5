package config

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/spf13/cast"
	"go.yaml.in/yaml/v3"
)

// fitAudiences brings the audiences into their form: names to kinds of places
// to lists of ids. In the environment they are written as YAML on one line.
func (l *loader) fitAudiences(value any) {
	at := l.name(audiences)
	l.viper.Set(audiences, map[string]any{})
	if text, ok := value.(string); ok {
		value = nil
		if err := yaml.Unmarshal([]byte(text), &value); err != nil {
			l.problem(at, "this is not YAML such as {employees: {slack_workspaces: [T0123ABCD]}}")
			return
		}
	}
	byName, err := cast.ToStringMapE(value)
	if err != nil {
		l.problem(at, "audiences are written by name, such as employees: {slack_workspaces: [T0123ABCD]}")
		return
	}
	fitted := map[string]any{}
	for _, name := range slices.Sorted(maps.Keys(byName)) {
		if !audienceName.MatchString(name) {
			l.problem(at, "the audience %q may only have small letters, digits and single hyphens", name)
			continue
		}
		kinds, err := cast.ToStringMapE(byName[name])
		if err != nil {
			l.problem(at, "%s is to have one of %s below it, with ids", name, strings.Join(placeKinds, ", "))
			continue
		}
		places := map[string]any{}
		for _, kind := range slices.Sorted(maps.Keys(kinds)) {
			ids, err := cast.ToStringSliceE(kinds[kind])
			switch {
			case !slices.Contains(placeKinds, kind):
				l.problem(at, "%s: there is no %s%s", name, kind, meant(kind, placeKinds))
			case err != nil:
				l.problem(at, "%s: %s is to be a list of ids", name, kind)
			default:
				places[kind] = ids
				for _, id := range ids {
					if !idForms[kind].MatchString(id) {
						l.problem(at, "%s: %q is no id for %s; %s", name, id, kind, idHelp[kind])
					}
				}
			}
		}
		fitted[name] = places
	}
	l.viper.Set(audiences, fitted)
}

var audienceName = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

var placeKinds = []string{"slack_workspaces", "slack_channels", "discord_servers", "discord_channels", "discord_roles"}

var idForms = map[string]*regexp.Regexp{
	"slack_workspaces": regexp.MustCompile(`^[TE][A-Z0-9]+$`), "slack_channels": regexp.MustCompile(`^[CG][A-Z0-9]+$`),
	"discord_servers": snowflake, "discord_channels": snowflake, "discord_roles": snowflake,
}

const snowflakeHelp = "it is a number; with developer mode on, Copy ID is in the menu of what it names"

var idHelp = map[string]string{
	"slack_workspaces": "it begins with T, or with E for an organization, and is in the address of the workspace in a browser",
	"slack_channels":   "it begins with C or G and stands at the end of the channel's details",
	"discord_servers":  snowflakeHelp, "discord_channels": snowflakeHelp, "discord_roles": snowflakeHelp,
}
