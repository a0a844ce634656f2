package api

import (
	"bytes"
	"fmt"
	"strconv"
	"time"
)

// Day is a calendar day of a request, YYYYMMDD, in the carrier's zone.
type Day string

const (
	dayForm  = "20060102"
	timeForm = "20060102150405"
)

// DayOf is the day of t in t's own location.
func DayOf(t time.Time) Day { return Day(t.Format(dayForm)) }

// in is the day's midnight in a zone; false for what is no day of the calendar.
func (d Day) in(zone *time.Location) (time.Time, bool) {
	at, err := time.ParseInLocation(dayForm, string(d), zone)
	return at, err == nil && len(d) == len(dayForm)
}

// Number is an order's number within one request, 1..999 (連番: number, UNO Mobile API v2.1 §11, §12, §14). 0 is its place in the
// list. The tables give it three digits, the examples ten, which is how it is sent; answers have it without zeros.
type Number uint16

// at is the number of the order at a place of its list, counted from 0.
func (n Number) at(place int) Number {
	if n == 0 {
		return Number(place + 1)
	}
	return n
}

// MarshalJSON writes ten digits, as the examples of calls 12 and 14 do.
func (n Number) MarshalJSON() ([]byte, error) { return fmt.Appendf(nil, `"%010d"`, n), nil }

// UnmarshalJSON reads a number with or without quotes and zeros.
func (n *Number) UnmarshalJSON(text []byte) error {
	read, err := strconv.ParseUint(string(bytes.Trim(text, `"`)), 10, 16)
	if err != nil {
		return fmt.Errorf("number is %s, want 1 to 999", text)
	}
	*n = Number(read)
	return nil
}
