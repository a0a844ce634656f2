package schema

import (
	"time"
)

// Opt is a value that the carrier may have left out: NULL, an empty string, or a key that is missing from the
// answer. The zero Opt is "not known", which is never the same as a zero value: a NULL becomes an absent series
// and a NULL column, never a 0.
type Opt[T any] struct {
	V     T
	Known bool
}

// Some is a value that is known.
func Some[T any](v T) Opt[T] { return Opt[T]{V: v, Known: true} }

// Or is the value, or other where it is not known.
func (o Opt[T]) Or(other T) T {
	if o.Known {
		return o.V
	}
	return other
}

// optional is every Opt, whatever it is of.
func (Opt[T]) optional() {}

// Date is a calendar day, counted from 1970-01-01, without a time zone: the form in which ClickHouse keeps a Date.
type Date uint16

// DateOf is the calendar day of t in t's own location. Days before 1970 and after 2149 do not exist for ClickHouse
// and become its limits.
func DateOf(t time.Time) Date {
	y, m, d := t.Date()
	days := time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Unix() / 86400
	return Date(min(max(days, 0), 65535))
}

// Time is the day's midnight in UTC, which is how clickhouse-go takes a Date.
func (d Date) Time() time.Time { return time.Unix(int64(d)*86400, 0).UTC() }

// AddDays is the day n days later.
func (d Date) AddDays(n int) Date { return Date(int(d) + n) }

// Month is the first day of the day's month.
func (d Date) Month() Date {
	y, m, _ := d.Time().Date()
	return DateOf(time.Date(y, m, 1, 0, 0, 0, 0, time.UTC))
}

// AddMonths is the first day of the month n months later.
func (d Date) AddMonths(n int) Date {
	y, m, _ := d.Time().Date()
	return DateOf(time.Date(y, m+time.Month(n), 1, 0, 0, 0, 0, time.UTC))
}

// String is the day as YYYY-MM-DD.
func (d Date) String() string { return d.Time().Format(time.DateOnly) }
