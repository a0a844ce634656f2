package clickhouse

import (
	"context"
	"strconv"

	"kaisen/schema"
)

// Token is the deduplication token of an insert of a part's rows.
func Token(part schema.Part) (string, error) {
	_, d, err := newTable(part.Table, part.Rows).values(spanOf(part.Rows))
	if err != nil {
		return "", err
	}
	return strconv.FormatUint(d.sum(), 16), nil
}

// ForecastOf is Forecast of so many lines at a time.
func (db *DB) ForecastOf(ctx context.Context, source string, most uint64) ([]schema.LineForecast, error) {
	return db.forecast(ctx, source, most)
}
