package spool

import (
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Metrics shows what waits, and what became of rows that could not simply be passed on.
type Metrics struct {
	bytes       prometheus.Gauge
	oldest      prometheus.Gauge
	full        prometheus.Gauge
	downsampled *prometheus.CounterVec
	rejected    *prometheus.CounterVec
	unreadable  prometheus.Counter
	damaged     prometheus.Gauge
	beside      *beside
	own         *share
}

// beside is what the outboxes show together that share their metrics.
type beside struct {
	mu     sync.Mutex
	shares []*share
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
	m := &Metrics{
		bytes: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "kaisen_spool_bytes", Help: "Bytes on disk of the rows that the store has not taken yet.",
		}),
		oldest: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "kaisen_spool_oldest_timestamp_seconds", Help: "When the row that has waited longest was accepted; 0 while none waits.",
		}),
		full: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "kaisen_spool_full", Help: "1 while the spool has reached its bound: samples are thinned, and when that is not enough sweeps wait.",
		}),
		downsampled: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "kaisen_spool_thinned_rows_total", Help: "Samples given up because the spool was full, by table.",
		}, []string{"table"}),
		rejected: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "kaisen_spool_rejected_rows_total", Help: "Rows that the store refuses for what they say, by table; they are kept in dead_letters.",
		}, []string{"table"}),
		unreadable: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "kaisen_spool_unreadable_records_total", Help: "Batches in the spool that this kaisen cannot read; they are kept aside in its file.",
		}),
		damaged: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "kaisen_spool_damaged_files", Help: "Copies of files of the spool that were damaged, with rows in them that may not be in the database; kaisen spool recover sends those that can be read.",
		}),
	}
	reg.MustRegister(m.bytes, m.oldest, m.full, m.downsampled, m.rejected, m.unreadable, m.damaged)
	for _, table := range downsampledTables() {
		m.downsampled.WithLabelValues(table)
	}
	m.beside = &beside{}
	return m.Beside()
}

// Beside is the metrics of another outbox beside this one: they count together, and the gauges show what waits in all.
func (m *Metrics) Beside() *Metrics {
	other := *m
	other.own = &share{}
	m.beside.mu.Lock()
	defer m.beside.mu.Unlock()
	m.beside.shares = append(m.beside.shares, other.own)
	return &other
}

// show sets the gauges of what waits.
func (m *Metrics) show(bytes int, oldest time.Time) {
	m.change(func(own *share) { own.bytes, own.oldest = bytes, oldest })
}

// showFull sets the gauge of a spool that has reached its bound.
func (m *Metrics) showFull(full bool) { m.change(func(own *share) { own.full = full }) }

// showDamaged sets the gauge of files that were moved aside.
func (m *Metrics) showDamaged(files int) { m.change(func(own *share) { own.damaged = files }) }

func (m *Metrics) change(do func(own *share)) {
	m.beside.mu.Lock()
	defer m.beside.mu.Unlock()
	do(m.own)
	bytes, full, oldest, damaged := 0, 0., time.Time{}, 0
	for _, s := range m.beside.shares {
		bytes += s.bytes
		damaged += s.damaged
		if !s.oldest.IsZero() && (oldest.IsZero() || s.oldest.Before(oldest)) {
			oldest = s.oldest
		}
		if s.full {
			full = 1
		}
	}
	m.bytes.Set(float64(bytes))
	m.full.Set(full)
	m.damaged.Set(float64(damaged))
	m.oldest.Set(0)
	if !oldest.IsZero() {
		m.oldest.Set(float64(oldest.UnixMilli()) / 1e3)
	}
}
