package config

import (
	"net/url"
	"path/filepath"
	"strings"
)

// storeName is the name of the store in the state directory.
const storeName = "store.db"

// defaultStore puts the store into the state directory if no other place is set.
func (l *loader) defaultStore(environ []string) {
	l.config.StateDir = stateDir(environ)
	if l.viper.GetString(store) == "" && l.config.StateDir != "" {
		l.viper.Set(store, filepath.Join(l.config.StateDir, storeName))
	}
}

// stateDir is the state directory by the XDG Base Directory Specification, by which a
// relative XDG_STATE_HOME is ignored, or "" if no variable says where it is.
func stateDir(environ []string) string {
	var state, home string
	for _, v := range environ {
		switch name, value, _ := strings.Cut(v, "="); name {
		case "XDG_STATE_HOME":
			state = value
		case "HOME":
			home = value
		}
	}
	switch {
	case filepath.IsAbs(state):
		return filepath.Join(state, "frontdesk")
	case filepath.IsAbs(home):
		return filepath.Join(home, ".local", "state", "frontdesk")
	}
	return ""
}

// StoreName is the store as it may be printed, without a password.
func (c *Config) StoreName() string { return storeWithoutPassword(string(c.Store)) }

// passwords are the parameters with which an address of PostgreSQL may hold a password
// (postgresql.org/docs/current/libpq-connect.html#LIBPQ-PARAMKEYWORDS).
var passwords = []string{"password", "sslpassword"}

// storeWithoutPassword is a file or an address in which stars replace the password.
func storeWithoutPassword(address string) string {
	if !strings.Contains(address, "://") {
		return address // a file may have any name
	}
	u, err := url.Parse(address)
	if err != nil {
		return stars
	}
	_, hidden := u.User.Password()
	query := u.Query()
	for _, name := range passwords {
		if query.Has(name) {
			hidden = true
			query.Set(name, stars)
		}
	}
	if !hidden {
		return address
	}
	u.RawQuery = query.Encode()
	return u.Redacted()
}

// unfit says why a value cannot be a store, and is "" for a good one. It quotes nothing,
// since the value may hold a password.
func unfit(value string) string {
	const write = "write the path of a file, an address such as postgres://user@host/database, or off"
	switch {
	case strings.HasPrefix(value, "postgres://"), strings.HasPrefix(value, "postgresql://"):
		if u, err := url.Parse(value); err != nil || u.Path == "" && u.Host == "" && u.RawQuery == "" {
			return "this is not an address of PostgreSQL; write it like postgres://user@host/database, with %40 for @ " +
				"in a password, and so on"
		}
	case strings.Contains(value, "://"), strings.HasPrefix(value, "postgres"), strings.Contains(value, "password="):
		return "this is neither a file nor an address of PostgreSQL; " + write
	case strings.HasPrefix(value, "~"):
		return "a path with ~ is not that of your home here; write the whole path"
	case strings.HasSuffix(value, "/"):
		return "this is a folder; " + write
	}
	return ""
}
