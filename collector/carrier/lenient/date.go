package lenient

import (
	"time"

	"kaisen/schema"
)

// Date is a day as the carrier or the user wrote it: YYYYMMDD, YYYY-MM-DD or YYYY/MM/DD, perhaps with a time behind
// it; where that has a zone, the day is Japan's at that time. "" is not given. What is no day that exists is kept as it was written, so that nothing is lost.
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
		if err == nil && len(d) > n {
			day = inJapan(day, []byte(d[n+1:]))
		}
		if err == nil && day.Year() >= 1970 && day.Year() <= 2148 {
			return schema.Some(schema.DateOf(day))
		}
	}
	return schema.Opt[schema.Date]{}
}

// inJapan is the day in Japan at a time of a day, where the time has a zone; else the day itself.
func inJapan(day time.Time, text []byte) time.Time {
	c := clock{text: narrow(text)}
	hour := c.number(2)
	c.sign(":")
	minute, second := c.number(2), 0
	if c.sign(":") || len(c.text) > 0 && isDigit(c.text[0]) {
		second = c.number(2)
		if c.sign(".,") {
			for c.sign("0123456789") { // less than a second does not matter
			}
		}
	}
	c.sign(" ")
	east, zoned := c.offset()
	if !zoned || c.bad || len(c.text) > 0 || hour > 23 || minute > 59 || second > 59 {
		return day
	}
	at := time.Date(day.Year(), day.Month(), day.Day(), hour, minute, second, 0, time.FixedZone("", east))
	y, m, d := at.In(time.FixedZone("", 9*60*60)).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
}

// Compact is the day as YYYYMMDD, or what was written where that is no day.
func (d Date) Compact() string {
	if day := d.Day(); day.Known {
		return string(DateOf(day.V))
	}
	return string(d)
}
