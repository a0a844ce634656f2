package clickhouse

import (
	"context"
	"fmt"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"kaisen/schema"
)

const logLinesSQL = `SELECT contract_id, line_no FROM authentications
WHERE source = {source:String} AND event_time >= fromUnixTimestamp({since:Int64})
UNION DISTINCT
SELECT contract_id, line_no FROM session_events
WHERE source = {source:String} AND event_time >= fromUnixTimestamp({since:Int64})`

// LogLines lists the lines of a source with something in its logs since a time, in no order.
func (db *DB) LogLines(ctx context.Context, source string, since time.Time) ([]schema.LineKey, error) {
	var keys []schema.LineKey
	scan := func(rows driver.Rows, key *schema.LineKey) error {
		key.Source = source
		return rows.Scan(&key.ContractID, &key.LineNo)
	}
	err := collect(ctx, db, &keys, scan, logLinesSQL, clickhouse.Named("source", source), clickhouse.Named("since", since.Unix()))
	if err != nil {
		return nil, fmt.Errorf("lines in the logs of source %s: %w", source, err)
	}
	return keys, nil
}
