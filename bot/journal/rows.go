package journal

import (
	"context"
	"database/sql"
	"errors"
	"time"
)

func (d *database) Write(ctx context.Context, r Row) error {
	words := sql.NullString{String: r.Words, Valid: r.Words != ""}
	_, err := d.change(ctx, "write", millis(r.Time), r.Adapter, r.Outcome, r.Division, r.Topic, r.Chance, r.Audience,
		r.Version, r.Took.Microseconds(), r.Asker, r.Question, r.Answer, words)
	return err
}

func (d *database) Vote(ctx context.Context, answer, asker string, up bool) (changed bool, err error) {
	n, err := d.change(ctx, "vote", answer, asker, flag(up), millis(time.Now()))
	return n > 0, err
}

func (d *database) AddWords(ctx context.Context, question, words string, again bool) error {
	_, err := d.change(ctx, "add_words", question, words, flag(again))
	return err
}

// flag is a truth value as both engines keep it.
func flag(b bool) int {
	if b {
		return 1
	}
	return 0
}

func (d *database) Answered(ctx context.Context, answer string) (r Row, ok bool, err error) {
	c, err := d.connected()
	if err != nil {
		return r, false, err
	}
	err = c.read.QueryRowContext(ctx, c.texts["answered"], answer).Scan(&r.Asker, &r.Question, &r.Words)
	if errors.Is(err, sql.ErrNoRows) {
		return r, false, nil
	}
	return r, err == nil, err
}

// mostNews is how much of each kind [database.News] returns at most, the newest.
const mostNews = 20_000

func (d *database) News(ctx context.Context, since time.Time) (down []string, asked []Row, err error) {
	votes, err := d.query(ctx, "voted_down", millis(since), mostNews)
	if err != nil {
		return nil, nil, err
	}
	defer votes.Close()
	for votes.Next() {
		var answer string
		if err := votes.Scan(&answer); err != nil {
			return nil, nil, err
		}
		down = append(down, answer)
	}
	if err := votes.Err(); err != nil {
		return nil, nil, err
	}
	rows, err := d.query(ctx, "asked", millis(since), mostNews)
	if err != nil {
		return nil, nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var r Row
		var at int64
		if err := rows.Scan(&r.Asker, &r.Question, &at); err != nil {
			return nil, nil, err
		}
		r.Time = time.UnixMilli(at)
		asked = append(asked, r)
	}
	return down, asked, rows.Err()
}

func (d *database) ForgetQuestion(ctx context.Context, question string) error {
	_, err := d.change(ctx, "forget_words", question)
	return err
}

func (d *database) ForgetAsker(ctx context.Context, asker string) (int, error) {
	changed, err := d.write(ctx, step{"forget_votes", []any{asker}}, step{"forget_rows", []any{asker}})
	if err != nil {
		return 0, err
	}
	return int(changed[1]), nil
}

func (d *database) Rows(ctx context.Context, since time.Time, each func(Row) error) error {
	rows, err := d.query(ctx, "rows", millis(since))
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var r Row
		var at, took int64
		var words sql.NullString
		err := rows.Scan(&at, &r.Adapter, &r.Outcome, &r.Division, &r.Topic, &r.Chance, &r.Audience, &r.Version, &took,
			&r.Asker, &r.Question, &r.Answer, &words, &r.Up, &r.Down)
		if err != nil {
			return err
		}
		r.Time, r.Took, r.Words = time.UnixMilli(at), time.Duration(took)*time.Microsecond, words.String
		if err := each(r); err != nil {
			return err
		}
	}
	return rows.Err()
}
