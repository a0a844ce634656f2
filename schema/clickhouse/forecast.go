package clickhouse

import (
	"context"
	"fmt"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"

	"kaisen/schema"
)

// linesForecast is of how many lines a forecast is asked at a time. The database keeps some 35 KB of each of them until all are worked
// out: of 100,000 lines that was 3.5 GB. Contracts can be asked for apart, because a line is compared with those of its own and no
// others. To plan the question takes as long as some 3,000 lines.
const linesForecast = 10_000

// Forecast reads the forecast of the lines of a source's part, in no order. It takes the database a second for some ten thousand lines, and
// one processor, since nobody waits for it.
func (db *DB) Forecast(ctx context.Context, source string) ([]schema.LineForecast, error) {
	all, err := db.forecast(ctx, source, linesForecast)
	if err != nil {
		return nil, fmt.Errorf("forecast of source %s: %w", source, err)
	}
	return all, nil
}

// forecast is Forecast, of so many lines at a time.
func (db *DB) forecast(ctx context.Context, source string, most uint64) (all []schema.LineForecast, err error) {
	together, err := db.contractsTogether(ctx, source, most)
	rows := schema.RowsIn(&all)
	view, texts := newTable("line_forecast", rows), names{}
	sql := view.selectFrom("line_forecast") + " WHERE source = {source:String} AND contract_id IN {contracts:Array(String)} AND " + ownLines + " SETTINGS max_threads = 1"
	for _, contracts := range together {
		if err == nil {
			err = view.read(ctx, db, rows, texts, sql, append(db.part.args(), clickhouse.Named("source", source), clickhouse.Named("contracts", contracts))...)
		}
	}
	return all, err
}

// contractSize is how many lines of a contract are stored.
type contractSize struct {
	ContractID string `column:"contract_id"`
	Lines      uint64 `column:"lines"`
}

// contractsTogether are the contracts of a source's lines, in groups of so many lines at most; one of more is a group by itself.
func (db *DB) contractsTogether(ctx context.Context, source string, most uint64) (groups [][]string, err error) {
	var sizes []contractSize
	rows := schema.RowsIn(&sizes)
	view := newTable("contract_sizes", rows)
	err = view.read(ctx, db, rows, names{}, view.selectFrom("(SELECT contract_id, uniq(line_no) AS lines FROM lines WHERE source = {source:String} GROUP BY contract_id)")+
		" ORDER BY contract_id", clickhouse.Named("source", source))
	var lines uint64
	for _, of := range sizes {
		if lines += of.Lines; len(groups) == 0 || lines > most {
			groups, lines = append(groups, nil), of.Lines
		}
		groups[len(groups)-1] = append(groups[len(groups)-1], of.ContractID)
	}
	return groups, err
}

// PoolForecast reads the forecast of a source's share groups, in no order. Whether there are any is asked first: to plan the view takes
// the database as long for none.
func (db *DB) PoolForecast(ctx context.Context, source string) ([]schema.PoolForecast, error) {
	var members uint64
	err := db.conn.QueryRow(ctx, "SELECT count() FROM (SELECT 1 FROM data_share_members WHERE source = {source:String} AND member LIMIT 1)",
		clickhouse.Named("source", source)).Scan(&members)
	if err != nil {
		return nil, fmt.Errorf("share groups of source %s: %w", source, brief(err))
	}
	if members == 0 {
		return nil, nil
	}
	var all []schema.PoolForecast
	rows := schema.RowsIn(&all)
	view := newTable("pool_forecast", rows)
	err = view.read(ctx, db, rows, names{}, view.selectFrom("pool_forecast")+" WHERE source = {source:String}", clickhouse.Named("source", source))
	if err != nil {
		return nil, fmt.Errorf("forecast of the share groups of source %s: %w", source, err)
	}
	return all, nil
}

// ForecastLines lists the lines of a source's part of which the forecast of a day is kept, in no order.
func (db *DB) ForecastLines(ctx context.Context, source string, day schema.Date) ([]schema.LineKey, error) {
	var keys []schema.LineKey
	rows := schema.RowsIn(&keys)
	kept := newTable("line_forecasts", rows)
	err := kept.read(ctx, db, rows, names{}, "SELECT DISTINCT source, contract_id, line_no FROM line_forecasts WHERE source = {source:String} AND day = {day:Date} AND "+ownLines,
		append(db.part.args(), clickhouse.Named("source", source), clickhouse.Named("day", day.Time().Format(time.DateOnly)))...)
	if err != nil {
		return nil, fmt.Errorf("kept forecasts of source %s: %w", source, err)
	}
	return keys, nil
}
