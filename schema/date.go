package schema

import "time"

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
