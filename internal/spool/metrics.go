package spool

import (
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Metrics shows what waits, and what became of rows that could not simply be passed on.
type Metrics struct {
	bytes, oldest, full, damaged prometheus.GaugeFunc // of all outboxes that share them
	downsampled                  *prometheus.CounterVec
	rejected                     *prometheus.CounterVec
	unreadable                   prometheus.Counter

	shares *shares
	own    *share
}

// shares are what the outboxes show together that share their metrics.
type shares struct {
	mu  sync.Mutex
	all []*share
}

// share is what one outbox adds to it.
type share struct {
	bytes   int
	oldest  time.Time
	full    bool
	damaged int
}

// NewMetrics registers them.
func NewMetrics(reg prometheus.Registerer) *Metrics {
	of := new(shares)
	m := &Metrics{
		bytes: of.gauge("kaisen_spool_bytes", "Bytes on disk of the rows that the store has not taken yet.",
			func(all float64, s *share) float64 { return all + float64(s.bytes) }),
		oldest: of.gauge("kaisen_spool_oldest_timestamp_seconds", "When the row that has waited longest was accepted; 0 while none waits.",
			func(all float64, s *share) float64 {
				if at := float64(s.oldest.UnixMilli()) / 1e3; !s.oldest.IsZero() && (all == 0 || at < all) {
					return at
				}
				return all
			}),
		full: of.gauge("kaisen_spool_full", "1 while the spool has reached its bound: samples are thinned, and when that is not enough sweeps wait.",
			func(all float64, s *share) float64 {
				if s.full {
					return 1
				}
				return all
			}),
		damaged: of.gauge("kaisen_spool_damaged_files", "Copies of files of the spool that were damaged, with rows in them that may not be in the database; kaisen spool recover sends those that can be read.",
			func(all float64, s *share) float64 { return all + float64(s.damaged) }),
		downsampled: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "kaisen_spool_thinned_rows_total", Help: "Samples given up because the spool was full, by table.",
		}, []string{"table"}),
		rejected: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "kaisen_spool_rejected_rows_total", Help: "Rows that the store refuses for what they say, by table; they are kept in dead_letters.",
		}, []string{"table"}),
		unreadable: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "kaisen_spool_unreadable_records_total", Help: "Batches in the spool that this kaisen cannot read; they are kept aside in its file.",
		}),
		shares: of,
	}
	reg.MustRegister(m.bytes, m.oldest, m.full, m.downsampled, m.rejected, m.unreadable, m.damaged)
	for _, table := range downsampledTables() {
		m.downsampled.WithLabelValues(table)
	}
	return m.Beside()
}

// gauge is made of all shares, one after another.
func (of *shares) gauge(name, help string, add func(all float64, s *share) float64) prometheus.GaugeFunc {
	return prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help}, func() (all float64) {
		of.mu.Lock()
		defer of.mu.Unlock()
		for _, s := range of.all {
			all = add(all, s)
		}
		return all
	})
}

// Beside is the metrics of another outbox beside this one: they count together, and the gauges show what waits in all.
func (m *Metrics) Beside() *Metrics {
	other := *m
	other.own = new(share)
	other.change(func(own *share) { m.shares.all = append(m.shares.all, own) })
	return &other
}

// change changes what the outbox adds to the gauges.
func (m *Metrics) change(do func(own *share)) {
	m.shares.mu.Lock()
	defer m.shares.mu.Unlock()
	do(m.own)
}
