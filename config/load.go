package config

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-viper/mapstructure/v2"
	"github.com/spf13/cast"
	"github.com/spf13/viper"
	"go.yaml.in/yaml/v3"
)

// Source is where settings come from.
type Source struct {
	File    string            // "" stands for [DefaultFile] if it is there
	Environ []string          // such as [os.Environ]'s
	Flags   map[string]string // by key
}

// Load reads the settings. An error names the file and line, the variable or
// the flag, and says what to do. Of a mistake in the environment that may be
// meant for another program, [Config.Warnings] tells.
func Load(from Source) (*Config, error) {
	l := loader{viper: viper.New(), from: map[string]string{}, config: new(Config)}
	for _, s := range settings {
		l.viper.SetDefault(s.key, s.standard)
		l.from[s.key] = originDefault
	}
	if from.File == "" {
		if _, err := os.Stat(DefaultFile); err == nil {
			from.File = DefaultFile
		}
	}
	if from.File != "" {
		if err := l.file(from.File); err != nil {
			return nil, fmt.Errorf("read the settings: %w", err)
		}
	}
	l.environment(from.Environ)
	l.flags(from.Flags)
	l.fits()
	if err := l.viper.Unmarshal(l.config, viper.DecodeHook(mapstructure.ComposeDecodeHookFunc(
		mapstructure.StringToTimeDurationHookFunc(), mapstructure.TextUnmarshallerHookFunc(), mapstructure.StringToWeakSliceHookFunc(",")))); err != nil {
		l.problems = append(l.problems, err)
	}
	l.problems = append(l.problems, l.config.check(l.from)...)
	l.config.effective = l.effective()
	slices.SortStableFunc(l.problems, func(a, b error) int { return strings.Compare(a.Error(), b.Error()) })
	return l.config, errors.Join(l.problems...)
}

// flags takes what was set on the command line. Secrets are not: everyone on the
// machine can read it.
func (l *loader) flags(values map[string]string) {
	for _, key := range slices.Sorted(maps.Keys(values)) {
		i := slices.IndexFunc(settings, func(s setting) bool { return s.key == key })
		switch {
		case i < 0:
			l.problem("--set", "there is no setting %s%s", key, meant(key, keysOf(func(s setting) string { return s.key })))
		case settings[i].secret:
			l.problem("--set", "everyone on this machine could read %s there; use %s, or %s with the path of a file", key, settings[i].env, settings[i].env+fileSuffix)
		default:
			l.set(key, values[key], FlagName(key))
		}
	}
}

// FlagName is the flag of a setting on the command line.
func FlagName(key string) string {
	if strings.Contains(key, ".") {
		return "--set " + key
	}
	return "--" + strings.ReplaceAll(key, "_", "-")
}

const originDefault = "default"

// loader is the reading of settings.
type loader struct {
	viper    *viper.Viper
	config   *Config
	from     map[string]string // by key: where the value stands
	problems []error
}

func (l *loader) problem(at, format string, args ...any) {
	l.problems = append(l.problems, fmt.Errorf("%s: %s", at, fmt.Sprintf(format, args...)))
}

func (l *loader) warn(format string, args ...any) {
	l.config.warnings = append(l.config.warnings, fmt.Sprintf(format, args...))
}

func (l *loader) set(key string, value any, from string) {
	l.viper.Set(key, value)
	l.from[key] = from
}

// file reads a settings file and looks for keys that there are not.
func (l *loader) file(name string) error {
	data, err := os.ReadFile(name) // #nosec G304 -- the operator names it
	if err != nil {
		return fmt.Errorf("%s: %w", name, withoutPath(err))
	}
	l.viper.SetConfigFile(name)
	l.viper.SetConfigType("yaml")
	var tree yaml.Node
	err = l.viper.ReadInConfig()
	if err == nil {
		err = yaml.Unmarshal(data, &tree)
	}
	if err != nil {
		return withoutValues(name, err)
	}
	if len(tree.Content) > 0 {
		l.keys(name, "", tree.Content[0])
	}
	if info, err := os.Stat(name); err == nil && info.Mode().Perm()&0o004 != 0 {
		for _, s := range settings {
			if s.secret && l.from[s.key] != originDefault && l.viper.GetString(s.key) != "" {
				l.warn("%s holds %s and everyone on this machine may read it; take that away with chmod o-r %s", name, s.key, name)
				break
			}
		}
	}
	return nil
}

// keys goes through the mapping of one section.
func (l *loader) keys(file, section string, n *yaml.Node) {
	if n.Kind != yaml.MappingNode {
		return
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := strings.ToLower(section + n.Content[i].Value)
		at := fmt.Sprintf("%s:%d", file, n.Content[i].Line)
		switch {
		case isSetting(key):
			l.from[key] = at
		case isSection(key):
			if v := n.Content[i+1]; v.Kind != yaml.MappingNode && v.Tag != "!!null" {
				l.problem(at, "%s is a group of settings; they stand below it, each on a line of its own", key)
				l.viper.Set(key, map[string]any{})
			}
			l.keys(file, key+".", n.Content[i+1])
		default:
			l.problem(at, "there is no setting %s%s", key, meant(key, keysOf(func(s setting) string { return s.key })))
		}
	}
}

func isSetting(key string) bool {
	return slices.ContainsFunc(settings, func(s setting) bool { return s.key == key })
}

func isSection(key string) bool {
	return slices.ContainsFunc(settings, func(s setting) bool { return strings.HasPrefix(s.key, key+".") })
}

func keysOf(of func(setting) string) []string {
	var keys []string
	for _, s := range settings {
		keys = append(keys, of(s))
	}
	return keys
}

// meant suggests the known name that is nearest to an unknown one.
func meant(unknown string, known []string) string {
	const most = 3 // slips
	best, least := "", most+1
	for _, k := range known {
		d := distance(unknown, k)
		if _, last, ok := strings.Cut(k, "."); ok && last == unknown { // the section was left out
			d = 1
		}
		if d < least && d < len(unknown)/2 {
			best, least = k, d
		}
	}
	if best == "" {
		return "; frontdesk config lists them all"
	}
	return "; did you mean " + best + "?"
}

// distance is how many letters must be changed, put in or left out to make one
// word of another (Levenshtein 1966).
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			next := min(row[j]+1, row[j+1]+1, diagonal+cost)
			diagonal, row[j+1] = row[j+1], next
		}
	}
	return row[len(b)]
}

// fileSuffix marks a variable that names a file with the value, as Docker and
// Kubernetes hand out secrets.
const fileSuffix = "_FILE"

// maxSecretFile is the longest file of a value that is read, in bytes.
const maxSecretFile = 64 << 10

// environment reads the variables. One that is set but empty, or white space,
// counts as not set.
func (l *loader) environment(environ []string) {
	vars := map[string]string{}
	for _, v := range environ {
		if name, value, ok := strings.Cut(v, "="); ok {
			vars[name] = strings.TrimSpace(value)
		}
	}
	for _, s := range settings {
		value, file := vars[s.env], vars[s.env+fileSuffix]
		switch {
		case value != "" && file != "":
			l.problem(s.env, "%s is set as well; keep one of them", s.env+fileSuffix)
		case value != "":
			l.set(s.key, value, s.env)
		case file != "":
			value, err := readValue(file)
			if err != nil { // the name is not repeated: it may be the secret itself
				l.problem(s.env+fileSuffix, "%v; it is to hold the path of a file with the value", err)
				continue
			}
			l.set(s.key, value, s.env+fileSuffix)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(vars)) {
		l.unknownVariable(name, vars[name])
	}
}

// withoutPath is the cause of an error with a file.
func withoutPath(err error) error {
	var cause *os.PathError
	if errors.As(err, &cause) {
		return cause.Err
	}
	return err
}

// readValue reads the value that a file holds.
func readValue(file string) (string, error) {
	f, err := os.Open(file) // #nosec G304 -- the operator names it
	if err != nil {
		return "", fmt.Errorf("the file that it names cannot be read: %w", withoutPath(err))
	}
	defer func() { _ = f.Close() }() // only read
	data, err := io.ReadAll(io.LimitReader(f, maxSecretFile+1))
	if err != nil {
		return "", fmt.Errorf("the file that it names cannot be read: %w", withoutPath(err))
	}
	value := strings.TrimSpace(string(data))
	switch {
	case len(data) > maxSecretFile:
		return "", fmt.Errorf("the file that it names is longer than %d KiB", maxSecretFile>>10)
	case value == "":
		return "", errors.New("the file that it names is empty")
	}
	return value, nil
}

// unknownVariable warns of a variable that is probably meant for this program.
// It may be another's: Kubernetes sets FRONTDESK_PORT for a Service of that name.
func (l *loader) unknownVariable(name, value string) {
	known := keysOf(func(s setting) string { return s.env })
	plain := strings.TrimSuffix(name, fileSuffix)
	if value == "" || slices.Contains(known, name) || slices.Contains(known, plain) {
		return
	}
	hint := meant(plain, known)
	ours := strings.HasPrefix(name, "FRONTDESK_")
	near := strings.Contains(hint, "did you mean")
	switch {
	case ours && strings.HasPrefix(value, "tcp://") || strings.HasPrefix(name, "FRONTDESK_SERVICE_") || strings.HasPrefix(name, "FRONTDESK_PORT_"):
		l.warn("%s is ignored; Kubernetes sets it for a Service of that name, unless the Pod has enableServiceLinks: false", name)
	case ours || (near || strings.Contains(name, "TOKEN")) && (strings.HasPrefix(name, "SLACK_") || strings.HasPrefix(name, "DISCORD_")):
		l.warn("%s is ignored: there is no such setting%s", name, hint)
	}
}

// Warnings tell of what was ignored.
func (c *Config) Warnings() []string { return c.warnings }

// fits looks whether each value is of its setting's kind. One that is not is
// left at its default, so that the rest can be looked at.
func (l *loader) fits() {
	for _, s := range settings {
		value := l.viper.Get(s.key)
		if value == nil { // a key without a value
			l.viper.Set(s.key, s.standard)
			l.from[s.key] = originDefault
			continue
		}
		if s.key == audiences {
			l.fitAudiences(value)
			continue
		}
		value, err := s.fits(value)
		if err != nil {
			if strings.HasSuffix(l.from[s.key], fileSuffix) && !s.secret {
				err = errors.New("what the file holds is no value for this setting") // it may be a secret
			}
			l.problem(l.name(s.key), "%v", err)
			value = s.standard
		}
		l.viper.Set(s.key, value)
	}
}

// name is where a value stands, for an error.
func (l *loader) name(key string) string { return place(l.from, key) }

// place is where a value stands, with its key if that does not say it.
func place(from map[string]string, key string) string {
	at := from[key]
	if strings.Contains(at, ":") || at == originDefault {
		return at + ": " + key
	}
	return at
}

// fits brings a value into the form of its setting, or says what is wrong with it.
// White space around it is no part of it. A secret is not repeated.
func (s setting) fits(value any) (any, error) {
	text := strings.TrimSpace(fmt.Sprint(value))
	if _, ok := value.(string); ok {
		value = text
	}
	switch s.standard.(type) {
	case bool:
		if _, err := strconv.ParseBool(text); err != nil {
			return nil, fmt.Errorf("%q is neither true nor false", text)
		}
	case int:
		if _, err := strconv.Atoi(text); err != nil {
			return nil, fmt.Errorf("%q is no whole number", text)
		}
	case time.Duration:
		if d, err := time.ParseDuration(text); err != nil || d < time.Second {
			return nil, fmt.Errorf("%q is no time from a second up, such as 30s or 5m", text)
		}
	case []int, []string:
		return s.list(value)
	case string:
		switch value.(type) {
		case map[string]any, []any:
			return nil, errors.New("this is to be one value")
		}
		if s.secret {
			return text, secretForm(value)
		}
		if s.key == "log_level" && new(slog.Level).UnmarshalText([]byte(text)) != nil {
			return nil, fmt.Errorf("%q is no level; it is debug, info, warn or error", text)
		}
	}
	return value, nil
}

// list brings a list into its form: one in a variable has commas.
func (s setting) list(value any) (any, error) {
	if one, ok := value.(string); ok {
		value = strings.Split(one, ",")
	}
	items, err := cast.ToStringSliceE(value)
	if _, isMap := value.(map[string]any); err != nil || isMap {
		return nil, errors.New("this is to be a list")
	}
	items = slices.DeleteFunc(items, func(i string) bool { return strings.TrimSpace(i) == "" })
	numbers := make([]int, len(items))
	for i := range items {
		items[i] = strings.TrimSpace(items[i])
		if _, ok := s.standard.([]int); ok {
			if numbers[i], err = strconv.Atoi(items[i]); err != nil {
				return nil, fmt.Errorf("%q is no number", items[i])
			}
		}
	}
	if _, ok := s.standard.([]int); ok {
		return numbers, nil
	}
	return items, nil
}

// atLine finds where in a file an error is.
var atLine = regexp.MustCompile(`line (\d+)`)

// withoutValues shortens an error of the YAML library to the place: it quotes
// what it does not understand, and that may be a token.
func withoutValues(name string, err error) error {
	if line := atLine.FindStringSubmatch(err.Error()); line != nil {
		name += ":" + line[1]
	}
	return fmt.Errorf("%s: this is not YAML with settings, such as knowledge: acme.yaml", name)
}
