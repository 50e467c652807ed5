package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"frontdesk/adapters"
	"frontdesk/bot"
	"frontdesk/bot/journal"
	"frontdesk/config"
)

// openWithin is how long the start waits for the store. PostgreSQL may be slow to answer, or
// not be reached at all; then the program starts without it and connects later.
const openWithin = 10 * time.Second

// The remedies for a store that cannot be used. It is used as soon as it can be, without a
// restart.
const (
	remedyFile   = "make its folder writable for this user, set FRONTDESK_STORE to another file, or to off"
	remedyServer = "look whether the server runs and takes this user and database, or set FRONTDESK_STORE to another"
	remedyKey    = "set FRONTDESK_JOURNAL_KEY, or make the state directory writable for this user"
)

func storeRemedy(c *config.Config) string {
	if journal.InPostgres(string(c.Store)) {
		return remedyServer
	}
	return remedyFile
}

// openStore opens the store and makes the ledger and the keeper over it. Where it cannot be
// used, memory takes its place until it can, and the log and /readyz say why.
func (p *service) openStore(ctx context.Context) error {
	report := func(phase bot.Phase, why string) {
		p.health.set(partStore, phase, why, false)
		p.metrics.setState(partStore, phase)
	}
	c := p.settings
	switch c.Store {
	case config.Off:
		return nil
	case "":
		p.log.Warn("there is no store, because neither XDG_STATE_HOME nor HOME is set",
			"remedy", "set FRONTDESK_STORE to a file, or to off")
		return nil
	}
	address := string(c.Store)
	opening, cancel := context.WithTimeout(ctx, openWithin)
	defer cancel()
	store, err := journal.Open(opening, address, func(to string) {
		p.log.Error("the store was damaged; it is kept under another name, and a new one is begun",
			"store", c.StoreName(), "moved", to)
	})
	if store == nil { // nothing has been tried
		return fmt.Errorf("FRONTDESK_STORE: %w", err)
	}
	missed := p.metrics.missed.Inc
	p.ledger = journal.NewLedger(store, p.log, report, missed)
	p.ledger.Remedy = storeRemedy(c)
	if journal.InPostgres(address) { // other replicas may use it too
		p.register, _ = store.(register)
		p.ledger.Share()
		p.ledger.Unclear = func(adapter string) {
			p.metrics.incidents.WithLabelValues(adapter, bot.Unclear.String()).Inc()
		}
	}
	if err != nil {
		p.ledger.Away(err)
	} else {
		p.log.Info("opened the store", "store", c.StoreName())
	}
	p.office = p.newOffice(store)
	key, err := askerKey(c)
	if err != nil {
		key, err = newAskerKey(c.StateDir, err)
	}
	if err != nil {
		p.log.Warn("the key of the hashes of askers is lost with the process, so that a later vote counts again and "+
			"nobody can be forgotten", "error", err, "remedy", remedyKey)
	}
	p.keeper = journal.NewKeeper(store, key, journal.Policy(c.Journal.Text), limits(c.Journal),
		func() string { return p.reloader.current.Load().Version }, p.log, missed)
	if !p.ledger.Exclusive() {
		p.keeper.Share()
	}
	return nil
}

// limits are the limits of the journal. If no words are to be kept, older ones are erased.
func limits(c config.Journal) journal.Limits {
	const day = 24 * time.Hour
	l := journal.Limits{
		Words: time.Duration(c.TextDays) * day, Rows: time.Duration(c.Days) * day, Most: c.MaxRows,
	}
	if c.Text == config.None {
		l.Words = 0
	}
	return l
}

// examineStore looks whether the store can be opened and written.
func examineStore(ctx context.Context, c *config.Config) []adapters.Finding {
	x := adapters.Examination{Part: partStore}
	if !c.Slack.Wanted() && !c.Discord.Wanted() {
		return nil // the terminal uses none
	}
	switch c.Store {
	case config.Off:
		x.Well("it is off, so what is being answered is lost with the process")
		return x.Findings
	case "":
		x.Doubtful("set FRONTDESK_STORE to a file, or to off",
			"there is no store, because neither XDG_STATE_HOME nor HOME is set")
		return x.Findings
	}
	opening, cancel := context.WithTimeout(ctx, openWithin)
	defer cancel()
	now, err := journal.Examine(opening, string(c.Store))
	switch {
	case err != nil && c.Given("store"):
		x.Wrong(storeRemedy(c), "%s cannot be used, so what is being answered is lost with the process: %v",
			c.StoreName(), err)
		return x.Findings
	case err != nil:
		x.Doubtful(storeRemedy(c), "%s cannot be used, so what is being answered is lost with the process: %v",
			c.StoreName(), err)
		return x.Findings
	case now.New:
		x.Well("%s can be written, and frontdesk run makes what it needs there", c.StoreName())
	default:
		x.Well("%s can be written", c.StoreName())
	}
	if !journal.InPostgres(string(c.Store)) {
		return x.Findings
	}
	x.Well("the server is PostgreSQL %s", now.Version)
	if ahead := now.Ahead.Round(time.Second); ahead.Abs() > clockApart {
		x.Doubtful("synchronize the clocks of both machines, such as with NTP",
			"the clock of the server differs from this machine's by %v", ahead.Abs())
	} else {
		x.Well("the clock agrees with the server's")
	}
	return x.Findings
}

// clockApart is by how much clocks may differ. What is kept for how long is told by this
// machine's clock, in minutes at the least.
const clockApart = time.Minute

// closeStore records what waits to be recorded. It is called after the adapters have ended.
func (p *service) closeStore() {
	p.keeper.Close()
	if err := p.ledger.Close(); err != nil {
		p.log.Warn("the store was not closed", "error", err)
	}
}

// keyName is the name of the file in the state directory with the key of the hashes that
// stand for askers. It is not in the store, so that the store alone names nobody.
const keyName = "asker.key"

// askerKey is the key of the settings, or that in the state directory. The error wraps
// [fs.ErrNotExist] if there is none.
func askerKey(c *config.Config) ([]byte, error) {
	if c.Journal.Key != "" {
		return []byte(c.Journal.Key), nil
	}
	if c.StateDir == "" {
		return nil, fmt.Errorf("neither XDG_STATE_HOME nor HOME is set: %w", fs.ErrNotExist)
	}
	file := filepath.Join(c.StateDir, keyName)
	key, err := os.ReadFile(file) // #nosec G304 -- in the operator's state directory
	if err != nil {
		return nil, err
	}
	if text := strings.TrimSpace(string(key)); text != "" {
		return []byte(text), nil
	}
	return nil, fmt.Errorf("%s is empty; remove it: %w", file, fs.ErrInvalid)
}

// newAskerKey makes a key and writes it to the state directory, unless there is a file that
// was not read: why says so. With an error, the key is good for this process only.
func newAskerKey(state string, why error) (key []byte, err error) {
	key = []byte(rand.Text()) // 128 random bits
	if state == "" || !errors.Is(why, fs.ErrNotExist) {
		return key, why
	}
	if err := os.MkdirAll(state, 0o700); err != nil {
		return key, err
	}
	// A file that another process has just made is not overwritten.
	f, err := os.OpenFile(filepath.Join(state, keyName), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600) // #nosec G304
	if err != nil {
		return key, err
	}
	_, err = f.Write(append(key, '\n'))
	return key, errors.Join(err, f.Sync(), f.Close())
}
