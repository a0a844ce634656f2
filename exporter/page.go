package exporter

import (
	"bytes"
	"cmp"
	_ "embed"
	"fmt"
	"html/template"
	"log/slog"
	"net/http"
	"slices"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"

	"kaisen/schema"
)

//go:embed page.html
var pageTemplate string

// page is what a person sees at /: rendered here, readable without JavaScript. It shows line numbers as /metrics does.
type page struct {
	fleet    *Fleet
	registry prometheus.Gatherer
	health   Health
	template *template.Template
	log      *slog.Logger
}

// pageData is what the template is filled with.
type pageData struct {
	overview
	Now      time.Time
	NotReady error
	Notes    []string
	Jobs     []jobStanding
}

// jobStanding is how a job of a source does, from kaisen's own metrics.
type jobStanding struct {
	Source, Job string
	LastSuccess time.Time                 // zero: none yet
	Behind      schema.Opt[time.Duration] // how far its oldest item is past its interval
}

func newPage(fleet *Fleet, registry prometheus.Gatherer, health Health, log *slog.Logger) *page {
	parsed := template.Must(template.New("page").Funcs(template.FuncMap{
		"bytes":   humanBytes,
		"percent": func(ratio float64) string { return fmt.Sprintf("%.1f %%", 100*ratio) },
		"ago":     ago,
		"span":    span,
	}).Parse(pageTemplate))
	return &page{fleet: fleet, registry: registry, health: health, template: parsed, log: log}
}

func (p *page) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	own, err := p.registry.Gather()
	if err != nil {
		p.log.Warn("some of kaisen's own metrics are missing from the page", "err", err)
	}
	data := pageData{
		overview: p.fleet.overview(),
		Now:      time.Now(),
		NotReady: p.health.ready(),
		Notes:    p.health.notes(),
		Jobs:     jobStandings(own),
	}
	var out bytes.Buffer
	if err := p.template.Execute(&out, data); err != nil {
		p.log.Error("the page at / is broken", "err", err)
		http.Error(w, "The page is broken; /metrics is not.", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'")
	_, _ = w.Write(out.Bytes()) // a client that left needs no answer
}

// jobStandings reads the metrics that the collector keeps of its jobs.
func jobStandings(own []*dto.MetricFamily) []jobStanding {
	type key struct{ source, job string }
	found := make(map[key]*jobStanding)
	each := func(family *dto.MetricFamily, take func(*jobStanding, float64)) {
		for _, metric := range family.GetMetric() {
			k := key{labelOf(metric, "source"), labelOf(metric, "job")}
			if found[k] == nil {
				found[k] = &jobStanding{Source: k.source, Job: k.job}
			}
			take(found[k], metric.GetGauge().GetValue())
		}
	}
	for _, family := range own {
		switch family.GetName() {
		case "kaisen_job_last_success_timestamp_seconds":
			each(family, func(s *jobStanding, v float64) {
				if v > 0 {
					s.LastSuccess = time.UnixMilli(int64(v * 1000))
				}
			})
		case "kaisen_job_behind_seconds":
			each(family, func(s *jobStanding, v float64) { s.Behind = schema.Some(time.Duration(v * float64(time.Second))) })
		}
	}
	var standings []jobStanding
	for _, s := range found {
		standings = append(standings, *s)
	}
	slices.SortFunc(standings, func(a, b jobStanding) int {
		return cmp.Or(cmp.Compare(a.Source, b.Source), cmp.Compare(a.Job, b.Job))
	})
	return standings
}

func labelOf(metric *dto.Metric, name string) string {
	for _, pair := range metric.GetLabel() {
		if pair.GetName() == name {
			return pair.GetValue()
		}
	}
	return ""
}

// humanBytes is a volume with three significant digits, in the decimal units in which carriers sell it.
func humanBytes(bytes uint64) string {
	if bytes < 1000 {
		return fmt.Sprintf("%d B", bytes)
	}
	value, unit := float64(bytes), 0
	for ; value >= 999.5 && unit < len(decimalUnits); unit++ {
		value /= 1000
	}
	digits := 0
	switch {
	case value < 9.995:
		digits = 2
	case value < 99.95:
		digits = 1
	}
	return fmt.Sprintf("%.*f %sB", digits, value, decimalUnits[unit-1:unit])
}

const decimalUnits = "kMGTPE"

// ago is how long before now something was, for people.
func ago(now, then time.Time) string {
	if then.IsZero() {
		return "not yet"
	}
	return span(now.Sub(then)) + " ago"
}

// span is a duration in its largest unit that makes at least two.
func span(d time.Duration) string {
	switch {
	case d < 2*time.Minute:
		return fmt.Sprintf("%d s", max(int(d.Seconds()), 0))
	case d < 2*time.Hour:
		return fmt.Sprintf("%d min", int(d.Minutes()))
	case d < 48*time.Hour:
		return fmt.Sprintf("%d h", int(d.Hours()))
	default:
		return fmt.Sprintf("%d days", int(d.Hours()/24))
	}
}
