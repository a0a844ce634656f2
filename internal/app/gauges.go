package app

import (
	"log/slog"

	"kaisen/exporter"
	"kaisen/internal/config"
)

// fleetConfig is what the configuration says of the gauges.
func fleetConfig(cfg *config.Config, log *slog.Logger) (exporter.FleetConfig, error) {
	gauges := exporter.DefaultFleetConfig()
	gauges.StaleAfter, gauges.MaxLines, gauges.ForecastHolds = staleAfter(cfg), cfg.Exporter.MaxLines, forecastHolds
	var err error
	if gauges.Zone, err = cfg.Location(); err != nil {
		return gauges, err
	}
	gauges.Labels, err = LineLabels(cfg, log)
	return gauges, err
}

// LineLabels is how the configuration wants lines to be called in the metrics.
func LineLabels(cfg *config.Config, log *slog.Logger) (exporter.LineLabels, error) {
	return exporter.NewLineLabels(exporter.LineLabel(cfg.Exporter.LineLabel), cfg.Exporter.LineLabelKeyFile, log)
}
