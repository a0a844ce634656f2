package exporter

import (
	"encoding/json"
	"net/http"
	"time"

	"kaisen/exporter/exposition"
	"kaisen/exporter/fleet"
	"kaisen/exporter/page"
	"kaisen/schema"
)

// Pace is how often the carrier is asked about a line, and why; false where nobody here asks, or it is not known yet.
type Pace func(key schema.LineKey) (page.Pace, bool)

// paceOf is the pace of a line; nil: it is not known.
func (p *pages) paceOf(name fleet.Name) *page.Pace {
	key, known := p.fleet.Key(name)
	if !known || p.pace == nil {
		return nil
	}
	pace, known := p.pace(key)
	if !known {
		return nil
	}
	return &pace
}

// scheduleAnswer is what /-/schedule says of a line.
type scheduleAnswer struct {
	Class    string `json:"class,omitempty"` // missing: not known
	Interval int64  `json:"interval_seconds,omitempty"`
	Text     string `json:"text"`
}

// serveSchedule says how often a line is asked about: /-/schedule?source=…&contract=…&line=…, for kaisen line.
func (p *pages) serveSchedule(w http.ResponseWriter, r *http.Request) {
	name, now := nameOf(r), time.Now().In(p.fleet.Config().Zone)
	if _, known := p.fleet.Key(name); !known {
		http.Error(w, "no line has that", http.StatusNotFound)
		return
	}
	pace := p.paceOf(name)
	answer := scheduleAnswer{Text: p.draw.PaceText(r, pace, now)}
	if pace != nil {
		answer.Class, answer.Interval = pace.Class, int64(pace.Every.Seconds())
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	_ = json.NewEncoder(w).Encode(answer) // a client that left needs no answer
}

// nameOf is the line that a request names.
func nameOf(r *http.Request) fleet.Name {
	value := func(name string) string { return exposition.CleanLabel(r.URL.Query().Get(name)) }
	return fleet.Name{Source: value("source"), ContractID: value("contract"), Label: value("line")}
}

// paceCells are a line's interval, seconds, and its class, for a file.
func (p *pages) paceCells(name fleet.Name) (every, class string) {
	pace := p.paceOf(name)
	if pace == nil {
		return "", ""
	}
	if pace.Every > 0 {
		every = figure(schema.Some(uint64(pace.Every.Seconds())))
	}
	return every, pace.Class
}
