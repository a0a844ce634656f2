package dashboards

import (
	"testing"
	"time"
)

// TestEveryPanelShowsSomething opens every dashboard upon a kaisen that has watched a simulated carrier for days, and
// fails where a query is wrong or a panel has nothing to show.
func TestEveryPanelShowsSomething(t *testing.T) {
	w := newWorld(t)
	w.liveThrough()
	all := w.clickhousePanels(t)

	w.often()
	address := w.run()
	s := startServer(t, address)
	w.trouble(address)
	w.eventually("an alert about the hero", func() bool {
		alerts, err := s.instant(`ALERTS{alertname="KaisenLineRestrictedMonthly",alertstate="firing",line_no="` + w.hero() + `"}`)
		return err == nil && alerts.numbers() > 0
	})
	report(t, append(all, w.prometheusPanels(t, s)...))
}

// TestNothingFailsOnTheFirstDay: before the first row, a dashboard has nothing to show, and no error either.
func TestNothingFailsOnTheFirstDay(t *testing.T) {
	w := newWorld(t)
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
