package serviceorder

import (
	"fmt"
	"testing"
	"time"

	"kaisen/collector"
	"kaisen/schema"
)

// Issue 12, D.15: one month ago, at the end of a month too.
func TestMonthBefore(t *testing.T) {
	for day, want := range map[string]string{
		"2026-05-31": "2026-04-30", "2026-05-30": "2026-04-30", "2026-03-31": "2026-02-28", "2028-03-30": "2028-02-29",
		"2026-03-28": "2026-02-28", "2026-01-31": "2025-12-31", "2026-12-31": "2026-11-30", "2026-07-15": "2026-06-15",
	} {
		at, err := time.Parse(time.DateOnly, day)
		if err != nil {
			t.Fatal(err)
		}
		if got := monthBefore(at.Add(9 * time.Hour)).Format(time.DateOnly); got != want {
			t.Errorf("a month before %s is %s, want %s", day, got, want)
		}
	}
}

// Issue 12, D.15: the carrier's own closing days are configuration; unless it says otherwise, those around New Year.
func TestClosingDays(t *testing.T) {
	day := func(text string) schema.Date {
		at, err := time.Parse(time.DateOnly, text)
		if err != nil {
			t.Fatal(err)
		}
		return schema.DateOf(at)
	}
	usual := Kind().Settings().(*Settings)
	if none := (&Settings{ClosingDays: []string{"none"}}); none.closed(day("2026-12-30")) || !none.closed(day("2027-01-01")) {
		t.Error("none but national holidays is something else")
	}
	own := &Settings{ClosingDays: []string{"2027-05-06", "08-14"}}
	for text, want := range map[string][2]bool{
		"2026-12-28": {false, false}, "2026-12-29": {true, false}, "2027-01-02": {true, false}, "2027-01-03": {true, false},
		"2027-01-04": {false, false}, "2027-01-01": {true, true}, "2027-05-06": {false, true}, "2028-05-08": {false, false},
		"2027-08-14": {false, true}, "2028-08-14": {false, true},
	} {
		if got := [2]bool{usual.closed(day(text)), own.closed(day(text))}; got != want {
			t.Errorf("%s: closed %v, want %v", text, got, want)
		}
	}
	var problems []string
	wrong := &Settings{ServiceNames: []string{"uno"}, ClosingDays: []string{"12-29", "02-29", "02-30", "2027-02-29", "29 December", ""}}
	wrong.Check(map[string]collector.JobConfig{}, func(key, problem, _ string) { problems = append(problems, key+": "+problem) })
	want := []string{`closing_days[2]: "02-30" is no day`, `closing_days[3]: "2027-02-29" is no day`, `closing_days[4]: "29 December" is no day`, `closing_days[5]: "" is no day`}
	if fmt.Sprint(problems) != fmt.Sprint(want) {
		t.Errorf("problems %q, want %q", problems, want)
	}
}
