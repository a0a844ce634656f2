package clickhouse

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"

	"kaisen/schema"
)

// An answer whose Date was of the future leaves rows that no other answer ever replaces, because the newest wins: 2100,
// or 9999, which a DateTime64 shows as 1816 and sorts behind everything. Kaisen believes no such Date any more; what an
// earlier one has stored is mended here.

// mended is how the rows of a table are dated anew.
type mended struct {
	at    string   // the time that a row gets for each of its own that is in the future
	when  string   // which rows are in the future, beside those observed then
	keep  string   // which of them stay; "" is all
	views []string // tables that a view fills from this one
}

// menders are the tables that have another way than the rest, of which rows are dated a day ago: so that every answer
// from now on replaces them. A sample was observed when it was received, a day's figure not before the day, and a log's
// row not before its event. A day that has not come was never told of, and how far a log was read nobody knows then.
func menders() map[string]mended {
	const received = "least(toDateTime64(received_at, 3), {now:DateTime64(3)})"
	return map[string]mended{
		"traffic_samples": {at: received, views: []string{"traffic_latest"}},
		"session_samples": {at: received, views: []string{"session_latest"}},
		"traffic_daily":   {at: "toDateTime64(day, 3)", when: "day > toDate({until:DateTime64(3)})", keep: "day <= toDate({until:DateTime64(3)})"},
		"traffic_monthly": {at: "toDateTime64(month, 3)", when: "month > toDate({until:DateTime64(3)})", keep: "month <= toDate({until:DateTime64(3)})"},
		"line_forecasts":  {at: "toDateTime64(day, 3)", when: "day > toDate({until:DateTime64(3)})", keep: "day <= toDate({until:DateTime64(3)})"},
		"authentications": {at: "toDateTime64(event_time, 3)"},
		"session_events":  {at: "toDateTime64(event_time, 3)"},
		"log_watermarks":  {when: "watermark > {until:DateTime64(3)}", keep: "0"},
	}
}

// Mend dates the rows of a source anew that are later than a day after now, which is the carrier's clock, and after our own;
// and returns how many there were, by table. It takes the right to delete rows; without it, it fails and has changed nothing.
func (db *DB) Mend(ctx context.Context, source string, now time.Time) (map[string]uint64, error) {
	all := map[string]uint64{}
	for _, s := range db.servers() {
		found, err := s.mend(ctx, source, now)
		for table, n := range found {
			all[table] += n
		}
		if err != nil {
			return all, s.blame(fmt.Errorf("rows of source %s from the future: %w", source, brief(err)))
		}
	}
	return all, nil
}

// mend mends one server.
func (db *DB) mend(ctx context.Context, source string, now time.Time) (map[string]uint64, error) {
	until := now
	if own := time.Now(); until.Before(own) { // a clock that is behind makes no future of our present
		until = own
	}
	args := []any{clickhouse.Named("source", source), clickhouse.Named("now", textOf(now)),
		clickhouse.Named("until", textOf(until.Add(24*time.Hour))), clickhouse.Named("before", textOf(now.Add(-24*time.Hour)))}
	found, err := db.future(ctx, args)
	if err != nil {
		return nil, err
	}
	mended := map[string]uint64{}
	for _, table := range slices.Sorted(maps.Keys(found)) {
		if err := db.mendTable(ctx, table, args); err != nil {
			return mended, fmt.Errorf("table %s: %w", table, err)
		}
		mended[table] = found[table]
	}
	return mended, nil
}

// textOf is a time as a parameter of a query.
func textOf(t time.Time) string { return fmt.Sprintf("%d.%03d", t.Unix(), t.Nanosecond()/1e6) }

// isFuture is the condition that a row is in the future.
func isFuture(table string) string {
	condition := "observed_at > {until:DateTime64(3)}"
	if more := menders()[table].when; more != "" {
		condition = "(" + condition + " OR " + more + ")"
	}
	return "source = {source:String} AND " + condition
}

// future counts the rows that are in the future, by table.
func (db *DB) future(ctx context.Context, args []any) (map[string]uint64, error) {
	filled, err := db.filled(ctx)
	if err != nil || len(filled) == 0 {
		return nil, err
	}
	var counts []string
	for _, name := range filled {
		counts = append(counts, fmt.Sprintf("SELECT '%s' AS name, count() AS n FROM %s WHERE %s", name, name+db.suffix, isFuture(name)))
	}
	rows, err := db.conn.Query(ctx, "SELECT name, n FROM ("+strings.Join(counts, " UNION ALL ")+") WHERE n > 0", args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	found := map[string]uint64{}
	for rows.Next() {
		var name string
		var n uint64
		if err := rows.Scan(&name, &n); err != nil {
			return nil, err
		}
		found[name] = n
	}
	return found, rows.Err()
}

// filled are those of the tables observed that may have rows: to ask an empty one takes as long as one with few.
func (db *DB) filled(ctx context.Context) (names []string, err error) {
	var empty []string
	err = db.conn.QueryRow(ctx, "SELECT groupArray(name) FROM system.tables WHERE database = currentDatabase() AND total_rows = 0").Scan(&empty)
	if err != nil {
		return nil, err
	}
	for _, name := range db.observed() {
		if !slices.Contains(empty, name+db.suffix) {
			names = append(names, name)
		}
	}
	return names, nil
}

// observed are the tables whose rows the carrier has dated, and those that views fill from them: first, because they
// get back what was in them from the others.
func (db *DB) observed() []string {
	names := []string{"session_latest", "traffic_latest"}
	for _, part := range new(schema.Batch).Parts() {
		if part.Table != "sweeps" { // of our own clock
			names = append(names, part.Table)
		}
	}
	return names
}

// mendTable brings the rows back under other times, and takes the old ones away. Between the two a merge may prefer the
// old ones; then a row is gone until the next answer tells it again.
func (db *DB) mendTable(ctx context.Context, table string, args []any) error {
	how := menders()[table]
	isView := strings.HasSuffix(table, "_latest")
	if how.keep != "0" && !isView {
		columns, values, err := db.redated(ctx, table, how)
		if err != nil {
			return err
		}
		where := isFuture(table)
		if how.keep != "" {
			where += " AND " + how.keep
		}
		name := table + db.suffix
		if err := db.conn.Exec(ctx, "INSERT INTO "+name+" ("+columns+") SELECT "+values+" FROM "+name+" WHERE "+where+" ORDER BY observed_at", args...); err != nil {
			return err
		}
	}
	for _, name := range append([]string{table}, how.views...) {
		target := name
		if db.layout.Cluster != "" {
			target += "_local" + db.layout.on()
		}
		if err := db.conn.Exec(ctx, "ALTER TABLE "+target+" DELETE WHERE "+isFuture(name)+" SETTINGS mutations_sync = 2", args...); err != nil {
			return err
		}
	}
	return nil
}

// redated are a table's columns, and what they are in a row that is dated anew. Only times change.
func (db *DB) redated(ctx context.Context, table string, how mended) (columns, values string, err error) {
	names := slices.Clone(db.tables[table].names)
	types, err := db.types.columns(ctx, db, table+db.suffix, names)
	if err != nil {
		return "", "", err
	}
	exprs := slices.Clone(names)
	for i, name := range names {
		if !strings.Contains(types[name].kind, "DateTime") || strings.HasPrefix(types[name].kind, "Array") || name == "event_time" {
			continue
		}
		at := how.at
		if at == "" || name == "received_at" {
			at = "{before:DateTime64(3)}"
		}
		exprs[i] = fmt.Sprintf("if(%s > {until:DateTime64(3)}, %s, %s)", name, at, name)
	}
	return strings.Join(names, ", "), strings.Join(exprs, ", "), nil
}
