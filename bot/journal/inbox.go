package journal

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"frontdesk/bot"
	"frontdesk/bot/inbox"
)

// onceFor is how long it is remembered at most that something was done once: longer than what is
// repeated most rarely, the weekly digest.
const onceFor = 30 * 24 * time.Hour

// Gaps implements [inbox.Store].
func (d *database) Gaps(ctx context.Context, since time.Time, most int, each func(inbox.Gap) error) error {
	rows, err := d.query(ctx, "gaps", millis(since), most)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var g inbox.Gap
		var at int64
		var again int
		var outcome string
		if err := rows.Scan(&at, &g.Asker, &g.Words, &outcome, &g.Division, &again); err != nil {
			return err
		}
		g.Time, g.Reason = time.UnixMilli(at), reasonOf(outcome, again == 1)
		if err := each(g); err != nil {
			return err
		}
	}
	return rows.Err()
}

// reasonOf says why a question with this outcome is a gap.
func reasonOf(outcome string, again bool) inbox.Reason {
	switch {
	case outcome == Chosen:
		return inbox.Chosen
	case outcome == bot.Declined.String():
		return inbox.Declined
	case outcome == bot.Suggested.String():
		return inbox.Suggested
	case again:
		return inbox.AskedAgain
	}
	return inbox.VotedDown
}

// Ignore implements [inbox.Store].
func (d *database) Ignore(ctx context.Context, subjects []string) error {
	var steps []step
	for _, s := range subjects {
		steps = append(steps, step{"ignore", []any{s, millis(time.Now())}})
	}
	_, err := d.write(ctx, steps...)
	return err
}

// Ignored implements [inbox.Store].
func (d *database) Ignored(ctx context.Context) (map[string]bool, error) {
	rows, err := d.query(ctx, "ignored")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	all := map[string]bool{}
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			return nil, err
		}
		all[s] = true
	}
	return all, rows.Err()
}

// KeepEdit implements [inbox.Store].
func (d *database) KeepEdit(ctx context.Context, e inbox.Edit) error {
	patch, err := json.Marshal(e.Patch)
	if err != nil {
		return fmt.Errorf("write a patch: %w", err)
	}
	_, err = d.change(ctx, "keep_edit", e.ID, millis(e.Time), e.By, patch, e.State)
	return err
}

// Edit implements [inbox.Store].
func (d *database) Edit(ctx context.Context, id string) (e inbox.Edit, ok bool, err error) {
	c, err := d.connected()
	if err != nil {
		return e, false, err
	}
	var at int64
	var patch []byte
	err = c.read.QueryRowContext(ctx, c.texts["edit"], id).Scan(&at, &e.By, &patch, &e.State)
	if errors.Is(err, sql.ErrNoRows) {
		return e, false, nil
	}
	if err != nil {
		return e, false, err
	}
	e.ID, e.Time = id, time.UnixMilli(at)
	if err := json.Unmarshal(patch, &e.Patch); err != nil {
		return e, false, fmt.Errorf("read a patch: %w", err)
	}
	return e, true, nil
}

// MarkEdit implements [inbox.Store].
func (d *database) MarkEdit(ctx context.Context, id string, state inbox.EditState, by string) error {
	_, err := d.change(ctx, "mark_edit", id, state, by)
	return err
}

// Await implements [inbox.Store].
func (d *database) Await(ctx context.Context, a inbox.Awaited) error {
	n, err := d.change(ctx, "await", a.Adapter, a.Person, a.Question, millis(a.Since), inbox.MostAwaitedOf,
		inbox.MostAwaited)
	if err != nil || n > 0 {
		return err
	}
	c, err := d.connected()
	if err != nil {
		return err
	}
	err = c.read.QueryRowContext(ctx, c.texts["awaits"], a.Adapter, a.Person, a.Question).Scan(&n)
	if err == nil && n == 0 {
		err = inbox.ErrManyAwaited
	}
	return err
}

// Awaited implements [inbox.Store].
func (d *database) Awaited(ctx context.Context) (all []inbox.Awaited, err error) {
	rows, err := d.query(ctx, "awaited")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var a inbox.Awaited
		var since int64
		if err := rows.Scan(&a.Adapter, &a.Person, &a.Question, &since); err != nil {
			return nil, err
		}
		a.Since = time.UnixMilli(since)
		all = append(all, a)
	}
	return all, rows.Err()
}

// Told implements [inbox.Store].
func (d *database) Told(ctx context.Context, a inbox.Awaited) (ok bool, err error) {
	n, err := d.change(ctx, "told", a.Adapter, a.Person, a.Question)
	return n > 0, err
}

func (d *database) ForgetAwaited(ctx context.Context, adapter, person string) error {
	_, err := d.change(ctx, "forget_awaited", adapter, person)
	return err
}

// Once implements [inbox.Store].
func (d *database) Once(ctx context.Context, key string, span time.Duration) (fresh bool, err error) {
	now := time.Now()
	n, err := d.change(ctx, "once", key, millis(now), millis(now.Add(-span)))
	return n > 0, err
}

// Done implements [Store].
func (d *database) Done(ctx context.Context, key string, span time.Duration) (bool, error) {
	c, err := d.connected()
	if err != nil {
		return false, err
	}
	var n int
	err = c.read.QueryRowContext(ctx, c.texts["done"], key, millis(time.Now().Add(-span))).Scan(&n)
	return n > 0, err
}

// Again implements [Store].
func (d *database) Again(ctx context.Context, key string) error {
	_, err := d.change(ctx, "again", key)
	return err
}
