package dashboards

import (
	"fmt"
	"strings"
	"testing"
	"text/tabwriter"
	"time"
)

// TestEveryPanelShowsSomething opens every dashboard upon a kaisen that has watched a simulated carrier for days, and
// fails where a query is wrong or a panel has nothing to show.
func TestEveryPanelShowsSomething(t *testing.T) {
	w := newFixture(t)
	w.liveThrough()
	all := w.clickhousePanels(t)

	w.often()
	address := w.run()
	s := startServer(t, address)
	w.trouble(address, s)
	w.eventually("an alert about the hero", func() bool {
		alerts, err := s.instant(`ALERTS{alertname="KaisenLineRestrictedMonthly",alertstate="firing",line_no="` + w.hero() + `"}`)
		return err == nil && alerts.numbers() > 0
	})
	report(t, append(all, w.prometheusPanels(t, s)...))
}

// TestNothingFailsOnTheFirstDay: before the first row, a dashboard has nothing to show, and no error either.
func TestNothingFailsOnTheFirstDay(t *testing.T) {
	w := newFixture(t)
	w.migrate()
	for _, m := range installed(t) {
		if m.store() != clickhouse() {
			continue
		}
		a := asking{from: began(t), to: began(t).Add(time.Hour), values: map[string][]string{}, all: map[string]bool{}}
		for _, v := range m.Templating.List[1:] {
			if _, err := w.rows(a.sql(t, v.Definition)); err != nil {
				t.Errorf("%s, variable %s: %v", m.UID, v.Name, err)
			}
			if a.all[v.Name] = v.IncludeAll; !v.Multi {
				a.values[v.Name] = []string{""}
			}
		}
		for _, p := range m.pictures() {
			for _, query := range []string{a.sql(t, p.Targets[0].RawSQL), a.choosing().sql(t, p.Targets[0].RawSQL)} {
				if _, err := w.rows(query); err != nil {
					t.Errorf("%s, %s: %v\n%s", m.UID, p.Title, err, query)
				}
			}
		}
	}
}

// shown is what a panel had to show.
type shown struct{ dashboard, panel, kind, rows string }

// report prints the table that says of every panel how much it had to show.
func report(t *testing.T, all []shown) {
	t.Helper()
	var text strings.Builder
	table := tabwriter.NewWriter(&text, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "dashboard\tpanel\tkind\trows of each query")
	for _, s := range all {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", s.dashboard, s.panel, s.kind, s.rows)
	}
	if err := table.Flush(); err != nil {
		t.Fatal(err)
	}
	t.Logf("%d panels\n%s", len(all), text.String())
}
