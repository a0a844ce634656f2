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

// hoursSQL adds up, by line and scope, what was used in each hour of the day within the last week that there are samples of. What
// today_bytes grew by between two samples is in the hour of the second, or spread over the hours that begin in between; where they lie
// further apart than six, nobody knows when it was used. Before 3:00 a figure may be that of yesterday still.
//
// The order of the primary key keeps the memory small for any number of lines. Arrays of numbers are quicker than those of pairs, and 24 sums
// than a map. Lambdas name no array, which would be copied for each of its elements.
func hoursSQL() string {
	sums := make([]string, 24)
	for h := range sums {
		sums[h] = fmt.Sprintf("toString(arraySum((end, n, bytes) -> if(toUInt8(end + %d) %% 24 < n, bytes, 0), ends, hours, each))", 24-h)
	}
	return `(SELECT source, contract_id, line_no, scope,
    groupArray(at) AS times, arraySort((bytes, at) -> at, groupArray(today), times) AS height,
    arrayMap(at -> intDiv(at, 3600), arraySort(times)) AS hour,
    arrayMap((was, is) -> if(is - was > 6, 0, greatest(1, toUInt8(is - was))), arrayPopBack(hour), arrayPopFront(hour)) AS hours,
    arrayMap(is -> toUInt8(is % 24), arrayPopFront(hour)) AS ends,
    arrayMap((end, n, low, high) -> intDiv(if(high >= low AND (end < 3 OR end >= n), toUInt64(high - low), high), greatest(n, 1)),
        ends, hours, arrayPopBack(height), arrayPopFront(height)) AS each,
    arrayStringConcat([` + strings.Join(sums, ",\n        ") + `], ' ') AS bytes
FROM
(
    SELECT source, contract_id, line_no, scope, toUInt32(toUnixTimestamp(observed_at) + {offset:Int64}) AS at, assumeNotNull(today_bytes) AS today
    FROM traffic_samples
    PREWHERE source = {source:String} AND ` + ownLines + ` AND observed_at >=
        (SELECT max(observed_at) - INTERVAL 7 DAY FROM traffic_latest WHERE source = {source:String}) AND today_bytes IS NOT NULL
)
GROUP BY source, contract_id, line_no, scope
HAVING arraySum(hours) > 0
SETTINGS optimize_aggregation_in_order = 1)`
}

// LineHours reads at which hours of the day each line of a source's part used its bytes within the last week, in no order. Hours are
// those of a zone.
func (db *DB) LineHours(ctx context.Context, source string, zone *time.Location) ([]schema.LineHours, error) {
	_, offset := time.Now().In(zone).Zone()
	var all []schema.LineHours
	rows := schema.RowsIn(&all)
	view := newTable("line_hours", rows)
	err := view.read(ctx, db, rows, names{}, view.selectFrom(hoursSQL()),
		append(db.part.args(), clickhouse.Named("source", source), clickhouse.Named("offset", int64(offset)))...)
	if err != nil {
		return nil, fmt.Errorf("hours of use of source %s: %w", source, err)
	}
	return all, nil
}

// LastSamples reads the last samples of each line and scope of a source's part, at most so many of each, within the last week that there
// are samples of, and has take take each. The newest of a line and scope comes first; those of lines that were asked seldom come again.
func (db *DB) LastSamples(ctx context.Context, source string, most int, take func(*schema.TrafficSample)) error {
	short, err := db.lastDay(ctx, source, most, take)
	switch {
	case err != nil || len(short) == 0:
	case len(short) > namedLines:
		err = db.lastSamples(ctx, source, most, "INTERVAL 7 DAY", nil, take)
	default:
		err = db.lastSamples(ctx, source, most, "INTERVAL 7 DAY", slices.Collect(maps.Keys(short)), take)
	}
	if err != nil {
		return fmt.Errorf("last samples of source %s: %w", source, err)
	}
	return nil
}

// namedLines is how many lines a question names; where there are more, it is about all.
const namedLines = 200

// lastSamples are those within a time before the newest, of some lines; nil: of all.
func (db *DB) lastSamples(ctx context.Context, source string, most int, within string, lines []string, take func(*schema.TrafficSample)) error {
	// The primary key backwards: nothing is sorted, and no more kept than a line's samples. What is filtered is of that key, so that it may
	// be before FINAL, and before the other columns are read.
	sql := ` PREWHERE source = {source:String} AND ` + ownLines + ` AND observed_at >= (SELECT max(observed_at) - ` + within + ` FROM traffic_latest WHERE source = {source:String})`
	args := append(db.part.args(), clickhouse.Named("source", source), clickhouse.Named("most", most))
	if lines != nil {
		sql += ` AND line_no IN {lines:Array(String)}`
		args = append(args, clickhouse.Named("lines", lines))
	}
	sql += ` ORDER BY source DESC, contract_id DESC, line_no DESC, scope DESC, observed_at DESC LIMIT {most:UInt32} BY contract_id, line_no, scope`
	t := db.tables["traffic_samples"]
	var row schema.TrafficSample
	return t.each(ctx, db, &row, func() error { take(&row); return nil }, names{}, t.selectFrom("traffic_samples FINAL")+sql, args...)
}

// lastDay takes the samples of the last day, and is the numbers of the lines that were asked less often than so many times within it.
func (db *DB) lastDay(ctx context.Context, source string, most int, take func(*schema.TrafficSample)) (short map[string]bool, err error) {
	type place struct {
		schema.LineKey
		scope schema.Scope
	}
	has := make(map[place]int)
	err = db.lastSamples(ctx, source, most, "INTERVAL 1 DAY", nil, func(row *schema.TrafficSample) {
		has[place{row.LineKey, row.Scope}]++
		take(row)
	})
	if err != nil {
		return nil, err
	}
	var latest []latestSample
	rows := schema.RowsIn(&latest)
	t := newTable("traffic_latest", rows)
	err = t.read(ctx, db, rows, names{}, t.selectFrom("traffic_latest FINAL")+
		` WHERE source = {source:String} AND `+ownLines+` AND observed_at >= (SELECT max(observed_at) - INTERVAL 7 DAY FROM traffic_latest WHERE source = {source:String})`,
		append(db.part.args(), clickhouse.Named("source", source))...)
	short = make(map[string]bool)
	for _, row := range latest {
		if has[place{row.LineKey, row.Scope}] < most {
			short[row.LineNo] = true
		}
	}
	return short, err
}

// latestSample is that there is a sample of a line and scope.
type latestSample struct {
	schema.LineKey
	Scope schema.Scope `column:"scope"`
}
