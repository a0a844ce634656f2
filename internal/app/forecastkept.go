package app

import (
	"context"
	"fmt"
	"slices"
	"time"

	"kaisen/collector"
	"kaisen/internal/config"
	"kaisen/schema"
	"kaisen/schema/clickhouse"
)

const (
	figuresTurned = 3 * time.Hour // after midnight: until then figures of the day before may still be told
	keptBatch     = 2000          // forecasts in a batch, which the spool keeps as one record
)

// keptForecasts writes the first forecast of each line and day to the store, so that there is an answer to what was said
// a week ago. One goroutine uses it at a time.
type keptForecasts struct {
	sink  collector.Sink
	shard collector.Shard // whose lines are written: another process writes the others
	zone  *time.Location
	days  map[string]*keptDay // by source
}

// keptDay is what is in the store, or on its way there, of one day.
type keptDay struct {
	day   schema.Date
	lines map[schema.LineKey]bool
}

func newKeptForecasts(cfg *config.Config, sink collector.Sink) (*keptForecasts, error) {
	zone, err := cfg.Location()
	if err != nil {
		return nil, err
	}
	shard, err := shardOf(cfg)
	return &keptForecasts{sink: sink, shard: shard, zone: zone, days: map[string]*keptDay{}}, err
}

// keep writes the forecasts of a source's lines that have none of the day yet. Now is the account's clock; what an earlier
// process has written is asked of the database once a day.
func (k *keptForecasts) keep(ctx context.Context, db *clickhouse.DB, source string, rows []schema.LineForecast, now time.Time) error {
	day := schema.DateOf(now.In(k.zone))
	done := k.days[source]
	if done == nil || done.day != day {
		lines, err := db.ForecastLines(ctx, source, day)
		if err != nil {
			return err
		}
		done = &keptDay{day, make(map[schema.LineKey]bool, len(rows))}
		for _, line := range lines {
			done.lines[line] = true
		}
		k.days[source] = done
	}
	var news []schema.DailyForecast
	for _, row := range rows {
		if !done.lines[row.LineKey] && k.shard.Owns(row.LineNo) {
			news = append(news, schema.DailyForecast{LineForecast: row, Day: day, ObservedAt: now})
		}
	}
	for batch := range slices.Chunk(news, keptBatch) {
		if err := k.sink.Write(ctx, schema.Batch{Forecasts: batch}); err != nil {
			return fmt.Errorf("forecasts of source %s, to be kept: %w", source, err)
		}
		for _, row := range batch {
			done.lines[row.LineKey] = true
		}
	}
	return nil
}

// turned reports whether the day's figures are told by now.
func (k *keptForecasts) turned(now time.Time) bool {
	now = now.In(k.zone)
	return now.Hour() >= int(figuresTurned/time.Hour)
}
