package dashboards

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/prometheus/promql/parser"

	"kaisen/internal/simulator"
)

// trouble makes happen, in a kaisen that is scraped, what its metrics have no series for until it happens.
func (w *fixture) trouble(address string, s *server) {
	w.t.Helper()
	shows := func(metrics ...string) func() bool {
		return func() bool {
			text, err := fetch(http.Get("http://" + address + "/metrics"))
			return err == nil && !slices.ContainsFunc(metrics, func(m string) bool { return !strings.Contains(text, "\n"+m) })
		}
	}
	w.eventually("every account is watched", shows("kaisen_line_month_bytes{", "kaisen_order_oldest_timestamp_seconds{", `kaisen_job_items{job="customer_sites"`,
		`kaisen_job_items{job="service_orders"`, "kaisen_line_exhaustion_timestamp_seconds{"))
	w.faults("traffic.malformed:0.2,traffic.overflow:0.2,session.result2:0.2")
	w.eventually("odd answers", shows("kaisen_dead_letters_total{", "kaisen_parse_warnings_total{", "kaisen_api_throttled_total{"))
	w.faults("")
	w.do("ALTER TABLE sweeps ADD CONSTRAINT none CHECK requests > 1000000000")
	w.eventually("rows that ClickHouse refuses", shows("kaisen_store_errors_total{", "kaisen_spool_rejected_rows_total{"))
	w.do("ALTER TABLE sweeps DROP CONSTRAINT none")
	now := w.sim.Now()
	w.inject(
		simulator.Event{Contract: w.contract, Log: "authentications", Count: 5, Lines: []string{w.hero()}, From: now, To: now.Add(30 * time.Second)},
		simulator.Event{Contract: w.contract, Log: "session_events", Count: 1, Lines: []string{w.hero()}, Event: "stop", From: now, To: now},
	)
	// Prometheus has to have seen the counter before: one that begins with the crossing has not increased.
	const crossed = `kaisen_schedule_crossing_delay_seconds_count{job="traffic",source="unom"}`
	w.eventually("Prometheus has counted the crossings until now", func() bool {
		counted, err := s.instant(crossed)
		return err == nil && counted.numbers() > 0
	})
	w.cross()
	w.advance(time.Minute)
	w.eventually("a line that crosses a threshold", func() bool {
		more, err := s.instant("increase(" + crossed + "[1h]) > 0")
		return err == nil && more.numbers() > 0
	})
}

// prometheusPanels asks every query of the dashboards for Prometheus. What needs two scrapes is there a little later,
// so a panel that is empty gets another chance until time is up.
func (w *fixture) prometheusPanels(t *testing.T, s *server) (all []shown) {
	deadline := time.Now().Add(2 * time.Minute)
	for _, m := range installed(t) {
		if m.store() != prometheus() {
			continue
		}
		a := asking{values: map[string][]string{}}
		for _, v := range m.Templating.List[1:] {
			w.eventually(m.UID+", variable "+v.Name, func() bool {
				a.values[v.Name] = s.labelValues(t, a.promql(v.Definition))
				return len(a.values[v.Name]) > 0
			})
		}
		for _, p := range m.pictures() {
			shown := shown{m.UID, p.Title, p.Type, ""}
			for _, q := range p.Targets {
				query := a.promql(q.Expr)
				got, err := s.patiently(deadline, q.Instant, query)
				if err != nil || got.numbers() == 0 {
					t.Errorf("%s, %s: nothing to show, %v\n%s", m.UID, p.Title, err, query)
				}
				for _, selector := range selectors(t, query) {
					if found, err := s.patiently(deadline, true, "last_over_time("+selector+"[2m])"); err != nil || found.numbers() == 0 {
						t.Errorf("%s, %s: nobody exports %s, %v", m.UID, p.Title, selector, err)
					}
				}
				p.checkLabels(t, m.UID, q, got)
				shown.rows += fmt.Sprint(" ", got.numbers())
			}
			all = append(all, shown)
		}
	}
	return all
}

// patiently asks again until there is something or the time is up.
func (s *server) patiently(deadline time.Time, instant bool, query string) (got vector, err error) {
	for {
		if instant {
			got, err = s.instant(query)
		} else {
			got, err = s.over(query)
		}
		if err != nil || got.numbers() > 0 || time.Now().After(deadline) {
			return got, err
		}
		<-time.After(250 * time.Millisecond)
	}
}

// selectors are the metrics of a query with the labels that they are chosen by.
func selectors(t *testing.T, query string) (found []string) {
	t.Helper()
	parsed, err := parser.NewParser(parser.Options{}).ParseExpr(query)
	if err != nil {
		t.Errorf("%s: %v", query, err)
		return nil
	}
	parser.Inspect(parsed, func(node parser.Node, _ []parser.Node) error {
		if selector, ok := node.(*parser.VectorSelector); ok {
			found = append(found, selector.String())
		}
		return nil
	})
	return found
}

// labelValues answers the query of a variable: label_values(selector, label).
func (s *server) labelValues(t *testing.T, query string) (values []string) {
	t.Helper()
	parts := regexp.MustCompile(`^label_values\((.+), (\w+)\)$`).FindStringSubmatch(query)
	if parts == nil {
		t.Fatalf("%s is no query of a variable", query)
	}
	if err := s.get("label/"+parts[2]+"/values", url.Values{"match[]": {parts[1]}}, &values); err != nil {
		return nil // it may not listen yet
	}
	return values
}

// checkLabels: a table has a column for each label, and for each of its queries; a legend names labels that are there.
func (p panelBox) checkLabels(t *testing.T, dashboard string, q target, got vector) {
	t.Helper()
	if len(got.Result) == 0 {
		return
	}
	known := map[string]bool{}
	for _, series := range got.Result { // a label without a value is left out
		for label := range series.Metric {
			known[label] = true
		}
	}
	labels := slices.Sorted(maps.Keys(known))
	for _, match := range regexp.MustCompile(`\{\{(\w+)\}\}`).FindAllStringSubmatch(q.LegendFormat, -1) {
		if !slices.Contains(labels, match[1]) {
			t.Errorf("%s, %s: a legend with %s, of series with %v", dashboard, p.Title, match[1], labels)
		}
	}
	if kind(p.Type) != table {
		if p.Type == string(stat) && len(got.Result) != 1 {
			t.Errorf("%s, %s: %d figures, want one", dashboard, p.Title, len(got.Result))
		}
		return
	}
	want := labels
	if len(p.Targets) == 1 {
		want = append(want, "Value")
	}
	for i := range p.Targets {
		if len(p.Targets) > 1 {
			want = append(want, figure(i))
		}
	}
	var columns []string
	for _, o := range p.FieldConfig.Overrides {
		columns = append(columns, o.Matcher.Options)
	}
	slices.Sort(want)
	if slices.Sort(columns); !slices.Equal(columns, want) {
		t.Errorf("%s, %s: columns %v, the queries have %v", dashboard, p.Title, columns, want)
	}
}
