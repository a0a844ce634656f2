package clickhouse

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/sourcegraph/conc/pool"

	"kaisen/schema"
)

// reading is how the rows of a table are read into a state: the newest of each, of one source.
type reading struct {
	table string
	from  string // another table that has its latest rows, or ""
	and   string // a further condition, or ""
	own   string // the condition of rows that are a part's own; "" where every part reads all of them
	order string
	early bool // all conditions are of columns of the primary key, so that they may come before FINAL, which takes longer than they do
}

// readings are what State reads, without the logs and their watermarks.
func readings() []reading {
	return []reading{
		{table: "lines", own: ownLines, order: "contract_id, line_no"},
		{table: "line_names", own: ownLines, order: "contract_id, line_no"},
		{table: "data_share_members", own: ownLines, order: "contract_id, line_no"},
		{table: "traffic_samples", from: "traffic_latest", own: ownLines, order: "contract_id, line_no, scope"},
		{table: "session_samples", from: "session_latest", own: ownLines, order: "contract_id, line_no"},
		{table: "service_orders", order: "service, order_request_num, contract_id"},
		{table: "ipoe_products", order: "product_code, customer_product_id"},
		{table: "ipoe_sites", order: "customer_site_code"},
		{table: "ipoe_orders", order: "order_code"},
		{table: "products", order: "contract_id, product_code, product_name"},
		{table: "orders", order: "contract_id, order_id, number"},
		{table: "carrier_findings", order: "contract_id, operation, reading"},
	}
}

// logReadings are how the rows of logs are read: of each contract those since some time, and of what lies before that no more than
// counts. Of authentications: those that were refused within the day that is counted. Of sessions: each line's last second at home
// and abroad, since whether the line is connected follows from it and from the last answer of call 26, which is older.
func logReadings() []logReading {
	return []logReading{
		{reading{table: "authentications", own: ownLogs, order: "contract_id, line_no, event_time, session_type, result, ordinal",
			and: logWindow + " AND (event_time >= " + logSince + " OR result = 'ng')", early: true}, refusedFor},
		{reading{table: "session_events", own: ownLogs, order: "contract_id, line_no, event_time, session_type, event, ordinal",
			and: logWindow + " AND (event_time >= " + logSince + ` OR (contract_id, line_no, session_type, event_time) GLOBAL IN
    (SELECT contract_id, line_no, session_type, max(event_time) FROM session_events
    PREWHERE source = {source:String} AND ` + logWindow + " AND event_time < " + logSince + " GROUP BY contract_id, line_no, session_type))", early: true}, schema.AnswerHolds + time.Hour},
	}
}

const (
	// logSince is since when all rows of a row's contract are read. One question for all contracts takes the database as long as one for
	// a single contract.
	logSince = "fromUnixTimestamp(transform(toString(contract_id), {contracts:Array(String)}, {since:Array(Int64)}, toInt64(0)))"
	// logWindow is what is read at all. The first condition says the same of all contracts together, for the sake of partitions.
	logWindow = "contract_id IN {contracts:Array(String)} AND event_time >= fromUnixTimestamp({first:Int64} - {before:Int64}) AND event_time >= " + logSince + " - {before:Int64}"
)

// logReading is how a log is read, and how far before the time from which on all of it is.
type logReading struct {
	reading
	before time.Duration
}

// refusedFor is how long refused authentications are counted: a day, and the hour in which it began.
const refusedFor = 25 * time.Hour

// logReach is how far back the carrier's logs go.
const logReach = 30 * 24 * time.Hour

// State reads what a collector and an exporter need to go on where an earlier process stopped: of one source, or of
// none at all where the database is new. Of lines it reads those of this process's part, and of logs the rows of those lines, and
// whole logs of contracts that are its part. Log rows reach back by overlap from the watermark of their log; before that
// there are each line's last sessions, and a day's refused authentications. Lists are
// ordered by contract and line, then by scope and time. Figures has the days and months.
func (db *DB) State(ctx context.Context, source string, overlap time.Duration) (schema.State, error) {
	st, err := db.state(ctx, clickhouse.Named("source", source), overlap)
	if err != nil {
		return schema.State{}, fmt.Errorf("state of source %s: %w", source, err)
	}
	return st, nil
}

// readsAtOnce is how many questions a start has under way at a time: most of them wait for the database to plan them.
const readsAtOnce = 6

func (db *DB) state(ctx context.Context, source any, overlap time.Duration) (st schema.State, err error) {
	all := readings()
	for _, t := range db.more {
		if t.Key != "" {
			t.In(&st)
			all = append(all, reading{table: t.Name, order: t.Key})
		}
	}
	if err := db.readInto(ctx, &st, reading{table: "log_watermarks", order: "contract_id, log"}, source); err != nil {
		return st, err
	}
	reads := pool.New().WithContext(ctx).WithCancelOnError().WithFirstError().WithMaxGoroutines(readsAtOnce)
	for _, r := range logReadings() { // which take longest
		if since := logsSince(st.Watermarks, r.table, overlap); len(since.contracts) > 0 {
			reads.Go(func(ctx context.Context) error {
				return db.readInto(ctx, &st, r.reading, append(since.args(), source, clickhouse.Named("before", int64(r.before/time.Second)))...)
			})
		}
	}
	for _, r := range all {
		reads.Go(func(ctx context.Context) error { return db.readInto(ctx, &st, r, source) })
	}
	return st, reads.Wait()
}

// logTimes are since when the rows of a log are read, by contract.
type logTimes struct {
	contracts []string
	since     []int64 // Unix seconds
}

// logsSince are those of one log, by its watermarks.
func logsSince(watermarks []schema.LogWatermark, log string, overlap time.Duration) (times logTimes) {
	now := time.Now()
	for _, watermark := range watermarks {
		if watermark.Log != log {
			continue
		}
		from := watermark.Watermark
		if from.After(now.Add(24 * time.Hour)) { // of a wrong clock: the log will be read from its beginning
			from = now.Add(-logReach)
		}
		times.contracts = append(times.contracts, watermark.ContractID)
		times.since = append(times.since, from.Add(-overlap).Unix())
	}
	return times
}

func (t logTimes) args() []any {
	return []any{clickhouse.Named("contracts", t.contracts), clickhouse.Named("since", t.since), clickhouse.Named("first", slices.Min(t.since))}
}

// readInto reads one table into a state.
func (db *DB) readInto(ctx context.Context, st *schema.State, r reading, args ...any) error {
	t := db.tables[r.table]
	where := "WHERE"
	if r.early {
		where = "PREWHERE"
	}
	sql := t.selectFrom(cmp.Or(r.from, r.table)) + " FINAL " + where + " source = {source:String}"
	for _, and := range []string{r.and, r.own} {
		if and != "" {
			sql += " AND " + and
		}
	}
	return t.read(ctx, db, st.Part(r.table).Rows, names{}, sql+" ORDER BY "+r.order, append(args, db.part.args()...)...)
}

const logLinesSQL = `SELECT source, contract_id, line_no FROM authentications
WHERE source = {source:String} AND event_time >= fromUnixTimestamp({since:Int64}) AND ` + ownLines + `
UNION DISTINCT
SELECT source, contract_id, line_no FROM session_events
WHERE source = {source:String} AND event_time >= fromUnixTimestamp({since:Int64}) AND ` + ownLines

// episodesSQL has this month's restrictions. Where the first answer of all shows one and does not date it, it began then or before. Of closed
// months the first turn is that answer.
const episodesSQL = `(SELECT e.source AS source, e.contract_id AS contract_id, e.line_no AS line_no, e.scope AS scope, e.restriction AS restriction,
	e.started_at AS started_at, e.ended_at AS ended_at, CAST(e.started_at = f.first AS Bool) AS at_least
FROM (SELECT * FROM restriction_episodes WHERE source = {source:String} AND ` + ownScopes + `) AS e
INNER JOIN
(
	SELECT contract_id, line_no, scope, min(at) AS first
	FROM
	(
		SELECT contract_id, line_no, scope, observed_at AS at FROM restriction_turns
		WHERE source = {source:String} AND ` + ownScopes + ` AND (toStartOfMonth(observed_at), filled_at) GLOBAL IN (SELECT month, filled_at FROM closed_months)
		UNION ALL
		SELECT contract_id, line_no, scope, min(observed_at) AS at FROM traffic_samples
		WHERE source = {source:String} AND ` + ownScopes + ` AND toStartOfMonth(toDate(observed_at)) GLOBAL NOT IN (SELECT month FROM closed_months)
		GROUP BY contract_id, line_no, scope
	)
	GROUP BY contract_id, line_no, scope
) AS f
	ON f.contract_id = e.contract_id AND f.line_no = e.line_no AND f.scope = e.scope
WHERE isNull(e.ended_at) OR e.ended_at >= toStartOfMonth(now('Asia/Tokyo')))`

// Episodes reads this month's restrictions of the lines of a source's part, and of all groups, those of each in their order.
func (db *DB) Episodes(ctx context.Context, source string) ([]schema.RestrictionEpisode, error) {
	var all []schema.RestrictionEpisode
	rows := schema.RowsIn(&all)
	view := newTable("restriction_episodes", rows)
	err := view.read(ctx, db, rows, names{}, view.selectFrom(episodesSQL)+" ORDER BY contract_id, line_no, scope, started_at",
		append(db.part.args(), clickhouse.Named("source", source))...)
	if err != nil {
		return nil, fmt.Errorf("restrictions of source %s: %w", source, err)
	}
	return all, nil
}

// LogRows reads the rows of a contract's log from one second to before another, in no order that matters. Log is the
// log's table.
func (db *DB) LogRows(ctx context.Context, source, contract, log string, from, to time.Time) (st schema.State, err error) {
	i := slices.IndexFunc(logReadings(), func(r logReading) bool { return r.table == log })
	if i < 0 {
		return st, fmt.Errorf("%s is no log", log)
	}
	r := logReadings()[i].reading
	r.own = ""
	r.and = "contract_id = {contract:String} AND event_time >= fromUnixTimestamp({since:Int64}) AND event_time < fromUnixTimestamp({until:Int64})"
	err = db.readInto(ctx, &st, r, clickhouse.Named("source", source), clickhouse.Named("contract", contract),
		clickhouse.Named("since", from.Unix()), clickhouse.Named("until", to.Unix()))
	if err != nil {
		return st, fmt.Errorf("%s of contract %s: %w", log, contract, err)
	}
	return st, nil
}

// LogLines lists the lines of a source's part with something in its logs since a time, in no order.
func (db *DB) LogLines(ctx context.Context, source string, since time.Time) ([]schema.LineKey, error) {
	var keys []schema.LineKey
	rows := schema.RowsIn(&keys)
	err := newTable("log_lines", rows).read(ctx, db, rows, names{}, logLinesSQL,
		append(db.part.args(), clickhouse.Named("source", source), clickhouse.Named("since", since.Unix()))...)
	if err != nil {
		return nil, fmt.Errorf("lines in the logs of source %s: %w", source, err)
	}
	return keys, nil
}
