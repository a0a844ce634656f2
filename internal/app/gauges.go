package app

import (
	"log/slog"

	"kaisen/collector"
	"kaisen/exporter/fleet"
	"kaisen/exporter/linelabel"
	"kaisen/internal/config"
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
