package app

import (
	"context"
	"log/slog"
	"maps"
	"slices"
	"time"

	"kaisen/collector"
	"kaisen/exporter/fleet"
	"kaisen/exporter/linelabel"
	"kaisen/internal/config"
	"kaisen/schema"
)

// fleetConfig is what the configuration says of the gauges.
func fleetConfig(cfg *config.Config, kinds collector.Kinds, log *slog.Logger) (fleet.Config, error) {
	gauges := fleet.DefaultConfig()
	gauges.StaleAfter, gauges.MaxLines, gauges.ForecastHolds = staleAfter(cfg, kinds), cfg.Exporter.MaxLines, forecastHolds
	gauges.Names, gauges.InfoLabels = cfg.Exporter.Names, cfg.Exporter.InfoLabels
	var err error
	if gauges.Zone, err = cfg.Location(); err != nil {
		return gauges, err
	}
	gauges.Labels, err = LineLabels(cfg, log)
	return gauges, err
}

// LineLabels is how the configuration wants lines to be called in the metrics.
func LineLabels(cfg *config.Config, log *slog.Logger) (linelabel.Labels, error) {
	return linelabel.New(cfg.Exporter.LineLabel, cfg.Exporter.LineLabelKeyFile, log)
}

// staleAfter is when a line's figures are too old to be shown: three intervals of the job that brings them, or an interval
// more than an adaptive schedule may take, unless the configuration says otherwise.
func staleAfter(cfg *config.Config, kinds collector.Kinds) func(source, job string) time.Duration {
	limits := make(map[[2]string]time.Duration)
	for _, source := range cfg.Sources {
		kind, _ := kinds.Find(source.Kind)
		for name, job := range source.Jobs {
			limits[[2]string{source.Name, name}] = staleFor(source, kind.Planned(name), time.Duration(job.Interval))
		}
	}
	return func(source, job string) time.Duration {
		if fixed := time.Duration(cfg.Exporter.StaleAfter); fixed > 0 {
			return fixed
		}
		return limits[[2]string{source, job}]
	}
}

// staleFor is that of a job with an interval.
func staleFor(source config.Source, planned bool, interval time.Duration) time.Duration {
	limit := 3 * interval
	if planned && interval > 0 && source.Schedule == config.ScheduleAdaptive {
		limit = max(limit, collector.MaxAge(time.Duration(source.MaxAge), interval)+interval)
	}
	return limit
}

// tellStaleAfter writes the same for views, which count lines by the same definition as the page and the gauges.
func (a *App) tellStaleAfter(ctx context.Context) {
	if err := a.outbox.Write(ctx, schema.Batch{StaleAfter: staleAfterRows(a.config(), a.kinds, time.Now())}); err != nil && ctx.Err() == nil {
		a.log.Warn("for how long answers count could not be stored; line_status goes by what it was before", "error", err)
	}
}

// staleAfterRows are of every job of every source.
func staleAfterRows(cfg *config.Config, kinds collector.Kinds, now time.Time) (rows []schema.StaleAfter) {
	after := staleAfter(cfg, kinds)
	for _, source := range cfg.Sources {
		for _, job := range slices.Sorted(maps.Keys(source.Jobs)) {
			rows = append(rows, schema.StaleAfter{Source: source.Name, Job: job, Seconds: uint64(after(source.Name, job) / time.Second), ObservedAt: now})
		}
	}
	return rows
}
