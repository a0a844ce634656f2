package api

import (
	"time"

	"kaisen/schema"
)

// The years whose holidays are known by rule: before, the Emperor's birthday was another, and after, the law may be.
const firstYear, lastYear = 2020, 2035

// NationalHoliday reports whether a day is one of Japan's national holidays from 2020 to 2035, after the law on them (国民の祝日に関する法律) as it
// stands: the holidays themselves, the day in lieu of one on a Sunday (振替休日), and a day between two of them (国民の休日).
// Outside of these years no day is one. The equinoxes are computed; the Cabinet Office announces them a year ahead.
func NationalHoliday(d schema.Date) bool {
	if year := d.Time().Year(); year < firstYear || year > lastYear {
		return false
	}
	return holiday(d) || inLieu(d) || between(d)
}

// inLieu reports whether a day is the first after a holiday on a Sunday that is not a holiday itself.
func inLieu(d schema.Date) bool {
	for before := d.AddDays(-1); holiday(before); before = before.AddDays(-1) {
		if before.Time().Weekday() == time.Sunday {
			return true
		}
	}
	return false
}

// between reports whether both neighbours of a day are holidays, which happens in September.
func between(d schema.Date) bool { return holiday(d.AddDays(-1)) && holiday(d.AddDays(1)) }

// holiday reports whether the law names a day.
func holiday(d schema.Date) bool {
	at := d.Time()
	year, month, day := at.Date()
	if moved, ok := olympic(year, month, day); ok {
		return moved
	}
	monday := 0 // which Monday of the month it is
	if at.Weekday() == time.Monday {
		monday = (day + 6) / 7
	}
	switch month {
	case time.January:
		return day == 1 || monday == 2 // 元日, 成人の日
	case time.February:
		return day == 11 || day == 23 // 建国記念の日, 天皇誕生日
	case time.March:
		return day == equinox(year, 20.8431) // 春分の日
	case time.April:
		return day == 29 // 昭和の日
	case time.May:
		return day >= 3 && day <= 5 // 憲法記念日, みどりの日, こどもの日
	case time.July:
		return monday == 3 // 海の日
	case time.August:
		return day == 11 // 山の日
	case time.September:
		return monday == 3 || day == equinox(year, 23.2488) // 敬老の日, 秋分の日
	case time.October:
		return monday == 2 // スポーツの日
	case time.November:
		return day == 3 || day == 23 // 文化の日, 勤労感謝の日
	}
	return false
}

// olympic reports whether a day is a holiday in the two summers in which they were moved for the games in Tokyo (海の日, スポーツの日 and
// 山の日); ok is false in all other months.
func olympic(year int, month time.Month, day int) (is, ok bool) {
	if year != 2020 && year != 2021 {
		return false, false
	}
	switch month {
	case time.July:
		return year == 2020 && (day == 23 || day == 24) || year == 2021 && (day == 22 || day == 23), true
	case time.August:
		return year == 2020 && day == 10 || year == 2021 && day == 8, true
	case time.October:
		return false, true
	}
	return false, false
}

// equinox is the day of the month on which an equinox falls in Japan, by the usual approximation for 1980 to 2099;
// first is that of 1980, in days.
func equinox(year int, first float64) int {
	after := year - 1980
	return int(first+0.242194*float64(after)) - after/4
}
