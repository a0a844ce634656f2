package simulator

import "time"

// calendar tells days and months in the carrier's zone. Days count from 1970-01-01, months from January of the
// year 0; both are then plain numbers that a model can add to.
type calendar struct{ zone *time.Location }

const daySeconds = 86400

// day is the number of the day on which the second at falls.
func (c calendar) day(at int64) int {
	y, m, d := time.Unix(at, 0).In(c.zone).Date()
	return dayNumber(y, m, d)
}

// midnight is the second at which a day begins.
func (c calendar) midnight(day int) int64 {
	return time.Date(1970, 1, 1+day, 0, 0, 0, 0, c.zone).Unix()
}

// time is a second as the carrier's wall clock shows it.
func (c calendar) time(at int64) time.Time { return time.Unix(at, 0).In(c.zone) }

func dayNumber(y int, m time.Month, d int) int {
	return int(time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Unix() / daySeconds)
}

func dateOf(day int) time.Time { return time.Unix(int64(day)*daySeconds, 0).UTC() }

func monthOf(day int) int {
	y, m, _ := dateOf(day).Date()
	return y*12 + int(m) - 1
}

// firstDay is the first day of a month; that of the next month is where it ends.
func firstDay(month int) int { return dayNumber(month/12, time.Month(month%12+1), 1) }

func dayText(day int) string     { return dateOf(day).Format(time.DateOnly) }
func monthText(month int) string { return dayText(firstDay(month)) }

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

// moment is the second at, told by figures that turn delay seconds after midnight.
func (c calendar) moment(at, delay int64) moment {
	day := c.day(at)
	begin := c.midnight(day)
	if at-begin < delay {
		return c.endOf(day - 1)
	}
	return moment{day: day, at: at, into: at - begin, length: c.midnight(day+1) - begin}
}

// endOf is the last moment of a day.
func (c calendar) endOf(day int) moment {
	begin, end := c.midnight(day), c.midnight(day+1)
	return moment{day: day, at: end, into: end - begin, length: end - begin}
}
