package config

import (
	"strings"
	"time"
)

// Next is the first time after another one at which the digest is due, in the location of
// that time. It reports false if there is no digest.
func (i Inbox) Next(after time.Time) (next time.Time, ok bool) {
	day, clock, _ := strings.Cut(strings.ToLower(strings.TrimSpace(i.Digest)), " ")
	at, err := time.Parse("15:04", strings.TrimSpace(clock))
	if err != nil {
		return next, false
	}
	for weekday := time.Sunday; weekday <= time.Saturday; weekday++ {
		if strings.ToLower(weekday.String()) != day {
			continue
		}
		y, m, d := after.Date()
		ahead := (int(weekday-after.Weekday()) + 7) % 7
		next = time.Date(y, m, d+ahead, at.Hour(), at.Minute(), 0, 0, after.Location())
		if !next.After(after) {
			next = time.Date(y, m, d+ahead+7, at.Hour(), at.Minute(), 0, 0, after.Location())
		}
		return next, true
	}
	return next, false
}
