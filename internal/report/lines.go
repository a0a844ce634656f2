package report

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"
)

// Maybe is a figure that may not be known, which is never 0.
type Maybe struct {
	Known   bool
	N       uint64
	AtLeast bool // it may be more: a part of the month is not known
}

// UnmarshalJSON reads a number or null.
func (m *Maybe) UnmarshalJSON(text []byte) error {
	var n *uint64
	if err := json.Unmarshal(text, &n); err != nil || n == nil {
		return err
	}
	*m = Maybe{Known: true, N: *n}
	return nil
}

// Line is a line in the month.
type Line struct {
	identity
	monthOfLine
	There  bool // it has a figure of the month
	Before Maybe
	Labels map[string]string
}

// key names a line.
type key struct {
	Source     string `json:"source"`
	ContractID string `json:"contract_id"`
	LineNo     string `json:"line_no"`
}

// monthOfLine is a row of line_months.
type monthOfLine struct {
	key
	Month             string `json:"month"`
	Bytes             uint64 `json:"bytes"`
	Complete          bool   `json:"complete"`
	Pooled            bool   `json:"pooled"`
	QuotaBytes        Maybe  `json:"quota_bytes"`
	RestrictedSeconds Maybe  `json:"restricted_seconds"`
	RoamingSeconds    Maybe  `json:"roaming_seconds"`
	Days              int    `json:"days"`
	WatchedDays       int    `json:"watched_days"`
	RestrictedAtLeast bool   `json:"restricted_at_least"`
	RoamingAtLeast    bool   `json:"roaming_at_least"`
}

// identity is who a line is, and a row of plan_fit.
type identity struct {
	Source       string   `json:"source"`
	ContractID   string   `json:"contract_id"`
	LineNo       string   `json:"line_no"`
	Name         string   `json:"name"`
	State        string   `json:"state"`
	PlanCode     string   `json:"plan_code"`
	PlanName     string   `json:"plan_name"`
	LabelColumns []string `json:"label_columns"`
	LabelValues  []string `json:"label_values"`
	Verdict      string   `json:"verdict"` // empty: the line is active no more
	FitMonths    []string `json:"fit_months"`
	Largest      uint64   `json:"largest_bytes"`
	Average      uint64   `json:"average_bytes"`
	Volume       Maybe    `json:"volume_bytes"`
}

// Pool is a row of pool_months, with the month before.
type Pool struct {
	Source            string `json:"source"`
	ContractID        string `json:"contract_id"`
	Members           uint64 `json:"members"`
	Bytes             uint64 `json:"bytes"`
	Before            Maybe  `json:"before_bytes"`
	Complete          bool   `json:"complete"`
	QuotaBytes        Maybe  `json:"quota_bytes"`
	RestrictedSeconds Maybe  `json:"restricted_seconds"`
	WatchedDays       int    `json:"watched_days"`
}

// A line whose contract moved to another account has rows of both, in months of before, too, of which an account is told when it first asks:
// that of a whole month counts, of two such that of the account which watched it longer, and of a month that goes on the newest, which of a
// group is the largest.
//
// A line that moved to another contract has its number in both. Where the carrier tells its months of before there, too, they are those of the
// contract that it was in then, and the month of the move is the new one's, which has all of it.
const (
	// The carrier has figures of 0 for months before a line began, and after it left: it is not one of that month's lines.
	monthsSQL = `SELECT month, count() AS lines, sum(used) AS bytes
FROM
(
    SELECT month, bytes AS used, there, came, max(there) OVER (PARTITION BY line_no, month) AS was_there, maxIf(bytes, came AND there) OVER (PARTITION BY line_no, month) AS came_bytes
    FROM
    (
        SELECT m.contract_id AS contract_id, m.line_no AS line_no, m.month AS month, m.bytes AS bytes,
            ifNull(l.start_date >= addMonths(m.month, 1), false) AS before_it, NOT before_it AND NOT ifNull(l.state != 'active' AND toDate(l.last_seen) < m.month, false) AS there,
            max(before_it AND m.bytes > 0) OVER (PARTITION BY m.contract_id, m.line_no) AS came
        FROM
        (
            SELECT source, contract_id, line_no, month, bytes FROM traffic_monthly FINAL
            WHERE scope = 'line' AND month BETWEEN addMonths(toDate('%[1]s'), -12) AND toDate('%[1]s')
            ORDER BY observed_at DESC LIMIT 1 BY contract_id, line_no, month
        ) AS m
        LEFT JOIN (SELECT source, contract_id, line_no, state, start_date, last_seen FROM lines FINAL) AS l
            ON l.source = m.source AND l.contract_id = m.contract_id AND l.line_no = m.line_no
        WHERE m.bytes > 0 OR there
    )
)
WHERE if(came, there OR NOT was_there, used > came_bytes OR came_bytes = 0)
GROUP BY month ORDER BY month
SETTINGS join_use_nulls = 1`

	linesSQL = `SELECT source, contract_id, line_no, month, bytes, complete, pooled, quota_bytes, restricted_seconds, roaming_seconds, days, watched_days,
    restricted_at_least, roaming_at_least
FROM
(
    SELECT *, max(days) OVER (PARTITION BY line_no, month) AS most_days, maxIf(bytes, came AND days > 0) OVER (PARTITION BY line_no, month) AS came_bytes
    FROM
    (
        SELECT *, max(days = 0 AND bytes > 0) OVER (PARTITION BY contract_id, line_no) AS came
        FROM line_months
        WHERE month BETWEEN addMonths(toDate('%[1]s'), -2) AND toDate('%[1]s') AND (days > 0 OR bytes > 0)
    )
)
WHERE month >= addMonths(toDate('%[1]s'), -1) AND if(came, days > 0 OR most_days = 0, bytes > came_bytes OR came_bytes = 0)
ORDER BY complete DESC, if(complete, watched_days, toUnixTimestamp(told_at)) DESC LIMIT 1 BY contract_id, line_no, month`

	identitiesSQL = `SELECT l.source AS source, l.contract_id AS contract_id, l.line_no AS line_no, toString(l.state) AS state, l.plan_code AS plan_code,
    ifNull(n.name, '') AS name, n.label_columns AS label_columns, n.label_values AS label_values,
    ifNull(f.plan_name, '') AS plan_name, ifNull(toString(f.verdict), '') AS verdict, f.months AS fit_months,
    ifNull(f.largest_bytes, 0) AS largest_bytes, ifNull(f.average_bytes, 0) AS average_bytes, f.quota_bytes AS volume_bytes
FROM (SELECT source, contract_id, line_no, state, plan_code FROM lines FINAL ORDER BY state = 'active' DESC, last_seen DESC LIMIT 1 BY contract_id, line_no) AS l
LEFT JOIN (SELECT source, contract_id, line_no, name, label_columns, label_values FROM line_names FINAL WHERE present) AS n
    ON n.source = l.source AND n.contract_id = l.contract_id AND n.line_no = l.line_no
LEFT JOIN (SELECT * FROM plan_fit) AS f
    ON f.source = l.source AND f.contract_id = l.contract_id AND f.line_no = l.line_no
SETTINGS join_use_nulls = 1`

	poolsSQL = `SELECT m.source AS source, m.contract_id AS contract_id, m.members AS members, m.bytes AS bytes, b.bytes AS before_bytes, m.complete AS complete,
    m.quota_bytes AS quota_bytes, m.restricted_seconds AS restricted_seconds, m.watched_days AS watched_days
FROM
(
    SELECT * FROM pool_months WHERE month = toDate('%[1]s')
    ORDER BY complete DESC, if(complete, watched_days, bytes) DESC LIMIT 1 BY contract_id
) AS m
LEFT JOIN
(
    SELECT contract_id, bytes FROM pool_months WHERE month = addMonths(toDate('%[1]s'), -1)
    ORDER BY complete DESC, if(complete, watched_days, bytes) DESC LIMIT 1 BY contract_id
) AS b ON b.contract_id = m.contract_id
ORDER BY bytes DESC, contract_id
SETTINGS join_use_nulls = 1`
)

// rows asks for rows of a type.
func rows[R any](ctx context.Context, store Store, sql string) ([]R, error) {
	answer, err := store.Query(ctx, sql, "JSONEachRow")
	if err != nil {
		return nil, err
	}
	defer answer.Close()
	var all []R
	for in := json.NewDecoder(answer); ; {
		var row R
		if err := in.Decode(&row); errors.Is(err, io.EOF) {
			return all, nil
		} else if err != nil {
			return nil, err
		}
		all = append(all, row)
	}
}

// readLines brings together what the views say of each line.
func (r *Report) readLines(ctx context.Context, store Store) error {
	who, err := rows[identity](ctx, store, identitiesSQL)
	if err != nil {
		return fmt.Errorf("lines: %w", err)
	}
	months, err := rows[monthOfLine](ctx, store, fmt.Sprintf(linesSQL, day(r.Month)))
	if err != nil {
		return fmt.Errorf("months of lines: %w", err)
	}
	type number struct{ contractID, lineNo string } // whatever account asks about it
	lines := make(map[number]*Line, len(who))
	for _, id := range who {
		lines[number{id.ContractID, id.LineNo}] = &Line{identity: id, Labels: r.labels(id)}
	}
	for _, m := range months {
		m.RestrictedSeconds.AtLeast, m.RoamingSeconds.AtLeast = m.RestrictedAtLeast, m.RoamingAtLeast
		at := number{m.ContractID, m.LineNo}
		l := lines[at]
		if l == nil { // of a line that the inventory has lost
			l = &Line{identity: identity{Source: m.Source, ContractID: m.ContractID, LineNo: m.LineNo}}
			lines[at] = l
		}
		if m.Month == day(r.Month) {
			l.monthOfLine, l.There = m, true
		} else {
			l.Before = Maybe{Known: true, N: m.Bytes}
		}
	}
	for _, l := range lines {
		if l.There || l.Before.Known {
			r.Lines = append(r.Lines, l)
		}
	}
	slices.SortFunc(r.Lines, func(a, b *Line) int {
		return cmp.Or(cmp.Compare(b.Bytes, a.Bytes), cmp.Compare(a.identity.ContractID, b.identity.ContractID), cmp.Compare(a.identity.LineNo, b.identity.LineNo))
	})
	return nil
}

// labels are what labels_file says of a line, by column; the report has the columns of all lines.
func (r *Report) labels(id identity) map[string]string {
	labels := make(map[string]string, len(id.LabelColumns))
	for i, column := range id.LabelColumns {
		if i < len(id.LabelValues) {
			labels[column] = id.LabelValues[i]
		}
		if !slices.Contains(r.Columns, column) {
			r.Columns = append(r.Columns, column)
		}
	}
	return labels
}

// most is how many lines a list of people has: a page of A4.
const most = 25

// Top are the lines that used most.
func (r *Report) Top() []*Line {
	top := r.pick(func(l *Line) bool { return l.There && l.Bytes > 0 }, nil)
	return top[:min(most, len(top))]
}

// Fit are the lines of a verdict of plan_fit, in the order of what is most worth a look.
func (r *Report) Fit(verdict string) []*Line {
	return r.pick(func(l *Line) bool { return l.Verdict == verdict }, func(a, b *Line) int {
		if verdict == "too_large" {
			return cmp.Compare(b.Volume.N-b.Largest, a.Volume.N-a.Largest)
		}
		return cmp.Compare(b.Average, a.Average)
	})
}

// MostRestricted are the lines that were restricted, the longest first.
func (r *Report) MostRestricted() []*Line {
	return r.pick(func(l *Line) bool { return l.There && l.RestrictedSeconds.N > 0 }, func(a, b *Line) int {
		return cmp.Compare(b.RestrictedSeconds.N, a.RestrictedSeconds.N)
	})
}

func (r *Report) pick(which func(*Line) bool, order func(a, b *Line) int) []*Line {
	var picked []*Line
	for _, l := range r.Lines {
		if which(l) {
			picked = append(picked, l)
		}
	}
	if order != nil {
		slices.SortStableFunc(picked, order)
	}
	return picked
}

// GoesOn reports whether the month has not ended.
func (r *Report) GoesOn() bool { return r.Made.Before(r.Month.AddDate(0, 1, 0).Add(3 * time.Hour)) }
