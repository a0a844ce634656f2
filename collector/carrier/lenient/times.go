package lenient

import (
	"time"

	"kaisen/schema"
)

// clock reads the parts of a time from digits at fixed places.
type clock struct {
	text []byte
	bad  bool
}

// number takes the next n digits.
func (c *clock) number(n int) int {
	if len(c.text) < n {
		c.bad = true
		return 0
	}
	sum := 0
	for _, d := range c.text[:n] {
		if !isDigit(d) {
			c.bad = true
			return 0
		}
		sum = sum*10 + int(d-'0')
	}
	c.text = c.text[n:]
	return sum
}

// sign takes the next byte if it is one of those.
func (c *clock) sign(any string) bool {
	if len(c.text) > 0 {
		for i := range len(any) {
			if c.text[0] == any[i] {
				c.text = c.text[1:]
				return true
			}
		}
	}
	return false
}

// must takes the next byte, which has to be one of those.
func (c *clock) must(any string) {
	if !c.sign(any) {
		c.bad = true
	}
}

// Second reads YYYYMMDDhhmmss in a zone.
func Second(text []byte, zone *time.Location) (time.Time, bool) {
	c := clock{text: narrow(text)}
	year, month, day := c.number(4), c.number(2), c.number(2)
	hour, minute, second := c.number(2), c.number(2), c.number(2)
	if c.bad || len(c.text) > 0 || !possible(year, month, day, hour, minute, second) {
		return time.Time{}, false
	}
	return time.Date(year, time.Month(month), day, hour, minute, second, 0, zone), true
}

// day reads YYYYMMDD, also with slashes or hyphens.
func day(text []byte) (schema.Date, bool) {
	c := clock{text: narrow(text)}
	year := c.number(4)
	c.sign("/-")
	month := c.number(2)
	c.sign("/-")
	d := c.number(2)
	if c.bad || len(c.text) > 0 || !possible(year, month, d, 0, 0, 0) {
		return 0, false
	}
	return schema.DateOf(time.Date(year, time.Month(month), d, 0, 0, 0, 0, time.UTC)), true
}

// Minute reads a time as UNO Mobile writes the start of a restriction: 2013/12/31:20:30 as it is today, and the
// announced 2013/12/31T20:30+09:00, which may as well come in ISO 8601's own spelling, with hyphens, seconds or Z.
// Without an offset the time is meant in zone.
func Minute(text []byte, zone *time.Location) (time.Time, bool) {
	c := clock{text: narrow(text)}
	year := c.number(4)
	c.must("/-")
	month := c.number(2)
	c.must("/-")
	day := c.number(2)
	c.must(":Tt ")
	hour := c.number(2)
	c.must(":")
	minute, second := c.number(2), 0
	if c.sign(":") {
		second = c.number(2)
		if c.sign(".,") {
			for c.sign("0123456789") { // less than a second does not matter
			}
		}
	}
	offset, hasOffset := c.offset()
	if c.bad || len(c.text) > 0 || !possible(year, month, day, hour, minute, second) {
		return time.Time{}, false
	}
	in := zone
	if hasOffset {
		in = time.FixedZone("", offset)
	}
	return time.Date(year, time.Month(month), day, hour, minute, second, 0, in).In(zone), true
}

// offset reads Z, +09:00, +0900 or +09, in seconds east.
func (c *clock) offset() (seconds int, given bool) {
	if c.sign("Zz") {
		return 0, true
	}
	east := 1
	if c.sign("-") {
		east = -1
	} else if !c.sign("+") {
		return 0, false
	}
	hours, minutes := c.number(2), 0
	if c.sign(":") || len(c.text) > 0 {
		minutes = c.number(2)
	}
	if hours > 14 || minutes > 59 {
		c.bad = true
	}
	return east * (hours*3600 + minutes*60), true
}

// possible reports whether a day is in the calendar and a time on the clock. Without it, time.Date would make the 30th
// of February the 2nd of March.
func possible(year, month, day, hour, minute, second int) bool {
	if year < 1970 || month < 1 || month > 12 || day < 1 || hour > 23 || minute > 59 || second > 59 {
		return false
	}
	return day <= time.Date(year, time.Month(month)+1, 0, 0, 0, 0, 0, time.UTC).Day()
}
