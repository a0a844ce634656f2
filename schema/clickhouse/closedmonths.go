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

// What the views find in the samples of a month that is over is copied into tables, once: see 0025_closed_months.sql; and likewise the
// sessions of the session log: see 0030_years.sql. Rows of a fill are in no view until the fill is whole, so one that is cut off does no
// harm, and two at once do none to one another.

// linesAtOnce is how many lines' rows of a month are worked through at once: a million and a half samples, which takes some 100 MB.
const linesAtOnce = 500

// MonthsToClose lists the months that are over and can be copied now, the newest first. A month is left alone until
// its last rows have come as usual, and for as long as late ones come in.
func (db *DB) MonthsToClose(ctx context.Context) ([]Month, error) {
	var months []Month
	for of, log := range monthLogs() {
		own, err := db.monthsToClose(ctx, log)
		if err != nil {
			return nil, fmt.Errorf("months to close: %w", brief(err))
		}
		for _, month := range own {
			months = append(months, Month{schema.DateOf(month), Log(of)})
		}
	}
	slices.SortStableFunc(months, func(a, b Month) int { return strings.Compare(b.String(), a.String()) })
	return months, nil
}

func (db *DB) monthsToClose(ctx context.Context, log monthLog) (months []time.Time, err error) {
	const sql = `SELECT DISTINCT toStartOfMonth(%[2]s) AS month
FROM %[1]s
WHERE month GLOBAL NOT IN (SELECT month FROM %[3]s)
    AND month GLOBAL NOT IN (SELECT month FROM month_fills WHERE event = '%[4]s' AND at >= now64(3) - INTERVAL 11 MINUTE)
    AND %[2]s < toDateTime64(toStartOfMonth(now('Asia/Tokyo') - %[5]s), 3, 'Asia/Tokyo')`
	rows, err := db.conn.Query(ctx, fmt.Sprintf(sql, log.table, log.time, log.closed, log.changed, log.late))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var month time.Time
		if err := rows.Scan(&month); err != nil {
			return nil, err
		}
		months = append(months, month)
	}
	return months, rows.Err()
}

// CloseMonth copies what the rows of a month say. It reports whether the month is closed by that with all that is in them: where rows
// have gone since it was copied before, the earlier copy holds on.
func (db *DB) CloseMonth(ctx context.Context, month Month) (anew bool, err error) {
	if anew, err = db.closeMonth(ctx, month, monthLogs()[month.Of]); err != nil {
		return false, fmt.Errorf("closing month %s of %s: %w", month, month.Of, brief(err))
	}
	return anew, nil
}

func (db *DB) closeMonth(ctx context.Context, month Month, log monthLog) (bool, error) {
	var began, before time.Time
	err := db.conn.QueryRow(ctx, "SELECT now64(3, 'Asia/Tokyo'), argMaxIf(filled_at, at, event = '"+log.filled+"') FROM month_fills WHERE month = {month:Date}",
		clickhouse.Named("month", month.String())).Scan(&began, &before)
	if err != nil {
		return false, err
	}
	fill := []any{clickhouse.Named("month", month.String()), clickhouse.Named("began", textOf(fillOf(month.Date, began))), clickhouse.Named("before", textOf(before))}
	parts, err := db.partsOfMonth(ctx, month.Date, log)
	if err != nil {
		return false, err
	}
	for i, part := range parts {
		tables := log.ofLines
		if i+1 == len(parts) || parts[i+1].contract != part.contract || parts[i+1].source != part.source {
			tables = log.tables()
		}
		for n, t := range tables {
			if err := db.copyPart(ctx, t, part, n < len(log.ofLines), fill); err != nil {
				return false, fmt.Errorf("%s: %w", t.name, err)
			}
		}
	}
	return db.commitMonth(ctx, log, fill)
}

// fillOf is the name of a fill: when it began, in tenths of a second, and by its last two digits the month, so that no two months have a fill
// of the same name (of those that are less than eight years apart).
func fillOf(month schema.Date, began time.Time) time.Time {
	first := month.Time()
	return began.Truncate(100 * time.Millisecond).Add(time.Duration((first.Year()*12+int(first.Month()))%100) * time.Millisecond)
}

// monthPart are lines of a contract that have rows in a month, from one to another.
type monthPart struct{ source, contract, first, last string }

// partsOfMonth cuts the lines with rows in a month into parts, in the order of the primary key.
func (db *DB) partsOfMonth(ctx context.Context, month schema.Date, log monthLog) ([]monthPart, error) {
	const sql = `SELECT source, contract_id, min(line_no), max(line_no)
FROM
(
    SELECT source, contract_id, line_no, intDiv(row_number() OVER (PARTITION BY source, contract_id ORDER BY line_no) - 1, {lines:UInt32}) AS part
    FROM (SELECT DISTINCT source, contract_id, line_no FROM %s WHERE toStartOfMonth(%s) = {month:Date})
)
GROUP BY source, contract_id, part
ORDER BY source, contract_id, part`
	rows, err := db.conn.Query(ctx, fmt.Sprintf(sql, log.table, log.time), clickhouse.Named("lines", linesAtOnce), clickhouse.Named("month", month.String()))
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

// commitMonth makes a fill hold, unless it has less than the one before: then rows of the log have gone since, and that one holds on.
func (db *DB) commitMonth(ctx context.Context, log monthLog, fill []any) (bool, error) {
	var now, earlier uint64
	if err := db.conn.QueryRow(ctx, log.size, fill...).Scan(&now, &earlier); err != nil {
		return false, err
	}
	holds := "began"
	if now < earlier {
		holds = "before"
	}
	err := db.conn.Exec(ctx, "INSERT INTO month_fills (month, event, filled_at, at) SELECT {month:Date}, '"+log.filled+"', {"+holds+":DateTime64(3)}, {began:DateTime64(3)}", fill...)
	return holds == "began", err
}

// DropOldFills takes away what earlier fills have left: of months that were copied anew, or were cut off. It takes the right to
// delete rows. No question that goes on may still need them, so let some minutes pass after CloseMonth.
func (db *DB) DropOldFills(ctx context.Context) error {
	for _, log := range monthLogs() {
		old, err := db.oldFills(ctx, log)
		if err != nil {
			return fmt.Errorf("earlier copies of closed months: %w", brief(err))
		}
		for _, fill := range old {
			if err := db.dropFill(ctx, log, fill[0], fill[1]); err != nil {
				return fmt.Errorf("an earlier copy of month %s: %w", fill[0], brief(err))
			}
		}
	}
	return nil
}

// oldFills are those that do not hold, each with its month.
func (db *DB) oldFills(ctx context.Context, log monthLog) (old [][2]string, err error) {
	const sql = `SELECT DISTINCT toString(c.month), toString(toUnixTimestamp64Milli(c.filled_at) / 1000)
FROM (SELECT DISTINCT %[2]s AS month, filled_at FROM %[1]s) AS c
INNER JOIN (SELECT month, argMaxIf(filled_at, at, event = '%[3]s') AS filled_at, max(at) AS last FROM month_fills WHERE event = '%[3]s' GROUP BY month) AS f ON f.month = c.month
WHERE c.filled_at != f.filled_at AND c.filled_at <= f.last`
	rows, err := db.conn.Query(ctx, fmt.Sprintf(sql, log.ofLines[0].name, log.ofLines[0].month, log.filled))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var fill [2]string
		if err := rows.Scan(&fill[0], &fill[1]); err != nil {
			return nil, err
		}
		old = append(old, fill)
	}
	return old, rows.Err()
}

// dropFill takes the rows of a fill out of all tables, on every server; out of the table by which it is found at last.
func (db *DB) dropFill(ctx context.Context, log monthLog, month, fill string) error {
	for _, t := range slices.Concat(log.ofLines[1:], log.ofContracts, log.ofLines[:1]) {
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

// reopenMonths has all months be read from their samples, or from the session log, until they are copied anew, where a table that they were
// copied into was gone.
func (db *DB) reopenMonths(ctx context.Context, step schema.Migration, gone []string) error {
	made := changed(nil, step.Statements)
	for _, log := range monthLogs() {
		if !slices.ContainsFunc(log.tables(), func(t monthTable) bool {
			is := func(name string) bool { return strings.TrimSuffix(name, "_local") == t.name }
			return slices.ContainsFunc(made, is) && slices.ContainsFunc(gone, is)
		}) {
			continue
		}
		err := db.conn.Exec(ctx, "INSERT INTO month_fills (month, event, at) SELECT month, '"+log.changed+"', now64(3) FROM "+log.closed)
		if err != nil {
			return fmt.Errorf("closed months: %w", err)
		}
	}
	return nil
}
