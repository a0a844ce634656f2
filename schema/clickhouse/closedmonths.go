package clickhouse

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"

	"kaisen/schema"
)

// What the views find in the samples of a month that is over is copied into tables, once: see 0025_closed_months.sql. Rows of a
// fill are in no view until the fill is whole, so one that is cut off does no harm, and two at once do none to one another.

// linesAtOnce is how many lines' samples of a month are worked through at once: a million and a half, which takes some 100 MB.
const linesAtOnce = 500

// monthTable is a table of closed months, with the view that it is copied from.
type monthTable struct {
	name, from string
	columns    string
	month      string // of a row of the table
}

// monthTables are those with rows of lines, and then those with rows of contracts. The first has a row for each line that has a sample.
func monthTables() (ofLines, ofContracts []monthTable) {
	return []monthTable{
			{"line_month_counts", "line_month_counts_from_samples",
				"source, contract_id, line_no, month, watched, quota, used_up, shared, line_first, share_first, line_seconds, share_seconds", "month"},
			{"restriction_turns", "restriction_turns_from_samples",
				"source, contract_id, line_no, scope, observed_at, restriction, month_bytes, remaining_bytes, told", "toStartOfMonth(observed_at)"},
			{"traffic_hours", "traffic_hourly_from_samples", "source, contract_id, line_no, scope, hour, bytes, covered_seconds", "toStartOfMonth(hour)"},
		}, []monthTable{
			{"pool_month_counts", "pool_month_counts_from_samples", "source, contract_id, month, members, watched, last_with_some, last_left, shown, seconds", "month"},
		}
}

// MonthsToClose lists the months with samples that are over and can be copied now, the newest first. A month is left alone until
// its last figures have turned, and for as long as late samples of it come in.
func (db *DB) MonthsToClose(ctx context.Context) ([]schema.Date, error) {
	const sql = `SELECT DISTINCT toStartOfMonth(observed_at) AS month
FROM traffic_samples
WHERE month GLOBAL NOT IN (SELECT month FROM closed_months)
    AND month GLOBAL NOT IN (SELECT month FROM month_fills WHERE event = 'changed' AND at >= now64(3) - INTERVAL 11 MINUTE)
    AND observed_at < toDateTime64(toStartOfMonth(now('Asia/Tokyo') - INTERVAL 4 HOUR), 3, 'Asia/Tokyo')
ORDER BY month DESC`
	rows, err := db.conn.Query(ctx, sql)
	if err != nil {
		return nil, fmt.Errorf("months to close: %w", brief(err))
	}
	defer rows.Close()
	var months []schema.Date
	for rows.Next() {
		var month time.Time
		if err := rows.Scan(&month); err != nil {
			return nil, fmt.Errorf("months to close: %w", err)
		}
		months = append(months, schema.DateOf(month))
	}
	return months, rows.Err()
}

// CloseMonth copies what the samples of a month say. It reports whether the month is closed by that with all that is in them: where samples
// have gone since it was copied before, the earlier copy holds on.
func (db *DB) CloseMonth(ctx context.Context, month schema.Date) (anew bool, err error) {
	if anew, err = db.closeMonth(ctx, month); err != nil {
		return false, fmt.Errorf("closing month %s: %w", month, brief(err))
	}
	return anew, nil
}

func (db *DB) closeMonth(ctx context.Context, month schema.Date) (bool, error) {
	var began, before time.Time
	err := db.conn.QueryRow(ctx, "SELECT now64(3, 'Asia/Tokyo'), argMaxIf(filled_at, at, event = 'filled') FROM month_fills WHERE month = {month:Date}",
		clickhouse.Named("month", month.String())).Scan(&began, &before)
	if err != nil {
		return false, err
	}
	fill := []any{clickhouse.Named("month", month.String()), clickhouse.Named("began", textOf(began)), clickhouse.Named("before", textOf(before))}
	parts, err := db.partsOfMonth(ctx, month)
	if err != nil {
		return false, err
	}
	ofLines, ofContracts := monthTables()
	for i, part := range parts {
		tables := ofLines
		if i+1 == len(parts) || parts[i+1].contract != part.contract || parts[i+1].source != part.source {
			tables = slices.Concat(ofLines, ofContracts)
		}
		for _, t := range tables {
			if err := db.copyPart(ctx, t, part, slices.Contains(ofLines, t), fill); err != nil {
				return false, fmt.Errorf("%s: %w", t.name, err)
			}
		}
	}
	return db.commitMonth(ctx, fill)
}

// monthPart are lines of a contract that have samples in a month, from one to another.
type monthPart struct{ source, contract, first, last string }

// partsOfMonth cuts the lines with samples in a month into parts, in the order of the primary key.
func (db *DB) partsOfMonth(ctx context.Context, month schema.Date) ([]monthPart, error) {
	const sql = `SELECT source, contract_id, min(line_no), max(line_no)
FROM
(
    SELECT source, contract_id, line_no, intDiv(row_number() OVER (PARTITION BY source, contract_id ORDER BY line_no) - 1, {lines:UInt32}) AS part
    FROM (SELECT DISTINCT source, contract_id, line_no FROM traffic_samples WHERE toStartOfMonth(observed_at) = {month:Date})
)
GROUP BY source, contract_id, part
ORDER BY source, contract_id, part`
	rows, err := db.conn.Query(ctx, sql, clickhouse.Named("lines", linesAtOnce), clickhouse.Named("month", month.String()))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var parts []monthPart
	for rows.Next() {
		var p monthPart
		if err := rows.Scan(&p.source, &p.contract, &p.first, &p.last); err != nil {
			return nil, err
		}
		parts = append(parts, p)
	}
	return parts, rows.Err()
}

// copyPart copies the rows of some lines, or of their contract. One thread is enough for what nobody waits for.
func (db *DB) copyPart(ctx context.Context, t monthTable, p monthPart, ofLines bool, fill []any) error {
	args := append(slices.Clone(fill), clickhouse.Named("source", p.source), clickhouse.Named("contract", p.contract))
	where := "source = {source:String} AND contract_id = {contract:String} AND month = {month:Date}"
	if ofLines {
		where += " AND line_no BETWEEN {first:String} AND {last:String}"
		args = append(args, clickhouse.Named("first", p.first), clickhouse.Named("last", p.last))
	}
	return db.conn.Exec(ctx, fmt.Sprintf("INSERT INTO %s (%s, filled_at) SELECT %s, {began:DateTime64(3)} FROM %s WHERE %s SETTINGS max_threads = 1",
		t.name, t.columns, t.columns, t.from, where), args...)
}

// commitMonth makes a fill hold, unless less of the month is watched in it than in the one before: then samples have gone since, and
// that one holds on. More samples never make that less.
func (db *DB) commitMonth(ctx context.Context, fill []any) (bool, error) {
	var now, earlier uint64
	err := db.conn.QueryRow(ctx, `SELECT sumIf(covered_seconds, filled_at = {began:DateTime64(3)}), sumIf(covered_seconds, filled_at = {before:DateTime64(3)})
FROM traffic_hours WHERE toStartOfMonth(hour) = {month:Date}`, fill...).Scan(&now, &earlier)
	if err != nil {
		return false, err
	}
	holds := "began"
	if now < earlier {
		holds = "before"
	}
	err = db.conn.Exec(ctx, "INSERT INTO month_fills (month, event, filled_at, at) SELECT {month:Date}, 'filled', {"+holds+":DateTime64(3)}, {began:DateTime64(3)}", fill...)
	return holds == "began", err
}

// DropOldFills takes away what earlier fills have left: of months that were copied anew, or were cut off. It takes the right to
// delete rows. No question that goes on may still need them, so let some minutes pass after CloseMonth.
func (db *DB) DropOldFills(ctx context.Context) error {
	const sql = `SELECT DISTINCT toString(c.month), toString(toUnixTimestamp64Milli(c.filled_at) / 1000)
FROM (SELECT month, filled_at FROM line_month_counts) AS c
INNER JOIN (SELECT month, argMaxIf(filled_at, at, event = 'filled') AS filled_at, max(at) AS last FROM month_fills WHERE event = 'filled' GROUP BY month) AS f ON f.month = c.month
WHERE c.filled_at != f.filled_at AND c.filled_at <= f.last`
	rows, err := db.conn.Query(ctx, sql)
	if err != nil {
		return fmt.Errorf("earlier copies of closed months: %w", brief(err))
	}
	defer rows.Close()
	var old [][2]string
	for rows.Next() {
		var month, fill string
		if err := rows.Scan(&month, &fill); err != nil {
			return fmt.Errorf("earlier copies of closed months: %w", err)
		}
		old = append(old, [2]string{month, fill})
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("earlier copies of closed months: %w", brief(err))
	}
	for _, fill := range old {
		if err := db.dropFill(ctx, fill[0], fill[1]); err != nil {
			return fmt.Errorf("an earlier copy of month %s: %w", fill[0], brief(err))
		}
	}
	return nil
}

// dropFill takes the rows of a fill out of all tables, on every server; out of the table by which it is found at last.
func (db *DB) dropFill(ctx context.Context, month, fill string) error {
	ofLines, ofContracts := monthTables()
	for _, t := range slices.Concat(ofLines[1:], ofContracts, ofLines[:1]) {
		target := t.name
		if db.layout.Cluster != "" {
			target += "_local" + db.layout.on()
		}
		for _, s := range db.servers() {
			if err := s.conn.Exec(ctx, "ALTER TABLE "+target+" DELETE WHERE "+t.month+" = {month:Date} AND filled_at = {fill:DateTime64(3)}",
				clickhouse.Named("month", month), clickhouse.Named("fill", fill)); err != nil {
				return s.blame(err)
			}
		}
	}
	return nil
}

// reopenMonths has all months be read from their samples, until they are copied anew, where a table that they were copied into was gone.
func (db *DB) reopenMonths(ctx context.Context, step schema.Migration, gone []string) error {
	ofLines, ofContracts := monthTables()
	made := changed(nil, step.Statements)
	if !slices.ContainsFunc(slices.Concat(ofLines, ofContracts), func(t monthTable) bool {
		is := func(name string) bool { return strings.TrimSuffix(name, "_local") == t.name }
		return slices.ContainsFunc(made, is) && slices.ContainsFunc(gone, is)
	}) {
		return nil
	}
	err := db.conn.Exec(ctx, "INSERT INTO month_fills (month, event, at) SELECT month, 'changed', now64(3) FROM closed_months")
	if err != nil {
		return fmt.Errorf("closed months: %w", err)
	}
	return nil
}
