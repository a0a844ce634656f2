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

// minute is a second without its seconds, as answers have it; nil where it is 0, for none.
func (c calendar) minute(at int64) *time.Time {
	if at == 0 {
		return nil
	}
	return new(c.time(at).Truncate(time.Minute))
}

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

// dateForm is YYYYMMDD.
const dateForm = "20060102"

// parseDay reads YYYYMMDD, a day that exists.
func parseDay(text string) (day int, ok bool) {
	date, err := time.Parse(dateForm, text)
	if err != nil {
		return 0, false
	}
	return dayNumber(date.Date()), true
}

func isDay(text string) bool {
	_, ok := parseDay(text)
	return ok
}

// dayDigits is a day as YYYYMMDD.
func dayDigits(day int) string { return dateOf(day).Format(dateForm) }
