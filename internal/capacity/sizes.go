package capacity

import (
	"math"
	"time"

	"kaisen/internal/config"
)

// What one line, row or answer takes. Each was measured by what is named behind it, and not guessed; what has not been
// measured is not here.
const (
	lineSeries, lineText, lineZipped       = 17, 2060, 120 // of a line of which everything is known: TestSizesAreTheExporters
	memberSeries, memberText, memberZipped = 12, 1500, 61  // a member of a share group has so many more: likewise

	sampleBytes = 7.3 // a row of traffic_samples on the disk: BenchmarkHistory/disk in schema/clickhouse, 1,000 lines × 1 year: 6.9, and 0.4 for its days
	spoolBytes  = 750 // a traffic answer with its day and month in the spool: BenchmarkWrite in internal/spool
	logBytes    = 210 // a row of a log in the spool, ten of them at a time: BenchmarkWriteLogs in internal/spool

	// Resident memory at its most, which is in the first sweep of all with a month of logs: 0.6 GB of 30,000 lines, 1.6 GB of 100,000.
	// What the exporter keeps of a line, 1,250 bytes, is in it.
	processBytes, processLineBytes = 80e6, 16_000
	// That of an embedded engine, which works out the forecast of 10,000 lines at a time: 0.7 GB of 30,000 lines, as of 100,000.
	engineBytes, engineLineBytes, engineLines = 350e6, 35_000, 10_000

	// measuredLines is the largest fleet of one process whose exporter was measured: BenchmarkScrape100k. A plan gives none more.
	measuredLines = 100_000
	// listedLines is how many lines of a contract the carrier's list shows.
	listedLines = 1000
)

// Sizes are what a whole fleet comes to. Figures of a process are for one of Shards.
type Sizes struct {
	Shards         int     `json:"shards"`                     // processes that share the fleet, as configured
	ShardsNeeded   int     `json:"shards_needed"`              // with at most as many lines each as were measured, 100,000
	AccountsNeeded int     `json:"accounts_needed"`            // with lines, whose limits are 80 % used
	NotExported    int     `json:"process_lines_not_exported"` // beyond exporter.max_lines
	MoreLines      int     `json:"lines_beyond_lists"`
	Series         float64 `json:"series"`         // of all processes
	ProcessSeries  float64 `json:"process_series"` // a scrape of one
	ScrapeBytes    float64 `json:"scrape_bytes"`   // likewise, plain
	ScrapeZipped   float64 `json:"scrape_gzip_bytes"`
	ProcessMemory  float64 `json:"process_bytes"` // memory of one at its most, without an embedded engine
	EngineMemory   float64 `json:"engine_bytes"`  // memory of an embedded engine at its most, as far as kaisen itself asks it; 0: there is none
	SampleRows     float64 `json:"traffic_samples_rows_per_day"`
	SampleBytes    float64 `json:"traffic_samples_bytes_per_day"`
	TableBytes     float64 `json:"traffic_samples_bytes"`       // after retention.samples, or a year where that is 0
	LogRows        float64 `json:"log_rows_per_day"`            // of both logs, as counted or assumed
	SpoolBytes     float64 `json:"process_spool_bytes_per_day"` // traffic answers and log rows of a day that the database is away, before anything is packed
	SpoolLasts     float64 `json:"process_spool_lasts_seconds"` // until store.spool_max is full, packing aside; 0: nothing comes
}

// sizesOf is what the whole fleet comes to. Accounts are planned for one of so many shards, and the others are alike.
func sizesOf(p *Plan, cfg *config.Config, shards int) Sizes {
	parts := float64(shards)
	lines, members := float64(p.Lines)/parts, float64(p.Members)/parts // of a process
	shown := 1.0                                                       // part of the lines that a process exports
	if most := float64(cfg.Exporter.MaxLines); most > 0 && lines > most {
		shown = most / lines
	}
	s := Sizes{Shards: shards, ShardsNeeded: max(1, whole(float64(p.Lines)/measuredLines)), NotExported: int(lines * (1 - shown)),
		ProcessSeries: shown * (lines*lineSeries + members*memberSeries),
		ScrapeBytes:   shown * (lines*lineText + members*memberText),
		ScrapeZipped:  shown * (lines*lineZipped + members*memberZipped),
		ProcessMemory: processBytes + lines*processLineBytes}
	if cfg.Store.Kind == config.StoreEmbedded {
		s.EngineMemory = engineBytes + min(lines, engineLines)*engineLineBytes
	}
	s.Series = s.ProcessSeries * parts
	for _, a := range p.Accounts {
		s.MoreLines += a.beyondLists
		s.LogRows += a.logRows
		s.SampleRows += 24 * parts * a.samples
		if a.Lines > 0 {
			s.AccountsNeeded += max(1, whole(a.Requests/(comfortable*a.Limit)))
		}
	}
	s.SampleBytes = sampleBytes * s.SampleRows
	kept := time.Duration(cfg.Store.Retention.Samples)
	if own := cfg.Store.Retention.TrafficSamples; own.Set {
		kept = time.Duration(own.Value)
	}
	if kept <= 0 {
		kept = 365 * 24 * time.Hour
	}
	s.TableBytes = s.SampleBytes * kept.Hours() / 24
	if s.SpoolBytes = (spoolBytes*s.SampleRows + logBytes*s.LogRows) / parts; s.SpoolBytes > 0 {
		s.SpoolLasts = float64(cfg.Store.SpoolMax) / s.SpoolBytes * 24 * 3600
	}
	return s
}

// whole is a number of things, rounded up; nobody has more than some billions.
func whole(n float64) int { return int(min(math.Ceil(n), math.MaxInt32)) }
