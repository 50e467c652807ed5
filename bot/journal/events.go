package journal

import (
	"cmp"
	"context"
	"database/sql"
	"slices"
	"time"
)

func (d *database) Take(ctx context.Context, e Event) (fresh bool, err error) {
	n, err := d.change(ctx, "take", e.Key, e.Adapter, millis(e.Taken), e.State, e.Channel, e.Message, e.Edited,
		e.Answer, e.Body, e.Claim.Owner, e.Claim.For.Milliseconds())
	return n > 0, err
}

func (d *database) Posting(ctx context.Context, key string, c Claim, answer string) (held bool, err error) {
	n, err := d.change(ctx, "posting", key, c.Owner, c.For.Milliseconds(), answer)
	return n > 0, err
}

func (d *database) Finish(ctx context.Context, key, owner string, s State, answer string) (lost bool, err error) {
	n, err := d.change(ctx, "finish", key, s, answer, owner)
	if err != nil || n > 0 || s != Posted {
		return false, err
	}
	n, err = d.change(ctx, "finish_lost", key, s, answer, owner)
	return n > 0, err
}

// Claim runs beside the writes that are committed together, since it returns rows. An error of
// the database itself is left to the next write.
func (d *database) Claim(ctx context.Context, adapter string, c Claim, which Which) ([]Event, error) {
	conn, err := d.connected()
	if err != nil {
		return nil, err
	}
	rows, err := conn.prepared["claim"].QueryContext(ctx, adapter, c.Owner, c.For.Milliseconds(), flag(which.All),
		flag(which.Own), flag(which.Ended), which.Most)
	if err != nil {
		return nil, err
	}
	list, err := scanEvents(rows)
	slices.SortFunc(list, func(a, b Event) int { return cmp.Or(a.Taken.Compare(b.Taken), cmp.Compare(a.Key, b.Key)) })
	return list, err
}

func (d *database) Renew(ctx context.Context, c Claim, left []Left) error {
	var steps []step
	for _, e := range left {
		steps = append(steps, step{"leave", []any{e.Key, c.Owner, e.State}})
	}
	steps = append(steps, step{"renew", []any{c.Owner, c.For.Milliseconds()}})
	_, err := d.queue(write{ctx: ctx, steps: steps, apart: true})
	return err
}

// scanEvents reads and closes rows of events.
func scanEvents(rows *sql.Rows) (list []Event, err error) {
	defer rows.Close()
	for rows.Next() {
		var e Event
		var taken int64
		err := rows.Scan(&e.Key, &e.Adapter, &taken, &e.State, &e.Channel, &e.Message, &e.Edited, &e.Answer, &e.Body)
		if err != nil {
			return nil, err
		}
		e.Taken = time.UnixMilli(taken)
		list = append(list, e)
	}
	return list, rows.Err()
}

// mostVersions is how many versions of a question are read: somebody may edit it a thousand times.
const mostVersions = 50

func (d *database) Versions(ctx context.Context, adapter, channel, message string) ([]Event, error) {
	rows, err := d.query(ctx, "versions", adapter, channel, message, mostVersions)
	if err != nil {
		return nil, err
	}
	return scanEvents(rows)
}
