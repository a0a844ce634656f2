package lenient

import (
	"time"

	"kaisen/schema"
)

// Date is a day as the carrier or the user wrote it: YYYYMMDD, YYYY-MM-DD or YYYY/MM/DD, perhaps with a time behind
// it. "" is not given. What is no day that exists is kept as it was written, so that nothing is lost.
type Date string

const compact = "20060102"

// DateOf is a day as the APIs write it.
func DateOf(d schema.Date) Date { return Date(d.Time().Format(compact)) }

// Day is the calendar day; unknown where it was not given or does not exist, and before 1970 and after 2148, which
// schema.Date does not hold.
func (d Date) Day() schema.Opt[schema.Date] {
	for _, layout := range []string{compact, time.DateOnly, "2006/01/02"} {
		n := len(layout)
		if len(d) < n || len(d) > n && d[n] != ' ' && d[n] != 'T' {
			continue
		}
		day, err := time.Parse(layout, string(d[:n]))
		if err == nil && day.Year() >= 1970 && day.Year() <= 2148 {
			return schema.Some(schema.DateOf(day))
		}
	}
	return schema.Opt[schema.Date]{}
}

// Compact is the day as YYYYMMDD, or what was written where that is no day.
func (d Date) Compact() string {
	if day := d.Day(); day.Known {
		return string(DateOf(day.V))
	}
	return string(d)
}
