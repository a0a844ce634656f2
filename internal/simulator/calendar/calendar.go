// Package calendar counts days and months in the carrier's zone, and has their forms in the documents. It has no clock:
// which second is now, the gateway says.
package calendar

import "time"

// Calendar has the days and months of the carrier's zone. Days count from 1970-01-01, months from January of the
// year 0; both are then plain numbers that a model can add to.
type Calendar struct{ Zone *time.Location }

// DaySeconds are those of a day on which no clock is changed.
const DaySeconds = 86400

// Day is the number of the day on which the second at falls.
func (c Calendar) Day(at int64) int {
	y, m, d := time.Unix(at, 0).In(c.Zone).Date()
	return Number(y, m, d)
}

// Midnight is the second at which a day begins.
func (c Calendar) Midnight(day int) int64 {
	return time.Date(1970, 1, 1+day, 0, 0, 0, 0, c.Zone).Unix()
}

// Time is a second as the carrier's wall clock shows it.
func (c Calendar) Time(at int64) time.Time { return time.Unix(at, 0).In(c.Zone) }

// Minute is a second without its seconds, as answers have it; nil where it is 0, for none.
func (c Calendar) Minute(at int64) *time.Time {
	if at == 0 {
		return nil
	}
	return new(c.Time(at).Truncate(time.Minute))
}

// Number is the number of a date.
func Number(y int, m time.Month, d int) int {
	return int(time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Unix() / DaySeconds)
}

// Time is the midnight of a day, in UTC.
func Time(day int) time.Time { return time.Unix(int64(day)*DaySeconds, 0).UTC() }

// MonthOf is the month in which a day lies.
func MonthOf(day int) int {
	y, m, _ := Time(day).Date()
	return y*12 + int(m) - 1
}

// FirstDay is the first day of a month; that of the next month is where it ends.
func FirstDay(month int) int { return Number(month/12, time.Month(month%12+1), 1) }

// Date is a day as YYYY-MM-DD.
func Date(day int) string { return Time(day).Format(time.DateOnly) }

// Month is the first day of a month as YYYY-MM-DD.
func Month(month int) string { return Date(FirstDay(month)) }

// DateForm is YYYYMMDD.
const DateForm = "20060102"

// ParseDay reads YYYYMMDD, a day that exists.
func ParseDay(text string) (day int, ok bool) {
	date, err := time.Parse(DateForm, text)
	if err != nil {
		return 0, false
	}
	return Number(date.Date()), true
}

// IsDay reports whether a text is a day as YYYYMMDD.
func IsDay(text string) bool {
	_, ok := ParseDay(text)
	return ok
}

// Digits is a day as YYYYMMDD.
func Digits(day int) string { return Time(day).Format(DateForm) }
