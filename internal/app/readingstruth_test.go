package app

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/go-cmp/cmp"

	"kaisen/internal/simulator"
)

// fields are the columns of a row that query returns.
func fields(row string) []string { return strings.Split(row, "\t") }

// nothingIsWrong compares what is stored with the truth, in one direction: closed days, log rows, and which lines there are.
func (r *switched) nothingIsWrong() {
	r.t.Helper()
	all := r.truth()
	days, today := r.days(all), r.sim.Now().Format(time.DateOnly)
	r.compare(days, func(key string, stored, truth uint64) bool {
		return r.near(stored, truth) || strings.HasSuffix(key, today) && stored <= truth
	})
	for table, rows := range r.logRows(all) {
		for _, row := range r.query(rows.sql) {
			if rows.want[row] == 0 {
				r.t.Errorf("%s has %q, which did not happen", table, row)
			}
		}
	}
	var listed truth
	for _, l := range all {
		if l.Exists {
			listed.list(l)
		}
	}
	r.same("lines", selectLines, listed.lines)
	r.same("data_share_members", selectMembers, listed.members)
	var orders []string
	for _, o := range r.sim.Orders(time.Time{}, "") {
		orders = append(orders, fmt.Sprintf("%s\t%s\t%s\tfalse", o.ContractID, o.OrderID, o.Status))
	}
	r.same("orders", "SELECT contract_id, order_id, status_code, gone FROM orders FINAL WHERE number = 0", orders)
	if changes := r.query("SELECT DISTINCT field, old, new FROM line_changes WHERE old != ''"); len(changes) > 0 {
		r.t.Errorf("no line has changed, but line_changes says %q", changes)
	}
}

// nothingIsMissing compares the truth with what is stored, and what follows from it.
func (r *switched) nothingIsMissing() {
	r.t.Helper()
	stored := map[string]bool{}
	all := r.truth()
	days := r.days(all)
	r.compare(days, func(key string, bytes, truth uint64) bool { stored[key] = true; return r.near(bytes, truth) })
	for _, key := range slices.Sorted(maps.Keys(days)) {
		if !stored[key] && key[len(key)-10:] >= r.sim.Now().AddDate(0, 0, -30).Format(time.DateOnly) {
			r.t.Errorf("traffic_daily lacks %q", key)
		}
	}
	for table, rows := range r.logRows(all) {
		have := map[string]bool{}
		for _, row := range r.query(rows.sql) {
			have[row] = true
		}
		lacks := 0
		for row, at := range rows.want {
			if !have[row] && at >= rows.from && at <= rows.until {
				lacks++
			}
		}
		if lacks > 0 || len(rows.want) == 0 {
			r.t.Errorf("%s lacks %d rows of %d", table, lacks, len(rows.want))
		}
	}
	r.restrictionsAreTrue(all)
	r.sessionsAreTrue(all)
}

// truth is what the carrier knows of its lines now: computing it takes as long as all else that is compared with it.
func (r *switched) truth() []simulator.LineTruth {
	return slices.Collect(r.sim.Truth(simulator.TruthQuery{Days: 40}))
}

// near reports whether a figure is the true one, as exact as the carrier's figures are.
func (r *switched) near(stored, truth uint64) bool {
	if r.value == "mebibytes" {
		return stored <= truth+1<<20 && truth <= stored+1<<20
	}
	return stored == truth
}

// days are the true bytes by contract, line, scope and day, with those of every member where call 09 tells each its own.
func (r *switched) days(all []simulator.LineTruth) map[string]uint64 {
	days := map[string]uint64{}
	for _, l := range all {
		for _, traffic := range l.Traffic {
			told := traffic.Daily
			if r.value == "line" && r.name == "share_figures" {
				told = l.Traffic[0].Daily
			}
			for _, day := range told {
				days[l.ContractID+"\t"+l.LineNo+"\t"+traffic.Scope+"\t"+day.Date] = day.Bytes
			}
		}
	}
	return days
}

// compare asks of each stored day whether it is right.
func (r *switched) compare(days map[string]uint64, right func(key string, stored, truth uint64) bool) {
	r.t.Helper()
	wrong, example := 0, ""
	for _, row := range r.query(selectDaily) {
		at := strings.LastIndexByte(row, '\t')
		bytes, _ := strconv.ParseUint(row[at+1:], 10, 64)
		if truth, known := days[row[:at]]; !known || !right(row[:at], bytes, truth) {
			wrong++
			example = fmt.Sprintf("%q instead of %d", row, truth)
		}
	}
	if wrong > 0 {
		r.t.Errorf("traffic_daily: %d days are wrong, such as %s", wrong, example)
	}
}

// logTruth is what a log has: each row with the second from which on it could be seen, and between which of these seconds
// no row may be missing.
type logTruth struct {
	sql         string
	want        map[string]int64
	from, until int64
}

func (r *switched) logRows(all []simulator.LineTruth) map[string]logTruth {
	now := r.sim.Now()
	from := now.Add(-29 * 24 * time.Hour).Unix()
	past := fmt.Sprintf(" WHERE toUnixTimestamp(event_time) >= %d", from)
	authentications := logTruth{sql: selectAuthentications + past, want: map[string]int64{}, from: from, until: now.Unix()}
	events := logTruth{sql: selectSessionEvents + past, want: map[string]int64{}, from: from, until: now.Unix()}
	byStart := r.value == "start"
	if byStart { // a stop enters far back, and is found when its part of the log is read again, once a day
		events.until = now.Add(-30 * time.Hour).Unix()
	}
	for _, l := range all {
		key := l.ContractID + "\t" + l.LineNo
		for _, row := range l.Authentications {
			authentications.want[fmt.Sprintf("%s\t%d\t%s\t%s\t%d", key, row.Time.Unix(), row.SessionType, row.Result, row.Ordinal)] = row.Time.Unix()
		}
		for _, row := range l.SessionEvents {
			if !byStart || row.Event == "start" {
				events.want[fmt.Sprintf("%s\t%d\t%s\t%s\t%d", key, row.Time.Unix(), row.SessionType, row.Event, row.Ordinal)] = row.Time.Unix()
			}
		}
		for _, s := range l.Sessions {
			if byStart && s.Stop != nil && s.Start.Unix() >= from {
				events.want[fmt.Sprintf("%s\t%d\t%s\tstop\t0", key, s.Start.Unix(), s.SessionType)] = s.Stop.Unix()
			}
		}
	}
	return map[string]logTruth{"authentications": authentications, "session_events": events}
}

// restrictionsAreTrue compares line_status and near_cap_lines with 規制条件表: of a line that draws on a group call 09 decides,
// of any other call 03. A line without a volume is never near its cap.
func (r *switched) restrictionsAreTrue(all []simulator.LineTruth) {
	r.t.Helper()
	var want []string
	near := map[string]bool{}
	for _, line := range r.query("SELECT line_no FROM near_cap_lines") {
		near[line] = true
	}
	restricted, unlimited := 0, 0
	for _, l := range all {
		decides := l.Traffic[len(l.Traffic)-1]
		want = append(want, l.LineNo+"\t"+decides.Restriction)
		switch {
		case decides.RemainingBytes == nil:
			if unlimited++; near[l.LineNo] {
				r.t.Errorf("line %s has no volume, and is near its cap", l.LineNo)
			}
		case decides.Restriction != "none":
			if restricted++; !near[l.LineNo] {
				r.t.Errorf("line %s is restricted, and not in near_cap_lines", l.LineNo)
			}
		}
	}
	if diff := cmp.Diff(sorted(want), sorted(r.query("SELECT line_no, restriction FROM line_status"))); diff != "" {
		r.t.Errorf("restriction in line_status (-carrier +ClickHouse):\n%.1500s", diff)
	}
	if restricted < 5 || unlimited == 0 {
		r.t.Errorf("%d lines are restricted, %d have no volume: the test proves less than it should", restricted, unlimited)
	}
}

// sessionsAreTrue looks at sessions that began and ended since kaisen began: none is open, and each has its end, or one
// that is not before it where the log does not say.
func (r *switched) sessionsAreTrue(all []simulator.LineTruth) {
	r.t.Helper()
	found := map[string][]string{}
	for _, row := range r.query("SELECT line_no, toUnixTimestamp(started_at), session_type, toUnixTimestamp(stopped_at), outcome FROM session_durations") {
		f := fields(row)
		key := strings.Join(f[:3], " ")
		found[key] = append(found[key], f[3]+" "+f[4])
	}
	wrong, example := 0, ""
	for _, l := range all {
		for _, s := range l.Sessions {
			if s.Start.Before(r.began) || s.Stop == nil || s.Stop.After(r.sim.Now().Add(-27*time.Hour)) {
				continue
			}
			key := fmt.Sprintf("%s %d %s", l.LineNo, s.Start.Unix(), s.SessionType)
			if !r.ends(found[key], *s.Stop) {
				wrong++
				example = fmt.Sprintf("%s ended %d: %q", key, s.Stop.Unix(), found[key])
			}
		}
	}
	if wrong > 0 {
		r.t.Errorf("session_durations: %d sessions do not end as they did, such as %s", wrong, example)
	}
}

func (r *switched) ends(rows []string, stop time.Time) bool {
	if len(rows) != 1 {
		return false
	}
	if r.value != "start" {
		return rows[0] == fmt.Sprintf("%d complete", stop.Unix())
	}
	ended, outcome, _ := strings.Cut(rows[0], " ")
	at, err := strconv.ParseInt(ended, 10, 64)
	return outcome != "open" && (err != nil || at >= stop.Unix() && at <= stop.Add(27*time.Hour).Unix())
}
