package app

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"kaisen/internal/simulator"
	"kaisen/schema"
)

// knownOf is what the carrier has answered about its lines when each day since a first one was read.
func knownOf(t testing.TB, sim *simulator.Carrier, first time.Time) (lines []known) {
	t.Helper()
	now := sim.Now()
	days := int(schema.DateOf(now)-schema.DateOf(first)) + 1
	for l := range sim.Truth(simulator.TruthQuery{Days: days}) {
		if !l.Exists {
			continue
		}
		own := l.Traffic[0]
		k := known{contract: l.ContractID, line: l.LineNo, now: now, start: date(t, l.StartDate), month: own.MonthBytes,
			remaining: own.RemainingBytes, days: map[schema.Date]uint64{}, member: l.Share != nil && l.Share.Status != "reserved"}
		for _, day := range own.Daily {
			k.days[date(t, day.Date)] = day.Bytes
		}
		lines = append(lines, k)
	}
	return lines
}

func date(t testing.TB, text string) schema.Date {
	t.Helper()
	day, err := time.Parse(time.DateOnly, text)
	if err != nil {
		t.Fatal(err)
	}
	return schema.DateOf(day)
}

// watched is a carrier that was swept at four times of two months, and what it answered until then.
func watched(t *testing.T) (*fixture, []known) {
	first := time.Date(2026, 4, 5, 14, 30, 0, 0, tokyo(t))
	r := newFixture(t, func(c *simulator.Config) { c.Lines, c.Start = 60, first })
	for _, days := range []int{0, 24, 12, 9} {
		r.advance(time.Duration(days) * 24 * time.Hour)
		r.sweep()
	}
	return r, knownOf(t, r.sim, first.AddDate(0, 0, -30))
}

// sameTime reports whether a time of the view is the one computed, to the second.
func sameTime(view string, want time.Time) bool {
	if want.IsZero() || view == `\N` {
		return want.IsZero() && view == `\N`
	}
	at, err := time.ParseInLocation(time.DateTime, view, want.Location())
	return err == nil && at.Sub(want).Abs() <= time.Second
}

// TestForecastsOfLinesAreWhatTheirDefinitionsSay: what both views say of one fleet, which is watched once for both.
func TestForecastsOfLinesAreWhatTheirDefinitionsSay(t *testing.T) {
	t.Parallel()
	r, lines := watched(t)
	t.Run("line_forecast", func(t *testing.T) { r.on(t).lineForecastAgrees(lines) })
	t.Run("near_cap_lines", func(t *testing.T) { r.on(t).nearCapLinesAgree(lines) })
}

// on is the fixture of a subtest.
func (r *fixture) on(t *testing.T) *fixture {
	of := *r
	of.t = t
	return &of
}

func (r *fixture) lineForecastAgrees(lines []known) {
	t := r.t
	views := map[string][]string{}
	for _, row := range r.query(`SELECT contract_id || ' ' || line_no, month, month_bytes, remaining_bytes, days_of_history,
	month_end_bytes, month_end_bytes_low, month_end_bytes_high, exhaustion_at, exhaustion_at_early, exhaustion_at_late FROM line_forecast`) {
		fields := strings.Split(row, "\t")
		views[fields[0]] = fields[1:]
	}
	exhausted, expected := 0, 0
	for i, want := range outlooks(lines) {
		k := lines[i]
		view, ok := views[k.contract+" "+k.line]
		if listed := k.month > 0 || k.remaining != nil; listed != ok {
			t.Errorf("line %d is in the view: %v, expected %v", i, ok, listed)
		}
		if !ok {
			continue
		}
		if head := fmt.Sprint("2026-05-01 ", k.month, " ", null(k.remaining), " ", want.days); strings.Join(view[:4], " ") != head {
			t.Errorf("line %d: %v, expected %s", i, view[:4], head)
		}
		for j, bytes := range []float64{want.end, want.low, want.high} {
			var got float64
			if _, err := fmt.Sscan(view[4+j], &got); err != nil || math.Abs(got-bytes) > 1+1e-9*bytes {
				t.Errorf("line %d: figure %d of its month's end is %s, expected %.0f", i, j, view[4+j], bytes)
			}
		}
		for j, at := range []time.Time{want.at, want.early, want.late} {
			if !sameTime(view[7+j], at) {
				t.Errorf("line %d: time %d is %s, expected %s", i, j, view[7+j], at)
			}
		}
		switch {
		case want.at.Equal(k.now):
			exhausted++
		case !want.at.IsZero():
			expected++
		}
	}
	if len(views) < 55 || exhausted == 0 || expected == 0 {
		t.Errorf("%d lines, %d without volume, %d about to be: the test proves little", len(views), exhausted, expected)
	}
}

func (r *fixture) nearCapLinesAgree(lines []known) {
	t := r.t
	restriction, inPool := map[string]string{}, map[string]bool{}
	for l := range r.sim.Truth(simulator.TruthQuery{}) {
		restriction[l.LineNo] = l.Traffic[0].Restriction
		inPool[l.LineNo] = l.Share != nil && l.Share.Status != "reserved"
	}
	var want []string
	for i, o := range outlooks(lines) {
		k := lines[i]
		volume, used := `\N`, `\N`
		restricted := restriction[k.line] != "none"
		near := false
		if k.remaining != nil {
			ratio := float64(*k.remaining) / float64(k.month+*k.remaining)
			volume, used, near = fmt.Sprint(k.month+*k.remaining), fmt.Sprintf("%.6f", 1-ratio), ratio < 0.2 && !inPool[k.line]
		}
		if near || restricted {
			want = append(want, fmt.Sprintf("%s\t%s\t%s\t%s\t%s\t%d\t%v", k.line, restriction[k.line], volume, used, null(k.remaining), k.month, !o.at.IsZero()))
		}
	}
	r.same("near_cap_lines", `SELECT line_no, restriction, quota_bytes, printf('%.6f', used_ratio), remaining_bytes, month_bytes,
	isNotNull(exhaustion_at)::Bool FROM near_cap_lines`, want)
	if rows := r.query("SELECT line_no FROM near_cap_lines AS n INNER JOIN line_forecast AS f USING (source, contract_id, line_no) WHERE NOT (n.exhaustion_at <=> f.exhaustion_at)"); len(rows) > 0 {
		t.Errorf("%d lines are used up at other times in line_forecast", len(rows))
	}

	gone := r.query("SELECT line_no FROM near_cap_lines ORDER BY line_no LIMIT 1")[0]
	r.query("INSERT INTO lines SELECT * REPLACE ('removed' AS state, observed_at + INTERVAL 1 SECOND AS observed_at) FROM lines FINAL WHERE line_no = '" + gone + "'")
	if left := r.query("SELECT (SELECT count() FROM near_cap_lines) + (SELECT countIf(line_no = '" + gone + "') FROM line_forecast)"); left[0] != fmt.Sprint(len(want)-1) {
		t.Errorf("with a line removed there are %s rows, expected %d", left[0], len(want)-1)
	}
}
