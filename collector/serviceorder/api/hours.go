package api

import (
	"time"

	"kaisen/schema"
)

// The office hours of the details, Japanese time: from 9:00 up to, but not at, 17:30.
const (
	opens  = 9 * time.Hour
	closes = 17*time.Hour + 30*time.Minute
)

// longestRest is how many days Open looks ahead: no calendar has a year without a business day.
const longestRest = 366

// Open reports whether details can be asked for at t: on business days from 9:00 to 17:30 Japanese time (Service Order API, Check
// Service Order Detailed Information). Next is when that changes: the closing time while it is open, else the next
// opening, and zero if there is none within a year. Holidays reports the days besides weekends on which the carrier
// rests; nil are Japan's national ones, to which the carrier may add (it publishes no calendar).
func Open(t time.Time, holidays func(schema.Date) bool) (open bool, next time.Time) {
	if holidays == nil {
		holidays = NationalHoliday
	}
	japan := time.FixedZone("JST", 9*3600) // without summer time since 1951
	t = t.In(japan)
	year, month, day := t.Date()
	for ahead := range longestRest {
		midnight := time.Date(year, month, day+ahead, 0, 0, 0, 0, japan)
		weekday := midnight.Weekday()
		if weekday == time.Saturday || weekday == time.Sunday || holidays(schema.DateOf(midnight)) {
			continue
		}
		begin, end := midnight.Add(opens), midnight.Add(closes)
		switch {
		case t.Before(begin):
			return false, begin
		case t.Before(end):
			return true, end
		}
	}
	return false, time.Time{}
}
