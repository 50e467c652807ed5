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
	File    string            // "" for [DefaultFile] if it exists
	Environ []string          // in the form of [os.Environ]
	Flags   map[string]string // by key
	// NotYAML says why data is not YAML, at which line and column, and quotes nothing
	// of it. The line is 0 if data is YAML. Without it, only the line is reported.
	NotYAML func(data []byte) (line, column int, why string)
}

// Load reads the settings. An error names the file and line, the variable or the flag,
// and says what to do. Variables with mistakes that may be meant for another program are
// in [Config.Warnings] instead.
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
		if err := l.file(from.File, from.NotYAML); err != nil {
			return nil, fmt.Errorf("read the settings: %w", err)
		}
	}
	l.environment(from.Environ)
	l.flags(from.Flags)
	l.fits()
	l.defaultStore(from.Environ)
	hooks := mapstructure.ComposeDecodeHookFunc(mapstructure.StringToTimeDurationHookFunc(),
		mapstructure.TextUnmarshallerHookFunc(), mapstructure.StringToWeakSliceHookFunc(","))
	if err := l.viper.Unmarshal(l.config, viper.DecodeHook(hooks)); err != nil && len(l.problems) == 0 {
		l.problems = append(l.problems, err)
	}
	l.problems = append(l.problems, l.config.check(l.from)...)
	l.config.effective = l.effective()
	slices.SortStableFunc(l.problems, func(a, b error) int { return strings.Compare(a.Error(), b.Error()) })
	return l.config, errors.Join(l.problems...)
}

// flags reads the settings of the command line. Secrets are refused there, because
// everyone on the machine can read it.
func (l *loader) flags(values map[string]string) {
	for _, key := range slices.Sorted(maps.Keys(values)) {
		i := slices.IndexFunc(settings, func(s setting) bool { return s.key == key })
		switch {
		case i < 0:
			l.problem("--set", "there is no setting %s%s",
				key, meant(key, keysOf(func(s setting) string { return s.key })))
		case settings[i].secret, key == store && storeWithoutPassword(values[key]) != values[key]:
			l.problem(FlagName(key), "everyone on this machine can read %s on the command line; "+
				"use %s, or %s with the path of a file",
				key, settings[i].env, settings[i].env+fileSuffix)
		default:
			l.set(key, values[key], FlagName(key))
		}
	}
}

// FlagName is the command-line flag of a setting.
func FlagName(key string) string {
	if strings.Contains(key, ".") {
		return "--set " + key
	}
	return "--" + strings.ReplaceAll(key, "_", "-")
}

const originDefault = "default"

// loader reads the settings.
type loader struct {
	viper    *viper.Viper
	config   *Config
	from     map[string]string // by key: where the value was set
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

// file reads a settings file and reports unknown keys.
func (l *loader) file(name string, notYAML func([]byte) (int, int, string)) error {
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
		if notYAML != nil {
			if line, column, why := notYAML(data); line > 0 {
				return fmt.Errorf("%s:%d:%d: %s", name, line, column, why)
			}
		}
		return withoutValues(name, err)
	}
	if len(tree.Content) > 0 {
		l.keys(name, "", tree.Content[0])
	}
	if info, err := os.Stat(name); err == nil && info.Mode().Perm()&0o004 != 0 {
		for _, s := range settings {
			value := l.viper.GetString(s.key)
			secret := s.secret && value != "" || s.key == store && storeWithoutPassword(value) != value
			if secret && l.from[s.key] != originDefault {
				l.warn("%s contains %s and everyone on this machine can read it; run chmod o-r %s", name, s.key, name)
				break
			}
		}
	}
	return nil
}

// keys reads the keys of one section.
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
				l.problem(at, "%s is a group of settings; write them below it, one per line", key)
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

// meant suggests the known name that is most similar to an unknown one.
func meant(unknown string, known []string) string {
	const most = 3 // the largest edit distance of a suggestion
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

// distance is how many letters must be changed, inserted or deleted to turn one word into
// another (Levenshtein 1966).
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

// fileSuffix marks a variable with the path of a file that contains the value, the form in
// which Docker and Kubernetes provide secrets.
const fileSuffix = "_FILE"

// maxSecretFile is the largest file with a value, in bytes.
const maxSecretFile = 64 << 10

// environment reads the variables. One that is empty or only white space counts as not
// set.
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
			l.problem(s.env, "%s is also set; keep one of them", s.env+fileSuffix)
		case value != "":
			l.set(s.key, value, s.env)
		case file != "":
			value, err := readValue(file)
			if err != nil { // the path is not quoted, because it may be the secret itself
				l.problem(s.env+fileSuffix, "%v; set it to the path of a file with the value", err)
				continue
			}
			l.set(s.key, value, s.env+fileSuffix)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(vars)) {
		l.unknownVariable(name, vars[name])
	}
}

// withoutPath is the cause of a file error without the path.
func withoutPath(err error) error {
	var cause *os.PathError
	if errors.As(err, &cause) {
		return cause.Err
	}
	return err
}

// readValue reads the value in a file.
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

// unknownVariable warns of a variable that is probably meant for this program. It may
// belong to another one: Kubernetes sets FRONTDESK_PORT for a Service of that name.
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
	case ours && strings.HasPrefix(value, "tcp://"),
		strings.HasPrefix(name, "FRONTDESK_SERVICE_"), strings.HasPrefix(name, "FRONTDESK_PORT_"):
		l.warn("%s is ignored; Kubernetes sets it for a Service of that name, "+
			"unless the Pod has enableServiceLinks: false", name)
	case ours, (near || strings.Contains(name, "TOKEN")) &&
		(strings.HasPrefix(name, "SLACK_") || strings.HasPrefix(name, "DISCORD_")):
		l.warn("%s is ignored: there is no such setting%s", name, hint)
	}
}

// Warnings lists variables that were ignored, and files that too many people can read.
func (c *Config) Warnings() []string { return c.warnings }

// fits checks that each value has the type of its setting. It replaces other values by the
// default, so that the rest can be checked.
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
				err = errors.New("the value in the file is not valid for this setting") // it may be a secret
			}
			l.problem(l.name(s.key), "%v", err)
			value = s.standard
		}
		l.viper.Set(s.key, value)
	}
}

// name is where a value was set, for an error.
func (l *loader) name(key string) string { return place(l.from, key) }

// place is where a value was set, with the key unless that names it.
func place(from map[string]string, key string) string {
	at := from[key]
	if strings.Contains(at, ":") || at == originDefault {
		return at + ": " + key
	}
	return at
}

// fits converts a value to the type of its setting, without the white space around it, or
// says why it cannot. The error does not quote secrets.
func (s setting) fits(value any) (any, error) {
	text := strings.TrimSpace(fmt.Sprint(value))
	if _, ok := value.(string); ok {
		value = text
	}
	switch s.standard.(type) {
	case bool:
		if _, err := strconv.ParseBool(text); err != nil {
			return nil, fmt.Errorf("%q must be true or false", text)
		}
	case int:
		if _, err := strconv.Atoi(text); err != nil {
			return nil, fmt.Errorf("%q must be a whole number", text)
		}
	case time.Duration:
		if d, err := time.ParseDuration(text); err != nil || d < time.Second {
			return nil, fmt.Errorf("%q must be at least 1s, such as 30s", text)
		}
	case []int, []string:
		return s.list(value)
	case string:
		switch value.(type) {
		case map[string]any, []any:
			return nil, errors.New("must be a single value")
		}
		if s.secret {
			return text, secretForm(value)
		}
		if s.key == "log_level" && new(slog.Level).UnmarshalText([]byte(text)) != nil {
			return nil, fmt.Errorf("%q is not a level; use debug, info, warn or error", text)
		}
	}
	return value, nil
}

// list converts a list, which in a variable is separated by commas.
func (s setting) list(value any) (any, error) {
	if one, ok := value.(string); ok {
		value = strings.Split(one, ",")
	}
	items, err := cast.ToStringSliceE(value)
	if _, isMap := value.(map[string]any); err != nil || isMap {
		return nil, errors.New("must be a list")
	}
	items = slices.DeleteFunc(items, func(i string) bool { return strings.TrimSpace(i) == "" })
	numbers := make([]int, len(items))
	for i := range items {
		items[i] = strings.TrimSpace(items[i])
		if _, ok := s.standard.([]int); ok {
			if numbers[i], err = strconv.Atoi(items[i]); err != nil {
				return nil, fmt.Errorf("%q is not a number", items[i])
			}
		}
	}
	if _, ok := s.standard.([]int); ok {
		return numbers, nil
	}
	return items, nil
}

var (
	// atLine matches the line that an error of the YAML library names.
	atLine = regexp.MustCompile(`line (\d+)`)
	// twice matches its error about a key that is there twice.
	twice = regexp.MustCompile(`line (\d+): mapping key .* already defined at line (\d+)`)
)

// withoutValues replaces an error of the YAML library, which may quote a token, by one
// that quotes nothing.
func withoutValues(name string, err error) error {
	if lines := twice.FindStringSubmatch(err.Error()); lines != nil {
		return fmt.Errorf("%s:%s: this key is already in line %s; keep one of them", name, lines[1], lines[2])
	}
	if line := atLine.FindStringSubmatch(err.Error()); line != nil {
		name += ":" + line[1]
	}
	return fmt.Errorf("%s: settings must be YAML keys with values, such as knowledge: acme.yaml", name)
}
