// Package dashboards describes the Grafana dashboards of kaisen and writes them as the JSON that Grafana loads.
//
// The JSON files beside it are what is installed; they are written from here, because eight of them by hand repeat the
// same twenty lines for each panel and drift apart. To change a dashboard, change its function (fleet.go, line.go, …)
// and run
//
//	go generate ./dashboards
//
// The tests of the package say whether files and functions agree, and run every query of every panel on a real
// ClickHouse and a real Prometheus that have watched a simulated carrier.
//
// No program imports it, and it talks to no Grafana: a dashboard that was changed there is not read back.
package dashboards

import (
	"bytes"
	"encoding/json"
	"fmt"
)

//go:generate go test -run ^TestFilesAreWritten$ -update .

// The identifiers of the dashboards, which alerts lead to.
const (
	uidFleet    = "kaisen-fleet"
	uidCap      = "kaisen-cap"
	uidLine     = "kaisen-line"
	uidPools    = "kaisen-pools"
	uidRoaming  = "kaisen-roaming"
	uidSessions = "kaisen-sessions"
	uidOrders   = "kaisen-orders"
	uidHealth   = "kaisen-health"
)

// all is every dashboard, in the order of the links at their heads.
func all() []dashboard {
	return []dashboard{fleet(), nearCap(), line(), pools(), roaming(), sessions(), orders(), health()}
}

// write is the dashboard as Grafana loads it.
func (d dashboard) write() ([]byte, error) {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false) // < and > are what queries are made of
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(d.model()); err != nil {
		return nil, fmt.Errorf("dashboard %s: %w", d.uid, err)
	}
	return text.Bytes(), nil
}

func (d dashboard) model() model {
	m := model{
		UID: d.uid, Title: "kaisen: " + d.title, Description: d.about, Tags: []string{"kaisen"},
		Timezone:     "Asia/Tokyo", // the carrier's days and months turn there, whoever looks
		GraphTooltip: 1, SchemaVersion: 42, Version: 1, Refresh: "1m",
		Time:        timeRange{From: d.from, To: "now"},
		Annotations: noList{[]struct{}{}},
		Links:       links(),
	}
	m.Templating.List = []variable{{
		Name: d.store.variable, Label: d.store.label, Type: "datasource", Query: d.store.plugin, Options: []struct{}{},
	}}
	for _, c := range d.choices {
		m.Templating.List = append(m.Templating.List, c.variable(d.store))
	}
	y := 0
	for _, r := range d.rows {
		m.Panels = append(m.Panels, panelBox{Type: "row", Title: r.title, GridPos: gridPos{H: 1, W: 24, Y: y}})
		var placed []panelBox
		placed, y = r.place(d.store, y+1)
		m.Panels = append(m.Panels, placed...)
	}
	for i := range m.Panels {
		m.Panels[i].ID = i + 1
	}
	return m
}

// place puts the panels of a row into lines of 24 columns, and returns where the next row begins.
func (r row) place(s store, y int) ([]panelBox, int) {
	var placed []panelBox
	x, lowest := 0, y
	for _, p := range r.panels {
		if x+p.width > 24 {
			x, y = 0, lowest
		}
		box := p.box(s)
		box.GridPos = gridPos{H: p.lines(), W: p.width, X: x, Y: y}
		placed = append(placed, box)
		x, lowest = x+p.width, max(lowest, y+p.lines())
	}
	return placed, lowest
}

func (p panel) lines() int {
	switch {
	case p.height > 0:
		return p.height
	case p.kind == stat:
		return 4
	default:
		return 8
	}
}

// links lead from every dashboard to the others, with what is chosen and with the time.
func links() []link {
	to := func(uid, title, tooltip string) link {
		return link{Title: title, Type: "link", URL: "/d/" + uid, Icon: "dashboard", Tooltip: tooltip, Tags: []string{}, IncludeVars: true, KeepTime: true}
	}
	return []link{
		to(uidFleet, "Fleet", "All contracts at a glance"),
		to(uidCap, "Near cap", "Who has little volume left, and who will run out"),
		to(uidLine, "Line", "Everything about one line"),
		to(uidPools, "Pools", "Share groups and who draws from them"),
		to(uidRoaming, "Roaming", "Lines abroad"),
		to(uidSessions, "Sessions", "Authentications and sessions"),
		to(uidOrders, "Orders", "Orders and inventory"),
		to(uidHealth, "Health", "kaisen itself"),
	}
}

func (c choice) variable(s store) variable {
	reference := s.reference()
	v := variable{
		Name: c.name, Label: c.label, Type: "query", Datasource: &reference, Query: c.query, Definition: c.query,
		Refresh: 1, Sort: 1, Multi: !c.one, IncludeAll: !c.one, Options: []struct{}{},
	}
	if s == prometheus() {
		v.Query = promQuery{1, c.query, c.name}
	}
	if !c.one {
		v.Current = &chosen{[]string{"All"}, []string{"$__all"}}
	}
	return v
}

// target is the n-th query of a panel.
func (p panel) target(s store, n int) target {
	t := target{RefID: string(rune('A' + n)), Datasource: s.reference()}
	overTime := p.kind == graph || p.kind == states
	if s == prometheus() {
		t.Expr, t.EditorMode, t.LegendFormat, t.Format = p.asks[n].query, "code", p.asks[n].legend, "time_series"
		t.Range, t.Instant = overTime, !overTime
		if p.kind == table {
			t.Format = "table"
		}
		return t
	}
	t.RawSQL, t.EditorType, t.PluginVersion = p.asks[n].query, "sql", "4.0.0"
	t.QueryType, t.Format = "table", 1
	if overTime {
		t.QueryType, t.Format = "timeseries", 0
	}
	return t
}
