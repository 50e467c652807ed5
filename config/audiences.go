package config

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/spf13/cast"
	"go.yaml.in/yaml/v3"
)

// fitAudiences checks the audiences and stores them as a map from names to kinds of places
// to lists of ids. In a variable they are written as YAML in one line.
func (l *loader) fitAudiences(value any) {
	at := l.name(audiences)
	l.viper.Set(audiences, map[string]any{})
	if text, ok := value.(string); ok {
		value = nil
		if err := yaml.Unmarshal([]byte(text), &value); err != nil {
			l.problem(at, "this is not YAML; write it like {employees: {slack_workspaces: [T0123ABCD]}}")
			return
		}
	}
	byName, err := cast.ToStringMapE(value)
	if err != nil {
		l.problem(at, "must be keys with values, such as employees: {slack_workspaces: [T0123ABCD]}")
		return
	}
	fitted := map[string]any{}
	for _, name := range slices.Sorted(maps.Keys(byName)) {
		if !audienceName.MatchString(name) {
			l.problem(at, "the audience %q may contain only lower-case letters, digits and single hyphens", name)
			continue
		}
		kinds, err := cast.ToStringMapE(byName[name])
		if err != nil {
			l.problem(at, "%s must have at least one of %s, each with a list of ids",
				name, strings.Join(placeKinds, ", "))
			continue
		}
		places := map[string]any{}
		for _, kind := range slices.Sorted(maps.Keys(kinds)) {
			ids, err := cast.ToStringSliceE(kinds[kind])
			switch {
			case !slices.Contains(placeKinds, kind):
				l.problem(at, "%s: unknown key %s%s", name, kind, meant(kind, placeKinds))
			case err != nil:
				l.problem(at, "%s: %s must be a list of ids", name, kind)
			default:
				places[kind] = ids
				for _, id := range ids {
					if !idForms[kind].MatchString(id) {
						l.problem(at, "%s: %q is not an id for %s; %s", name, id, kind, idHelp[kind])
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

const snowflakeHelp = "it is a number; turn on developer mode in Discord, " +
	"and choose Copy ID in the menu of the server, channel or role"

var idHelp = map[string]string{
	"slack_workspaces": "it begins with T, or with E for an organization, " +
		"and is part of the workspace's address in a browser",
	"slack_channels":  "it begins with C or G and is shown at the end of the channel's details",
	"discord_servers": snowflakeHelp, "discord_channels": snowflakeHelp, "discord_roles": snowflakeHelp,
}
