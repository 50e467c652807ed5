package journal

import (
	"cmp"
	"context"
	"database/sql"
	"embed"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"frontdesk/bot/inbox"
)

//go:embed migrations statements.sql
var files embed.FS

// texts are the statements of statements.sql by name, as an engine takes them.
func texts(own *strings.Replacer) map[string]string {
	data, err := files.ReadFile("statements.sql")
	if err != nil {
		panic("journal: " + err.Error()) // it is part of the program
	}
	list := map[string]string{}
	for part := range strings.SplitSeq(own.Replace(string(data)), "-- name: ") {
		if name, text, ok := strings.Cut(part, "\n"); ok {
			list[strings.TrimSpace(name)] = strings.TrimSpace(text)
		}
	}
	return list
}

// database is a store in a SQL database. Only the goroutine of commit connects it, so that a
// write has the same connection from its begin to its end.
type database struct {
	engine
	conn    atomic.Pointer[connection] // nil while the store is away
	why     atomic.Pointer[error]      // why it is away
	tried   time.Time                  // when it was last opened, or tried to
	writes  chan write
	closing chan struct{}
	done    chan struct{}
	once    sync.Once
}

// write is a change that is waiting to be committed: one or several statements.
type write struct {
	ctx   context.Context
	steps []step
	done  chan result
	// apart says that it is not committed together with others, since it locks rows in any order.
	apart bool
}

// step is a statement with its parameters.
type step struct {
	name string
	args []any
}

// key is the key of the row that a write begins with, "" if it is not told. Batches are written in
// its order: processes that lock the same rows in another order would wait for each other.
func (w write) key() string {
	if len(w.steps) == 0 || len(w.steps[0].args) == 0 {
		return ""
	}
	key, _ := w.steps[0].args[0].(string)
	return key
}

// result is how many rows each step of a write has changed, or its error.
type result struct {
	changed []int64
	err     error
}

const (
	// mostTogether is how many writes are committed together at most.
	mostTogether = 256
	// sweptTogether is how many rows are erased in one step, between which other writes are
	// committed. It takes some ten milliseconds: less than an event waits.
	sweptTogether = 100
	// commitWithin is how long a commit may take. It ends the wait for a server that does not
	// answer.
	commitWithin = 5 * time.Second
)

// commit commits the writes that have arrived since the last commit together.
func (d *database) commit() {
	defer close(d.done)
	for {
		if !d.connect() {
			return
		}
		var batch []write
		select {
		case w := <-d.writes:
			batch = append(batch, w)
		case <-d.closing:
			select {
			case w := <-d.writes:
				batch = append(batch, w)
			default:
				return
			}
		}
	collect:
		for len(batch) < mostTogether {
			select {
			case w := <-d.writes:
				batch = append(batch, w)
			default:
				break collect
			}
		}
		d.make(batch)
	}
}

// make makes the writes of a batch, together if possible. Writes that nobody waits for any more
// are left out.
func (d *database) make(batch []write) {
	c, err := d.upToDate()
	if err != nil {
		for _, w := range batch {
			w.done <- result{err: err}
		}
		return
	}
	batch = slices.DeleteFunc(batch, func(w write) bool { return w.ctx.Err() != nil })
	if len(batch) == 0 {
		return
	}
	slices.SortStableFunc(batch, func(a, b write) int { return cmp.Compare(a.key(), b.key()) })
	for first := 0; first < len(batch); {
		last := first + 1
		for !batch[first].apart && last < len(batch) && !batch[last].apart {
			last++
		}
		if err = d.makeTogether(c, batch[first:last]); err != nil && d.broken(err) {
			for _, w := range batch[last:] {
				w.done <- result{err: err}
			}
			d.drop(err)
			return
		}
		first = last
	}
}

// makeTogether makes some writes together if possible, and returns the last error.
func (d *database) makeTogether(c *connection, batch []write) error {
	spoiled, err := d.together(c, batch)
	if spoiled && len(batch) > 1 {
		for _, w := range batch {
			_, err = d.together(c, []write{w})
		}
	}
	return err
}

// together commits a batch of writes and tells each its result. Spoiled reports that one of the
// writes is the cause of the error; if there are several, nobody is told.
func (d *database) together(c *connection, batch []write) (spoiled bool, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), commitWithin)
	defer cancel()
	var steps []step
	for _, w := range batch {
		steps = append(steps, w.steps...)
	}
	changed, spoiled, err := d.run(ctx, c, steps)
	if spoiled = spoiled && ctx.Err() == nil && !d.broken(err); spoiled && len(batch) > 1 {
		return true, err
	}
	for _, w := range batch {
		r := result{err: err}
		if err == nil {
			r.changed, changed = changed[:len(w.steps)], changed[len(w.steps):]
		}
		w.done <- r
	}
	return spoiled, err
}

// transact runs steps in a transaction, one after the other. Spoiled reports that a statement
// is the cause of the error.
func transact(ctx context.Context, c *connection, steps []step) (changed []int64, spoiled bool, err error) {
	tx, err := c.db.BeginTx(ctx, nil)
	if err != nil {
		return nil, false, err
	}
	defer func() { _ = tx.Rollback() }() // does nothing after a commit
	for _, s := range steps {
		done, err := tx.StmtContext(ctx, c.prepared[s.name]).ExecContext(ctx, s.args...)
		if err != nil {
			return nil, true, fmt.Errorf("%s: %w", s.name, err)
		}
		n, err := done.RowsAffected()
		if err != nil {
			return nil, true, fmt.Errorf("%s: %w", s.name, err)
		}
		changed = append(changed, n)
	}
	return changed, false, tx.Commit()
}

// write makes a change and waits until it is committed.
func (d *database) write(ctx context.Context, steps ...step) (changed []int64, err error) {
	return d.queue(write{ctx: ctx, steps: steps})
}

// queue waits until a write is committed.
func (d *database) queue(w write) (changed []int64, err error) {
	ctx := w.ctx
	w.done = make(chan result, 1)
	select {
	case <-d.closing:
		return nil, ErrClosed
	default:
	}
	select {
	case d.writes <- w:
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-d.closing:
		return nil, ErrClosed
	}
	select {
	case r := <-w.done:
		return r.changed, r.err
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-d.done:
		select {
		case r := <-w.done:
			return r.changed, r.err
		default:
			return nil, ErrClosed
		}
	}
}

// change runs one statement and returns how many rows it changed.
func (d *database) change(ctx context.Context, name string, args ...any) (int64, error) {
	changed, err := d.write(ctx, step{name, args})
	if err != nil {
		return 0, err
	}
	return changed[0], nil
}

// query runs a statement that only reads.
func (d *database) query(ctx context.Context, name string, args ...any) (*sql.Rows, error) {
	c, err := d.connected()
	if err != nil {
		return nil, err
	}
	return c.read.QueryContext(ctx, c.texts[name], args...)
}

func millis(t time.Time) int64 { return t.UnixMilli() }

func (d *database) Stats(ctx context.Context) (s Stats, err error) {
	c, err := d.connected()
	if err != nil {
		return s, err
	}
	var oldest sql.NullInt64
	err = c.read.QueryRowContext(ctx, c.texts["stats"]).
		Scan(&s.Events, &s.Unfinished, &s.Rows, &s.WithWords, &s.Votes, &oldest)
	if err != nil {
		return s, err
	}
	if oldest.Valid {
		s.Oldest = time.UnixMilli(oldest.Int64)
	}
	s.Bytes, err = d.size(ctx, c)
	return s, err
}

func (d *database) Sweep(ctx context.Context, now time.Time, l Limits) error {
	before := func(age time.Duration) int64 { return millis(now.Add(-age)) }
	for _, c := range []struct {
		name string
		args []any
	}{
		{"give_up", []any{before(EventLife)}},
		{"drop_events", []any{before(RepeatsFor), before(EditsFor)}},
		{"drop_words", []any{before(l.Words)}},
		{"drop_rows", []any{before(l.Rows)}},
		{"drop_votes", []any{before(l.Rows)}},
		{"drop_surplus", []any{l.Most}},
		{"drop_awaited", []any{before(inbox.AwaitedFor)}},
		{"drop_edits", []any{before(l.Rows)}},
		{"drop_once", []any{before(onceFor)}},
	} {
		for changed := int64(sweptTogether); changed == sweptTogether; {
			var err error
			if changed, err = d.change(ctx, c.name, append(c.args, sweptTogether)...); err != nil {
				return err
			}
		}
	}
	return nil
}

func (d *database) Backup(ctx context.Context, file string) error {
	c, err := d.connected()
	if err != nil {
		return err
	}
	return d.backup(ctx, c, file)
}

func (d *database) Close() error {
	d.once.Do(func() { close(d.closing) })
	<-d.done
	if c := d.conn.Load(); c != nil {
		return c.close()
	}
	return nil
}
