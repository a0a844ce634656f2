package exporter

import "kaisen/schema"

// daysKept is today and the thirty days before it: what one traffic answer tells.
const daysKept = 31

// days is what a line used on its last days, for the page. A figure there has three digits, so float32 does: a hundred
// thousand lines take 13 MB. ClickHouse has the bytes.
type days struct {
	newest schema.Date
	bytes  [daysKept]float32 // newest first; negative: not known
}

const unknownDay = -1

// setDay takes what a line used on a day. A figure that is known gives way only where it is told to.
func (l *line) setDay(day schema.Date, bytes uint64, replace bool) {
	switch {
	case l.days == nil:
		l.days = &days{newest: day}
		l.days.forget(daysKept)
	case day > l.days.newest:
		l.days.advance(int(day - l.days.newest))
	}
	age := int(l.days.newest) - int(day)
	if age < daysKept && (replace || l.days.bytes[age] < 0) {
		l.days.bytes[age] = float32(bytes)
	}
}

// advance makes room for n newer days.
func (d *days) advance(n int) {
	d.newest = d.newest.AddDays(n)
	n = min(n, daysKept)
	copy(d.bytes[n:], d.bytes[:daysKept-n])
	d.forget(n)
}

// forget makes the newest n days unknown.
func (d *days) forget(n int) {
	for age := range n {
		d.bytes[age] = unknownDay
	}
}

// at is what was used on a day, if that is known.
func (d *days) at(day schema.Date) (bytes float64, known bool) {
	if d == nil || day > d.newest {
		return 0, false
	}
	age := int(d.newest) - int(day)
	if age >= daysKept || d.bytes[age] < 0 {
		return 0, false
	}
	return float64(d.bytes[age]), true
}
