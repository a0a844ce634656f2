package clickhouse

import (
	"context"
	"fmt"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"

	"kaisen/schema"
)

// hoursSQL adds up, by line and scope, what was used in each hour of the day within the last week that there are samples of. What
// today_bytes grew by between two samples is in the hour of the second, or spread over the hours that begin in between; where they lie
// further apart than six, nobody knows when it was used. Before 3:00 a figure may be that of yesterday still.
//
// The order of the primary key keeps the memory small for any number of lines. Lambdas name no array, which would be copied for
// each of its elements.
const hoursSQL = `(SELECT source, contract_id, line_no, scope,
    arraySort(groupArray((at, assumeNotNull(today_bytes)))) AS seen, tupleElement(seen, 2) AS height,
    arrayMap(at -> intDiv(at, 3600), tupleElement(seen, 1)) AS hour,
    arrayMap((was, is) -> if(is - was > 6, 0, greatest(1, toUInt8(is - was))), arrayPopBack(hour), arrayPopFront(hour)) AS hours,
    arrayMap((is, n, low, high) -> if(high >= low AND (is % 24 < 3 OR is % 24 >= n), toUInt64(high - low), high),
        arrayPopFront(hour), hours, arrayPopBack(height), arrayPopFront(height)) AS grown,
    arrayReduce('sumMap',
        arrayMap((is, n) -> arrayMap(k -> toUInt8((is - k) % 24), range(n)), arrayPopFront(hour), hours),
        arrayMap((bytes, n) -> arrayWithConstant(n, intDiv(bytes, greatest(n, 1))), grown, hours)) AS used,
    arrayStringConcat(arrayMap(h -> toString(tupleElement(used, 2)[indexOf(tupleElement(used, 1), h)]), range(24)), ' ') AS bytes
FROM
(
    SELECT source, contract_id, line_no, scope, toInt64(toUnixTimestamp(observed_at)) + {offset:Int64} AS at, today_bytes
    FROM traffic_samples
    WHERE source = {source:String} AND today_bytes IS NOT NULL AND ` + ownLines + ` AND observed_at >=
        (SELECT max(observed_at) - INTERVAL 7 DAY FROM traffic_latest WHERE source = {source:String})
)
GROUP BY source, contract_id, line_no, scope
HAVING notEmpty(tupleElement(used, 1))
SETTINGS optimize_aggregation_in_order = 1)`

// LineHours reads at which hours of the day each line of a source's part used its bytes within the last week, in no order. Hours are
// those of a zone.
func (db *DB) LineHours(ctx context.Context, source string, zone *time.Location) ([]schema.LineHours, error) {
	_, offset := time.Now().In(zone).Zone()
	var all []schema.LineHours
	rows := schema.RowsIn(&all)
	view := newTable("line_hours", rows)
	err := view.read(ctx, db, rows, names{}, view.selectFrom(hoursSQL),
		append(db.part.args(), clickhouse.Named("source", source), clickhouse.Named("offset", int64(offset)))...)
	if err != nil {
		return nil, fmt.Errorf("hours of use of source %s: %w", source, err)
	}
	return all, nil
}

// LastSamples reads the last samples of each line and scope of a source's part, at most so many of each, within the last week that there
// are samples of. The newest of a line comes first.
func (db *DB) LastSamples(ctx context.Context, source string, most int) ([]schema.TrafficSample, error) {
	// The primary key backwards: nothing is sorted, and no more kept than a line's samples.
	const sql = ` WHERE source = {source:String} AND ` + ownLines + ` AND observed_at >= (SELECT max(observed_at) - INTERVAL 7 DAY FROM traffic_latest WHERE source = {source:String})
ORDER BY source DESC, contract_id DESC, line_no DESC, scope DESC, observed_at DESC LIMIT {most:UInt32} BY contract_id, line_no, scope`
	var all []schema.TrafficSample
	rows := schema.RowsIn(&all)
	t := db.tables["traffic_samples"]
	err := t.read(ctx, db, rows, names{}, t.selectFrom("traffic_samples FINAL")+sql,
		append(db.part.args(), clickhouse.Named("source", source), clickhouse.Named("most", most))...)
	if err != nil {
		return nil, fmt.Errorf("last samples of source %s: %w", source, err)
	}
	return all, nil
}
