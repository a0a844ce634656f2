package clickhouse

import (
	"context"
	"fmt"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"

	"kaisen/schema"
)

// hoursSQL adds up, by line and scope, what was used in each hour of the day within the last week that there are samples of. What
// today_bytes grew by between the last samples of two hours is spread over the hours that end in between; where they lie further
// apart than six, nobody knows when it was used. Before 3:00 a figure may be that of yesterday still. The primary key's order keeps the memory small for any number of lines.
const hoursSQL = `(SELECT source, contract_id, line_no, scope,
    arraySort(groupArray((hour, top))) AS seen, tupleElement(seen, 1) AS at, tupleElement(seen, 2) AS height,
    arrayFilter(i -> at[i] - at[i - 1] <= 6, range(2, length(at) + 1)) AS steps,
    arrayMap(i -> if(height[i] >= height[i - 1] AND (at[i] % 24 < 3 OR intDiv(at[i], 24) = intDiv(at[i - 1], 24)), toUInt64(height[i] - height[i - 1]), height[i]), steps) AS grown,
    arrayReduce('sumMap',
        arrayMap(i -> arrayMap(k -> toUInt8((at[i - 1] + 1 + k) % 24), range(toUInt32(at[i] - at[i - 1]))), steps),
        arrayMap((i, bytes) -> arrayMap(k -> intDiv(bytes, toUInt64(at[i] - at[i - 1])), range(toUInt32(at[i] - at[i - 1]))), steps, grown)) AS hours,
    arrayStringConcat(arrayMap(h -> toString(tupleElement(hours, 2)[indexOf(tupleElement(hours, 1), h)]), range(24)), ' ') AS bytes
FROM
(
    SELECT source, contract_id, line_no, scope, intDiv(toInt64(toUnixTimestamp(observed_at)) + {offset:Int64}, 3600) AS hour,
        max(assumeNotNull(today_bytes)) AS top
    FROM traffic_samples
    WHERE source = {source:String} AND today_bytes IS NOT NULL AND observed_at >=
        (SELECT max(observed_at) - INTERVAL 7 DAY FROM traffic_latest WHERE source = {source:String})
    GROUP BY source, contract_id, line_no, scope, hour
)
GROUP BY source, contract_id, line_no, scope
HAVING notEmpty(tupleElement(hours, 1))
SETTINGS optimize_aggregation_in_order = 1)`

// LineHours reads at which hours of the day each line of a source used its bytes within the last week, in no order. Hours are
// those of a zone.
func (db *DB) LineHours(ctx context.Context, source string, zone *time.Location) ([]schema.LineHours, error) {
	_, offset := time.Now().In(zone).Zone()
	var all []schema.LineHours
	rows := schema.RowsIn(&all)
	view := newTable("line_hours", rows)
	err := view.read(ctx, db, rows, names{}, view.selectFrom(hoursSQL), clickhouse.Named("source", source), clickhouse.Named("offset", int64(offset)))
	if err != nil {
		return nil, fmt.Errorf("hours of use of source %s: %w", source, err)
	}
	return all, nil
}
