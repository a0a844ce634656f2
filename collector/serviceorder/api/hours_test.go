package api

import (
	"slices"
	"strings"
	"testing"
	"time"

	"kaisen/schema"
)

// published are the holidays that the Cabinet Office announced, substitute ones included, by year.
func published() map[int]string {
	return map[int]string{
		2020: "01-01 01-13 02-11 02-23 02-24 03-20 04-29 05-03 05-04 05-05 05-06 07-23 07-24 08-10 09-21 09-22 11-03 11-23",
		2021: "01-01 01-11 02-11 02-23 03-20 04-29 05-03 05-04 05-05 07-22 07-23 08-08 08-09 09-20 09-23 11-03 11-23",
		2022: "01-01 01-10 02-11 02-23 03-21 04-29 05-03 05-04 05-05 07-18 08-11 09-19 09-23 10-10 11-03 11-23",
		2023: "01-01 01-02 01-09 02-11 02-23 03-21 04-29 05-03 05-04 05-05 07-17 08-11 09-18 09-23 10-09 11-03 11-23",
		2024: "01-01 01-08 02-11 02-12 02-23 03-20 04-29 05-03 05-04 05-05 05-06 07-15 08-11 08-12 09-16 09-22 09-23 10-14 11-03 11-04 11-23",
		2025: "01-01 01-13 02-11 02-23 02-24 03-20 04-29 05-03 05-04 05-05 05-06 07-21 08-11 09-15 09-23 10-13 11-03 11-23 11-24",
		2026: "01-01 01-12 02-11 02-23 03-20 04-29 05-03 05-04 05-05 05-06 07-20 08-11 09-21 09-22 09-23 10-12 11-03 11-23",
		2027: "01-01 01-11 02-11 02-23 03-21 03-22 04-29 05-03 05-04 05-05 07-19 08-11 09-20 09-23 10-11 11-03 11-23",
	}
}

func holidaysOf(year int) string {
	var days []string
	first := schema.DateOf(time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC))
	for d := first; d.Time().Year() == year; d = d.AddDays(1) {
		if NationalHoliday(d) {
			days = append(days, d.String()[5:])
		}
	}
	return strings.Join(days, " ")
}

func TestNationalHolidays(t *testing.T) {
	for year, want := range published() {
		if got := holidaysOf(year); got != want {
			t.Errorf("%d: %s\nwant  %s", year, got, want)
		}
	}
	if got := holidaysOf(2019) + holidaysOf(2036); got != "" {
		t.Errorf("years without rules have holidays %s", got)
	}
}

// The equinoxes as the National Astronomical Observatory computes them, and the September with a day between.
func TestHolidaysToCome(t *testing.T) {
	spring := map[int]int{2028: 20, 2029: 20, 2030: 20, 2031: 21, 2032: 20, 2033: 20, 2034: 20, 2035: 21}
	autumn := map[int]int{2028: 22, 2029: 23, 2030: 23, 2031: 23, 2032: 22, 2033: 23, 2034: 23, 2035: 23}
	for year := range spring {
		days := holidaysOf(year)
		for _, d := range []time.Time{
			time.Date(year, 3, spring[year], 0, 0, 0, 0, time.UTC), time.Date(year, 9, autumn[year], 0, 0, 0, 0, time.UTC),
		} {
			if !strings.Contains(days, d.Format("01-02")) || !NationalHoliday(schema.DateOf(d)) {
				t.Errorf("%s is no holiday in %s", d.Format(time.DateOnly), days)
			}
		}
		if n := len(strings.Fields(days)); n < 16 || n > 22 {
			t.Errorf("%d has %d holidays: %s", year, n, days)
		}
	}
	if days := holidaysOf(2032); !strings.Contains(days, "09-20 09-21 09-22") {
		t.Errorf("2032: %s", days)
	}
}

func TestOpen(t *testing.T) {
	at := func(text string) time.Time {
		moment, err := time.Parse(time.RFC3339, text)
		if err != nil {
			t.Fatal(err)
		}
		return moment
	}
	for _, c := range []struct {
		at   string
		open bool
		next string
	}{
		{"2026-11-20T08:59:59+09:00", false, "2026-11-20T09:00:00+09:00"}, // Friday
		{"2026-11-20T09:00:00+09:00", true, "2026-11-20T17:30:00+09:00"},
		{"2026-11-20T17:29:59+09:00", true, "2026-11-20T17:30:00+09:00"},
		{"2026-11-20T17:30:00+09:00", false, "2026-11-24T09:00:00+09:00"}, // over the weekend and 勤労感謝の日
		{"2026-11-20T00:00:00Z", true, "2026-11-20T17:30:00+09:00"},
		{"2026-11-19T23:59:59Z", false, "2026-11-20T09:00:00+09:00"},
		{"2026-11-22T12:00:00+09:00", false, "2026-11-24T09:00:00+09:00"}, // Sunday
		{"2026-11-23T12:00:00+09:00", false, "2026-11-24T09:00:00+09:00"}, // Monday, a holiday
		{"2026-04-28T18:00:00+09:00", false, "2026-04-30T09:00:00+09:00"},
		{"2026-05-02T12:00:00+09:00", false, "2026-05-07T09:00:00+09:00"}, // Golden Week
		{"2026-12-31T20:00:00+09:00", false, "2027-01-04T09:00:00+09:00"}, // a holiday, then a weekend
		{"2026-11-20T03:00:00-08:00", false, "2026-11-24T09:00:00+09:00"}, // 20:00 in Japan
	} {
		open, next := Open(at(c.at), nil)
		if open != c.open || !next.Equal(at(c.next)) {
			t.Errorf("%s: open %v, next %s; want %v, %s", c.at, open, next, c.open, c.next)
		}
	}
}

func TestOpenWithACalendarOfOnesOwn(t *testing.T) {
	friday := time.Date(2026, 11, 20, 12, 0, 0, 0, time.FixedZone("JST", 9*3600))
	rest := []schema.Date{schema.DateOf(friday), schema.DateOf(friday).AddDays(3)}
	open, next := Open(friday, func(d schema.Date) bool { return slices.Contains(rest, d) })
	if open || !next.Equal(friday.AddDate(0, 0, 4).Add(-3*time.Hour)) {
		t.Errorf("open %v, next %s", open, next)
	}
	if open, next := Open(friday, func(schema.Date) bool { return true }); open || !next.IsZero() {
		t.Errorf("without a business day: open %v, next %s", open, next)
	}
	if open, next := Open(friday, func(schema.Date) bool { return false }); !open || next.Hour() != 17 || next.Minute() != 30 {
		t.Errorf("open %v, next %s", open, next)
	}
}
