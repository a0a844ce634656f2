package dashboards

import (
	"fmt"
	"strconv"
)

// box is the panel as Grafana takes it, not yet in its place.
func (p panel) box(s store) panelBox {
	reference := s.reference()
	b := panelBox{
		Type: string(p.kind), Title: p.title, Description: p.about, Datasource: &reference,
		TimeFrom: p.since, Interval: p.every, Options: p.options(s),
		FieldConfig: &fieldConfig{Defaults: p.defaults(s), Overrides: []override{}},
	}
	for i := range p.asks {
		b.Targets = append(b.Targets, p.target(s, i))
	}
	for _, c := range p.columns {
		b.FieldConfig.Overrides = append(b.FieldConfig.Overrides, c.override())
	}
	if p.kind == table && s == prometheus() {
		b.Transformations = p.arrange()
	}
	return b
}

func (p panel) defaults(s store) fieldDefaults {
	d := fieldDefaults{Unit: string(p.unit), NoValue: p.empty, DisplayName: p.series, Custom: p.custom(s)}
	if p.steps != nil {
		d.Thresholds = &thresholds{"absolute", p.steps}
		d.Color = &color{"thresholds"}
	}
	if p.words != nil {
		d.Mappings = mappings(p.words)
		d.Color = &color{"thresholds"}
	}
	if p.max > 0 {
		zero := 0.0
		d.Min, d.Max = &zero, &p.max
	}
	return d
}

func mappings(words []mapped) []mapping {
	byValue := make(map[string]mapped, len(words))
	for _, w := range words {
		byValue[strconv.Itoa(w.Index)] = w
	}
	return []mapping{{"value", byValue}}
}

// custom is what each type of panel has of its own for all of its fields. In an answer of ClickHouse a series has a hole
// wherever another has a value; one of Prometheus has a hole where nobody was scraped, which should be seen.
func (p panel) custom(s store) map[string]any {
	holes := s == clickhouse()
	switch p.kind {
	case graph:
		c := p.how.custom()
		c["spanNulls"] = holes
		return c
	case states:
		return map[string]any{"fillOpacity": 80, "lineWidth": 0, "spanNulls": holes}
	case chart:
		return map[string]any{"fillOpacity": 80, "lineWidth": 0}
	case table:
		return map[string]any{"align": "auto", "filterable": true, "cellOptions": map[string]any{"type": "auto"}}
	default:
		return nil
	}
}

func (how drawing) custom() map[string]any {
	c := map[string]any{"drawStyle": "line", "lineWidth": 2, "fillOpacity": 10, "showPoints": "auto", "axisSoftMin": 0}
	switch how {
	case stairs:
		c["lineInterpolation"] = "stepAfter"
	case stacked:
		c["lineWidth"], c["fillOpacity"] = 1, 40
		c["stacking"] = map[string]any{"mode": "normal", "group": "A"}
	case columnsOverTime:
		c["drawStyle"], c["lineWidth"], c["fillOpacity"] = "bars", 0, 80
		c["stacking"] = map[string]any{"mode": "normal", "group": "A"}
	}
	return c
}

// options is what each type of panel has of its own beside its fields.
func (p panel) options(s store) map[string]any {
	legend := map[string]any{"showLegend": true, "displayMode": "list", "placement": "bottom", "calcs": []string{}}
	tooltip := map[string]any{"mode": "multi", "sort": "desc"}
	// Of Prometheus each series is a figure, of ClickHouse each row.
	rows := s == clickhouse() && p.kind != stat
	reduce := map[string]any{"calcs": []string{"lastNotNull"}, "fields": "", "values": rows}
	switch p.kind {
	case stat:
		return map[string]any{"reduceOptions": reduce, "colorMode": "value", "graphMode": "none", "textMode": "auto", "justifyMode": "center"}
	case bars:
		return map[string]any{"reduceOptions": reduce, "displayMode": "basic", "orientation": "horizontal", "valueMode": "color", "showUnfilled": true}
	case graph:
		return map[string]any{"legend": legend, "tooltip": tooltip}
	case states:
		return map[string]any{"legend": legend, "tooltip": tooltip, "mergeValues": true, "showValue": "auto", "rowHeight": 0.8, "alignValue": "left"}
	case chart:
		return map[string]any{"legend": legend, "tooltip": tooltip, "orientation": "auto", "showValue": "auto", "stacking": "none", "barWidth": 0.8}
	default:
		return map[string]any{"showHeader": true, "cellHeight": "sm"}
	}
}

// override is what a table's column looks like.
func (c column) override() override {
	o := override{Matcher: matcher{"byName", c.name}}
	set := func(id string, value any) { o.Properties = append(o.Properties, property{id, value}) }
	set("displayName", c.title)
	if c.unit != "" {
		set("unit", c.unit)
	}
	if c.width > 0 {
		set("custom.width", c.width)
	}
	if c.bar {
		set("custom.cellOptions", map[string]any{"type": "gauge", "mode": "basic", "valueDisplayMode": "text"})
		set("min", 0)
		set("max", 1)
	} else if c.steps != nil {
		set("custom.cellOptions", map[string]any{"type": "color-text"})
	}
	if c.steps != nil {
		set("color", color{"thresholds"})
		set("thresholds", thresholds{"absolute", c.steps})
	}
	if c.link != "" {
		set("links", []dataLink{{"Open", c.link}})
	}
	return o
}

// arrange makes one table of Prometheus's answers, one for each query: joined by their labels, in the order of the
// columns, and without the time of asking.
func (p panel) arrange() []transformation {
	order := make(map[string]int, len(p.columns))
	for i, c := range p.columns {
		order[c.name] = i
	}
	return []transformation{
		{"merge", map[string]any{}},
		{"organize", map[string]any{"excludeByName": map[string]bool{"Time": true}, "indexByName": order, "renameByName": map[string]string{}}},
	}
}

// figure is what Grafana calls the values of the n-th of several queries of a table.
func figure(n int) string { return fmt.Sprintf("Value #%c", 'A'+n) }
