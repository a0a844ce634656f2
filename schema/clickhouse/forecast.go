package clickhouse

import (
	"context"
	"fmt"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"kaisen/schema"
)

const forecastSQL = `SELECT source, contract_id, line_no, month_bytes, month_end_bytes, month_end_bytes_low, month_end_bytes_high,
	exhaustion_at, exhaustion_at_early, exhaustion_at_late
FROM line_forecast WHERE source = {source:String}`

// Forecast reads the forecast of a source's lines, in no order. It takes the database a second for some thousand lines.
func (db *DB) Forecast(ctx context.Context, source string) ([]schema.LineForecast, error) {
	var all []schema.LineForecast
	if err := collect(ctx, db, &all, names{}.forecast, forecastSQL, clickhouse.Named("source", source)); err != nil {
		return nil, fmt.Errorf("forecast of source %s: %w", source, err)
	}
	return all, nil
}

func (n names) forecast(rows driver.Rows, r *schema.LineForecast) error {
	err := rows.Scan(&r.Source, &r.ContractID, &r.LineNo, &r.MonthBytes, &r.MonthEndBytes, &r.MonthEndLow, &r.MonthEndHigh,
		opt(&r.ExhaustionAt), opt(&r.ExhaustionEarly), opt(&r.ExhaustionLate))
	n.key(&r.LineKey)
	return err
}
