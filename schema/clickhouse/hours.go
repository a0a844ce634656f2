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
// are samples of. The newest of a line and scope comes first.
func (db *DB) LastSamples(ctx context.Context, source string, most int) ([]schema.TrafficSample, error) {
	all, err := db.lastSamples(ctx, source, most, "INTERVAL 1 DAY", nil)
	if err == nil {
		all, err = db.older(ctx, source, most, all)
	}
	if err != nil {
		return nil, fmt.Errorf("last samples of source %s: %w", source, err)
	}
	return all, nil
}

// lastSamples are those within a time before the newest, of some lines; nil: of all.
func (db *DB) lastSamples(ctx context.Context, source string, most int, within string, lines []string) (all []schema.TrafficSample, err error) {
	// The primary key backwards: nothing is sorted, and no more kept than a line's samples. What is filtered is of that key, so that it may
	// be before FINAL, and before the other columns are read.
	sql := ` PREWHERE source = {source:String} AND ` + ownLines + ` AND observed_at >= (SELECT max(observed_at) - ` + within + ` FROM traffic_latest WHERE source = {source:String})`
	args := append(db.part.args(), clickhouse.Named("source", source), clickhouse.Named("most", most))
	if lines != nil {
		sql += ` AND line_no IN {lines:Array(String)}`
		args = append(args, clickhouse.Named("lines", lines))
	}
	sql += ` ORDER BY source DESC, contract_id DESC, line_no DESC, scope DESC, observed_at DESC LIMIT {most:UInt32} BY contract_id, line_no, scope`
	rows := schema.RowsIn(&all)
	t := db.tables["traffic_samples"]
	err = t.read(ctx, db, rows, names{}, t.selectFrom("traffic_samples FINAL")+sql, args...)
	return all, err
}

// namedLines is how many lines a question names; where there are more, it is about all.
const namedLines = 200

// older replaces what the last day has of lines that were asked less often than so many times within it by what the week has.
func (db *DB) older(ctx context.Context, source string, most int, day []schema.TrafficSample) ([]schema.TrafficSample, error) {
	short, err := db.askedLess(ctx, source, most, day)
	if err != nil || len(short) == 0 {
		return day, err
	}
	if len(short) > namedLines {
		return db.lastSamples(ctx, source, most, "INTERVAL 7 DAY", nil)
	}
	week, err := db.lastSamples(ctx, source, most, "INTERVAL 7 DAY", slices.Collect(maps.Keys(short)))
	day = slices.DeleteFunc(day, func(row schema.TrafficSample) bool { return short[row.LineNo] })
	return append(day, week...), err
}

// latestSample is that there is a sample of a line and scope.
type latestSample struct {
	schema.LineKey
	Scope schema.Scope `column:"scope"`
}

// askedLess are the numbers of the lines of the week that have fewer than so many samples in some scope.
func (db *DB) askedLess(ctx context.Context, source string, most int, samples []schema.TrafficSample) (short map[string]bool, err error) {
	type place struct {
		schema.LineKey
		scope schema.Scope
	}
	has := make(map[place]int, len(samples)/max(1, most))
	for i := range samples {
		has[place{samples[i].LineKey, samples[i].Scope}]++
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
