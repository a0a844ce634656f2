package clickhouse

import (
	"context"
	"fmt"
	"slices"
	"time"

	"kaisen/schema"
)

// Month is one that is over, by its first day, with what of it is copied.
type Month struct {
	schema.Date
	Of Log
}

// MonthFills is the table that says which months are closed, and since when.
const MonthFills = "month_fills"

// Settled is how long after its last change a month has to be filled to count as closed: closed_months, in migration 0025.
const Settled = 10 * time.Minute

// MonthState is what month_fills knows of a month.
type MonthState struct {
	Fill               time.Time // of the rows that hold
	ChangedAt, Decided time.Time // when it last changed, and when that fill was chosen
	Closed             bool
}

// Log is what months are copied of.
type Log int

// A month of each is closed by itself.
const (
	Samples  Log = iota // traffic_samples
	Sessions            // session_events
)

// String names the rows.
func (l Log) String() string { return [...]string{"samples", "sessions"}[l] }

// FilledEvent is what month_fills calls the copy of a month.
func (l Log) FilledEvent() string { return monthLogs()[l].filled }

// monthTable is a table of closed months, with the view that it is copied from.
type monthTable struct {
	name, from string
	columns    string
	month      string // of a row of the table
}

// monthLog is how months of a log are copied: where its rows are and by which column they belong to a month, what month_fills and
// which view know of its months, how long after a month's end its rows still come, as a matter of course, and how much a fill has.
// More rows of the log never make that less.
type monthLog struct {
	table, time             string
	changed, filled, closed string
	late                    string // INTERVAL …
	size                    string // SELECT two counts, of the fills {began} and {before} of {month}
	ofLines, ofContracts    []monthTable
}

// monthLogs are those of each Log. The first table of lines has a row of each fill.
func monthLogs() []monthLog {
	return []monthLog{{
		table: "traffic_samples", time: "observed_at", changed: "changed", filled: "filled", closed: "closed_months", late: "INTERVAL 4 HOUR",
		size: `SELECT sumIf(covered_seconds, filled_at = {began:DateTime64(3)}), sumIf(covered_seconds, filled_at = {before:DateTime64(3)})
FROM traffic_hours WHERE toStartOfMonth(hour) = {month:Date}`,
		ofLines: []monthTable{
			{"line_month_counts", "line_month_counts_from_samples",
				"source, contract_id, line_no, month, watched, quota, used_up, shared, line_first, share_first, line_seconds, share_seconds, apart_seconds", "month"},
			{"restriction_turns", "restriction_turns_from_samples",
				"source, contract_id, line_no, scope, observed_at, restriction, month_bytes, remaining_bytes, told", "toStartOfMonth(observed_at)"},
			{"traffic_hours", "traffic_hourly_from_samples", "source, contract_id, line_no, scope, hour, bytes, covered_seconds", "toStartOfMonth(hour)"},
		},
		ofContracts: []monthTable{
			{"pool_month_counts", "pool_month_counts_from_samples", "source, contract_id, month, members, watched, last_with_some, last_left, shown, seconds", "month"},
		},
	}, {
		table: "session_events", time: "event_time", changed: "sessions_changed", filled: "sessions_filled", closed: "closed_session_months",
		late: "INTERVAL 26 HOUR", // a stop of a long session enters the log behind the watermark, and is found within a day
		size: `SELECT sumIf(rows, filled_at = {began:DateTime64(3)}), sumIf(rows, filled_at = {before:DateTime64(3)})
FROM
(
    SELECT filled_at, if(outcome = 'complete', 2, 1) AS rows FROM paired_sessions WHERE toStartOfMonth(started_at) = {month:Date}
    UNION ALL
    SELECT filled_at, 1 AS rows FROM border_events WHERE toStartOfMonth(event_time) = {month:Date} AND NOT paired
)`,
		ofLines: []monthTable{
			{"border_events", "border_events_from_log", "source, contract_id, line_no, session_type, event_time, event, ordinal, paired", "toStartOfMonth(event_time)"},
			{"paired_sessions", "paired_sessions_from_log", "source, contract_id, line_no, session_type, started_at, seconds, outcome", "toStartOfMonth(started_at)"},
		},
	}}
}

// tables are all of a log.
func (l monthLog) tables() []monthTable { return slices.Concat(l.ofLines, l.ofContracts) }

// MonthStates reads what month_fills knows of every month that has ever changed or been copied.
func (db *DB) MonthStates(ctx context.Context) (map[Month]MonthState, error) {
	states := make(map[Month]MonthState)
	for of, log := range monthLogs() {
		err := db.Each(ctx, fmt.Sprintf(`SELECT f.month, argMaxIf(f.filled_at, f.at, f.event = '%[2]s'), maxIf(f.at, f.event = '%[1]s'), maxIf(f.at, f.event = '%[2]s'),
    toUInt8(f.month IN (SELECT month FROM %[3]s)) FROM month_fills AS f GROUP BY f.month`, log.changed, log.filled, log.closed), func(values []any) error {
			states[Month{schema.DateOf(values[0].(time.Time)), Log(of)}] = MonthState{values[1].(time.Time), values[2].(time.Time), values[3].(time.Time), values[4].(uint8) == 1}
			return nil
		})
		if err != nil {
			return nil, fmt.Errorf("months that are closed: %w", err)
		}
	}
	return states, nil
}

// CountMonth counts the rows of a month in the log that it is copied of.
func (db *DB) CountMonth(ctx context.Context, month Month) (rows uint64, err error) {
	log := monthLogs()[month.Of]
	err = db.Each(ctx, fmt.Sprintf("SELECT count() FROM %s FINAL WHERE toStartOfMonth(%s) = toDate('%s')", log.table, log.time, month), func(values []any) error {
		rows = values[0].(uint64)
		return nil
	})
	if err != nil {
		return 0, fmt.Errorf("%s of %s: %w", log.table, month, err)
	}
	return rows, nil
}
