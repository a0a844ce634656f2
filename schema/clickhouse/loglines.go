package clickhouse

import (
	"context"
	"fmt"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"

	"kaisen/schema"
)

const logLinesSQL = `SELECT source, contract_id, line_no FROM authentications
WHERE source = {source:String} AND event_time >= fromUnixTimestamp({since:Int64})
UNION DISTINCT
SELECT source, contract_id, line_no FROM session_events
WHERE source = {source:String} AND event_time >= fromUnixTimestamp({since:Int64})`

// Forecast reads the forecast of a source's lines, in no order. It takes the database a second for some thousand lines.
func (db *DB) Forecast(ctx context.Context, source string) ([]schema.LineForecast, error) {
	var all []schema.LineForecast
	rows := schema.RowsIn(&all)
	view := newTable("line_forecast", rows)
	err := view.read(ctx, db, rows, names{}, view.selectFrom("line_forecast")+" WHERE source = {source:String}", clickhouse.Named("source", source))
	if err != nil {
		return nil, fmt.Errorf("forecast of source %s: %w", source, err)
	}
	return all, nil
}

// LogLines lists the lines of a source with something in its logs since a time, in no order.
func (db *DB) LogLines(ctx context.Context, source string, since time.Time) ([]schema.LineKey, error) {
	var keys []schema.LineKey
	rows := schema.RowsIn(&keys)
	err := newTable("log_lines", rows).read(ctx, db, rows, names{}, logLinesSQL, clickhouse.Named("source", source), clickhouse.Named("since", since.Unix()))
	if err != nil {
		return nil, fmt.Errorf("lines in the logs of source %s: %w", source, err)
	}
	return keys, nil
}
