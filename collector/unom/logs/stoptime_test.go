package logs

import (
	"strconv"
	"testing"
	"time"

	"kaisen/collector/unom/readings"
	"kaisen/schema"
)

func TestStopTimes(t *testing.T) {
	at := time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC).Unix()
	// add puts a session in: of a line, from one second to another, to which the stop is dated or not.
	add := func(rows map[Row]int, line int, from, stop int64, ended bool) {
		row := Row{strconv.Itoa(line), at + from, schema.SessionDomestic, string(schema.SessionStart)}
		rows[row]++
		if row.At, row.Outcome = at+stop, string(schema.SessionStop); ended {
			rows[row]++
		}
	}
	for name, tt := range map[string]struct {
		fill  func(rows map[Row]int)
		lines int
		want  string
	}{
		"their own": {func(rows map[Row]int) {
			for i := range int64(40) {
				add(rows, int(i%5), 1000*i, 1000*i+700, true)
			}
		}, 5, readings.StopTimeOwn},
		"their start's": {func(rows map[Row]int) {
			for i := range int64(40) {
				add(rows, int(i%5), 1000*i, 1000*i, i < 37)
			}
		}, 5, readings.StopTimeStart},
		"too few": {func(rows map[Row]int) {
			for i := range int64(19) {
				add(rows, int(i%5), 1000*i, 1000*i, i < 18)
			}
		}, 5, ""},
		"one line that flaps within seconds": {func(rows map[Row]int) {
			for i := range int64(400) {
				add(rows, 0, 10*i, 10*i, true)
			}
			add(rows, 1, 5, 6, true)
			add(rows, 2, 5, 6, false)
		}, 50, ""},
		"one line that flaps, others as usual": {func(rows map[Row]int) {
			for i := range int64(400) {
				add(rows, 0, 10*i, 10*i, true)
			}
			for i := range int64(40) {
				add(rows, 1+int(i%5), 1000*i, 1000*i+700, true)
			}
		}, 50, readings.StopTimeOwn},
		"a contract of one line": {func(rows map[Row]int) {
			for i := range int64(40) {
				add(rows, 0, 1000*i, 1000*i, i < 39)
			}
		}, 1, readings.StopTimeStart},
		"lines that are back within the second": {func(rows map[Row]int) {
			for i := range int64(40) {
				add(rows, int(i%5), 1000*i, 1000*i+5000, true)
			}
			for i := range 5 { // their first start was before
				delete(rows, Row{strconv.Itoa(i), at + int64(i)*1000, schema.SessionDomestic, string(schema.SessionStart)})
				add(rows, i, 35000+int64(i)*1000+5000, 0, false)
			}
		}, 5, ""},
	} {
		t.Run(name, func(t *testing.T) {
			rows := map[Row]int{}
			tt.fill(rows)
			s := newStopTimes()
			s.count(rows, nil)
			if got := s.verdict(enoughStops, tt.lines); got != tt.want {
				t.Errorf("%q, want %q; %d of %d", got, tt.want, s.matched, s.stops)
			}
			again := newStopTimes() // what was counted before is not counted again
			again.count(rows, rows)
			if again.stops != 0 {
				t.Errorf("%d stops counted twice", again.stops)
			}
		})
	}
}

// Lines that are back at once whenever they are cut off have starts in the seconds of their stops, whatever a stop's time is.
func TestFewStopsOfLinesThatAreBackAtOnce(t *testing.T) {
	row := func(at int64, event schema.SessionEventKind) Row {
		return Row{LineNo: "1", At: at, Session: schema.SessionDomestic, Outcome: string(event)}
	}
	rows := []Row{row(1, schema.SessionStart)}
	for at := range int64(9) {
		rows = append(rows, row(at+2, schema.SessionStop), row(at+2, schema.SessionStart))
	}
	if value, evidence := StopTime(rows, 1); value != "" {
		t.Errorf("%s: %s", value, evidence)
	}
	var sessions []Row
	for at := range int64(9) {
		sessions = append(sessions, row(10*at, schema.SessionStart), row(10*at+5, schema.SessionStop))
	}
	if value, _ := StopTime(sessions, 1); value != readings.StopTimeOwn {
		t.Errorf("%q for stops with a time of their own", value)
	}
}
