package schedule

import "time"

const (
	hour = 60 * 60 * 1000 // milliseconds
	day  = 24 * hour
)

// calendar knows the day around a time, in the zone in which the carrier's days and months turn.
type calendar struct {
	zone       *time.Location
	start, end int64 // of the day, milliseconds
	weekday    int   // Sunday 0
	dayOfMonth int
	turn       int64 // when the month ends
}

// look makes the day that of a time.
func (c *calendar) look(ms int64) {
	if ms >= c.start && ms < c.end {
		return
	}
	now := time.UnixMilli(ms).In(c.zone)
	year, month, date := now.Date()
	c.start = time.Date(year, month, date, 0, 0, 0, 0, c.zone).UnixMilli()
	c.end = time.Date(year, month, date+1, 0, 0, 0, 0, c.zone).UnixMilli()
	c.turn = time.Date(year, month+1, 1, 0, 0, 0, 0, c.zone).UnixMilli()
	c.weekday, c.dayOfMonth = int(now.Weekday()), date
}

// hourOf is the hour and weekday of a time and when that hour ends, by the day that was looked at: other days are taken
// to have 24 hours.
func (c *calendar) hourOf(ms int64) (hourOfDay, weekday int, ends int64) {
	since := ms - c.start
	days := since / day
	if since < 0 {
		days = -((day - 1 - since) / day)
	}
	into := since - days*day
	h := into / hour
	return int(h), int(((int64(c.weekday)+days)%7 + 7) % 7), ms - into + (h+1)*hour
}
