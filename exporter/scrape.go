package exporter

import (
	"bytes"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"

	"kaisen/exporter/exposition"
	"kaisen/exporter/fleet"
)

// scrape answers /metrics: kaisen's own metrics, encoded by expfmt, and behind them the fleet's. It is one exposition because
// the registry knows the fleet's names (see registration).
type scrape struct {
	fleet    *exposition.Exposition
	registry prometheus.Gatherer
	slow     http.Handler // for protobuf
	log      *slog.Logger
	firsts   sync.Pool // of *bytes.Buffer
}

func newScrape(fleet *exposition.Exposition, registry prometheus.Gatherer, log *slog.Logger) *scrape {
	return &scrape{
		fleet:    fleet,
		registry: registry,
		slow: promhttp.HandlerFor(prometheus.Gatherers{registry, fleet}, promhttp.HandlerOpts{
			ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelWarn),
			ErrorHandling:     promhttp.ContinueOnError,
			EnableOpenMetrics: true,
		}),
		log:    log,
		firsts: sync.Pool{New: func() any { return new(bytes.Buffer) }},
	}
}

func (s *scrape) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	format := expfmt.NegotiateAccept(r.Header, expfmt.DefaultOpenMetricsAcceptedFormats()...)
	var text exposition.Format
	switch format.FormatType() {
	case expfmt.TypeTextPlain:
		text = exposition.Text
	case expfmt.TypeOpenMetrics:
		text = exposition.OpenMetrics
	default:
		s.slow.ServeHTTP(w, r)
		return
	}
	own := s.firsts.Get().(*bytes.Buffer)
	defer s.firsts.Put(own)
	own.Reset()
	s.encodeOwn(own, format)

	compressed := acceptsGzip(r.Header)
	w.Header().Set("Content-Type", string(format))
	if compressed {
		w.Header().Set("Content-Encoding", "gzip")
	}
	if err := s.fleet.Write(w, text, compressed, own.Bytes()); err != nil {
		s.log.Debug("scrape was cut off", "client", r.RemoteAddr, "err", err)
	}
}

// encodeOwn writes kaisen's own metrics. What cannot be gathered is logged and left out: a broken metric of the
// process must not take the lines away.
func (s *scrape) encodeOwn(to *bytes.Buffer, format expfmt.Format) {
	gathered, err := s.registry.Gather()
	if err != nil {
		s.log.Warn("some of kaisen's own metrics are missing from a scrape", "err", err)
	}
	encoder := expfmt.NewEncoder(to, format)
	for _, family := range gathered {
		if err := encodeWhole(encoder, to, family); err != nil {
			s.log.Warn("a metric of kaisen's own is missing from a scrape", "metric", family.GetName(), "err", err)
		}
	}
}

// encodeWhole writes a family or nothing of it.
func encodeWhole(encoder expfmt.Encoder, to *bytes.Buffer, family *dto.MetricFamily) error {
	before := to.Len()
	err := encoder.Encode(family)
	if err != nil {
		to.Truncate(before)
	}
	return err
}

// acceptsGzip reads Accept-Encoding (RFC 9110 §12.5.3): gzip is named, or meant by *, and not with a weight of 0.
func acceptsGzip(h http.Header) bool {
	accepted := false
	for _, field := range h.Values("Accept-Encoding") {
		for part := range strings.SplitSeq(field, ",") {
			coding, weight, _ := strings.Cut(part, ";")
			switch strings.ToLower(strings.TrimSpace(coding)) {
			case "gzip":
				return weighs(weight) // said of gzip itself, it counts before *
			case "*":
				accepted = weighs(weight)
			}
		}
	}
	return accepted
}

func weighs(parameter string) bool {
	value, isWeight := strings.CutPrefix(strings.TrimSpace(strings.ToLower(parameter)), "q=")
	if !isWeight {
		return true
	}
	weight, err := strconv.ParseFloat(strings.TrimSpace(value), 64)
	return err == nil && weight > 0
}

// registration stands for the fleet on kaisen's own registry: it claims the names of the fleet's families, so that
// nothing else can register them and make /metrics invalid, and it collects what the fleet has to say of itself.
type registration struct{ fleet *fleet.Fleet }

func (registration) notExported() *prometheus.Desc {
	return prometheus.NewDesc("kaisen_lines_not_exported",
		"Lines that have no series on /metrics because the cap on exported lines is reached.", nil, nil)
}

func (registration) byCondition() *prometheus.Desc {
	return prometheus.NewDesc("kaisen_lines_by_condition",
		"Active lines by what somebody should know of them; a line may be in several. A line is judged by call 09 where it draws on a share group, else by call 03. "+
			"restricted: throttled now. near_cap: not restricted, and less than a fifth of the volume left, or than near_cap_percent of labels_file. will_run_out: not restricted, and expected to use up the rest of its own volume before the month ends. "+
			"silent: no fresh answer of call 03. unknown: nobody can say whether it is restricted. Where that is so of all lines of a contract, restricted, near_cap and will_run_out are absent rather than 0.",
		[]string{"source", "contract_id", "condition"}, nil)
}

// Describe implements prometheus.Collector.
func (r registration) Describe(descs chan<- *prometheus.Desc) {
	r.fleet.Exposition().Describe(descs)
	descs <- r.notExported()
	descs <- r.byCondition()
}

// Collect implements prometheus.Collector.
func (r registration) Collect(metrics chan<- prometheus.Metric) {
	metrics <- prometheus.MustNewConstMetric(r.notExported(), prometheus.GaugeValue, float64(r.fleet.NotExported()))
	for _, c := range r.fleet.Conditions(time.Now()) {
		for condition, lines := range c.ByName() {
			metrics <- prometheus.MustNewConstMetric(r.byCondition(), prometheus.GaugeValue, float64(lines), c.Source, c.ContractID, condition)
		}
	}
}
