package app

import (
	"math"

	"kaisen/collector"
	"kaisen/exporter/page"
	"kaisen/schema"
)

// pace is how often the account that watches a line asks about it, and why.
func (a *App) pace(key schema.LineKey) (page.Pace, bool) {
	for _, account := range a.inForce() {
		if pacer, can := account.Collector.(collector.LinePacer); can && account.name == key.Source {
			pace, known := pacer.LinePace(key.ContractID, key.LineNo)
			return shownPace(pace), known
		}
	}
	return page.Pace{}, false
}

// shownPace is a pace as the exporter takes it.
func shownPace(p collector.Pace) page.Pace {
	share := func(of float64) schema.Opt[float64] {
		if math.IsNaN(of) {
			return schema.Opt[float64]{}
		}
		return schema.Some(of)
	}
	class := p.Class.String()
	if p.Fixed && class == "routine" {
		class = page.FixedPace
	}
	return page.Pace{Class: class, Every: p.Interval, Due: p.Due, Left: share(p.Left), Threshold: share(p.Threshold), Crossing: p.Crossing,
		Failures: p.Failures, Pool: p.Pool}
}
