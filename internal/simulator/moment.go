package simulator

// moment is the instant of which figures speak: a second of a day, or the very end of that day while the
// carrier's figures have not yet turned to the next.
type moment struct {
	day    int
	at     int64 // the second; at the end of a day, the midnight that ends it
	into   int64 // seconds since the day began
	length int64 // seconds the day has
}

// second is the last second that belongs to the moment: the end of a day is not yet the next.
func (m moment) second() int64 {
	if m.into >= m.length {
		return m.at - 1
	}
	return m.at
}

// momentOf is the second at, told by figures that turn delay seconds after midnight.
func momentOf(c calendar, at, delay int64) moment {
	day := c.day(at)
	begin := c.midnight(day)
	if at-begin < delay {
		return endOf(c, day-1)
	}
	return moment{day: day, at: at, into: at - begin, length: c.midnight(day+1) - begin}
}

// endOf is the last moment of a day.
func endOf(c calendar, day int) moment {
	begin, end := c.midnight(day), c.midnight(day+1)
	return moment{day: day, at: end, into: end - begin, length: end - begin}
}
