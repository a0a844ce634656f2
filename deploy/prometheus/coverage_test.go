package prometheus

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/value"
	"github.com/prometheus/prometheus/promql/parser"
)

// timeline is a test as promtool takes it, as far as it is looked at here.
type timeline struct {
	Name        string
	Interval    model.Duration
	InputSeries []inputSeries `yaml:"input_series"`
	Checks      []check       `yaml:"promql_expr_test"`
	Alerts      []alertCheck  `yaml:"alert_rule_test"`
}

type inputSeries struct{ Series, Values string }

type alertCheck struct {
	Alertname string
	Expected  []struct {
		Labels map[string]string `yaml:"exp_labels"`
	} `yaml:"exp_alerts"`
}

type check struct {
	Expr     string
	At       model.Duration            `yaml:"eval_time"`
	Expected []struct{ Labels string } `yaml:"exp_samples"`
}

func timelines(t *testing.T) []timeline {
	t.Helper()
	var all []timeline
	for _, file := range glob(t, "tests/*.yml") {
		var content struct{ Tests []timeline }
		read(t, file, &content)
		all = append(all, content.Tests...)
	}
	return all
}

// fires reports whether the check expects the alert to fire with the severity.
func (c check) fires(alert, severity string) bool {
	return slices.ContainsFunc(c.Expected, func(sample struct{ Labels string }) bool {
		return strings.Contains(sample.Labels, fmt.Sprintf("alertname=%q,severity=%q", alert, severity))
	})
}

// restarts are the moments at which a series of the timeline is lost.
func (l timeline) restarts(t *testing.T) []model.Duration {
	t.Helper()
	var all []model.Duration
	for _, series := range l.InputSeries {
		_, values, err := parser.NewParser(parser.Options{}).ParseSeriesDesc(series.Series + " " + series.Values)
		if err != nil {
			t.Errorf("%s: %v", l.Name, err)
		}
		for i, v := range values {
			lost := !v.Omitted && math.Float64bits(v.Value) == value.StaleNaN
			if lost || strings.HasPrefix(series.Series, "up{") && v.Value == 0 {
				all = append(all, model.Duration(i)*l.Interval)
			}
		}
	}
	return all
}

// TestEachAlertIsTested looks into the timelines for what each alert's must have: that it does not fire before it
// should, that it does, that it still does after kaisen was lost for a while, that it is over in the end; and, for one
// severity at least, what it says.
func TestEachAlertIsTested(t *testing.T) {
	all := timelines(t)
	for _, a := range alerts(t) {
		name, severity := a.Alert, a.Labels["severity"]
		said := slices.ContainsFunc(all, func(l timeline) bool {
			for _, one := range l.Alerts {
				if one.Alertname == name && len(one.Expected) > 0 {
					return true
				}
			}
			return false
		})
		if !said {
			t.Errorf("%s: no test of what it says", name)
		}
		if name == watchdog { // it has no beginning and no end
			continue
		}
		if !slices.ContainsFunc(all, func(l timeline) bool { return l.whole(t, name, severity) }) {
			t.Errorf("%s, %s: no timeline in which it waits, fires, outlives a restart and ends", name, severity)
		}
	}
}

// whole reports whether the timeline shows the alert from before its beginning to its end.
func (l timeline) whole(t *testing.T, alert, severity string) bool {
	t.Helper()
	var first, last model.Duration
	count := 0
	for _, c := range l.Checks {
		if c.fires(alert, severity) {
			if count == 0 {
				first = c.At
			}
			last = c.At
			count++
		}
	}
	silent := func(in func(at model.Duration) bool) bool {
		return slices.ContainsFunc(l.Checks, func(c check) bool { return in(c.At) && !c.fires(alert, severity) })
	}
	after := first
	if alert == "KaisenAbsent" { // for which a restart is what it must wait for
		after = 0
	}
	return count >= 2 &&
		silent(func(at model.Duration) bool { return at < first }) &&
		silent(func(at model.Duration) bool { return at > last }) &&
		slices.ContainsFunc(l.restarts(t), func(at model.Duration) bool { return at > after && at <= last })
}
