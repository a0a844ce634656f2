package exporter

import (
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"kaisen/exporter/fleet"
	"kaisen/exporter/page"
)

// pages are what a person sees at /, /line, /lines, /orders and /sites: what the fleet and the registry know at this moment, and
// nothing that anybody would have to be asked for. They call lines as /metrics does, and find them by nothing that may not be
// shown: a page that finds a hashed line by its number would reveal the number of every line to anybody who tries long enough.
type pages struct {
	fleet    *fleet.Fleet
	registry prometheus.Gatherer
	health   Health
	draw     *page.Pages
	pollable func() bool // whether a line's page may offer to ask about it
	pace     Pace        // nil: nobody can say
	log      *slog.Logger
}

func newPages(lines *fleet.Fleet, registry prometheus.Gatherer, health Health, pollable func() bool, pace Pace, log *slog.Logger) (*pages, error) {
	draw, err := page.New()
	if err != nil {
		return nil, fmt.Errorf("the page at /: %w", err)
	}
	return &pages{fleet: lines, registry: registry, health: health, draw: draw, pollable: pollable, pace: pace, log: log}, nil
}

func (p *pages) register(mux *http.ServeMux) {
	mux.HandleFunc("GET /{$}", p.serveFleet)
	mux.HandleFunc("GET /line", p.serveLine)
	mux.HandleFunc("GET /-/schedule", p.serveSchedule)
	mux.HandleFunc("GET /lines", p.serveLines)
	mux.HandleFunc("GET /lines.csv", p.linesCSV)
	mux.HandleFunc("GET /pools.csv", p.poolsCSV)
	mux.HandleFunc("GET /orders", p.serveOrders)
	mux.HandleFunc("GET /orders.csv", p.ordersCSV)
	mux.HandleFunc("GET /sites", p.serveSites)
	mux.HandleFunc("GET /sites.csv", p.sitesCSV)
}

// serveFleet is the whole fleet at a glance.
func (p *pages) serveFleet(w http.ResponseWriter, r *http.Request) {
	own, err := p.registry.Gather()
	if err != nil {
		p.log.Warn("some of kaisen's own metrics are missing from the page", "err", err)
	}
	now := time.Now()
	view := page.Fleet{Head: p.head(r, now), Overview: p.fleet.Overview(now), Notes: p.health.notes()}
	view.Health, view.Version = healthOf(own)
	if err := p.health.ready(); err != nil {
		view.NotReady = err.Error()
	}
	p.answer(w, r, http.StatusOK, view)
}

// serveLine is one line: /line?source=…&contract=…&line=….
func (p *pages) serveLine(w http.ResponseWriter, r *http.Request) {
	name, now := nameOf(r), time.Now()
	head := p.head(r, now)
	if detail, known := p.fleet.Detail(name, now); known {
		p.answer(w, r, http.StatusOK, page.Detail{Head: head, Detail: detail, Pollable: p.pollable(), Pace: p.paceOf(name)})
		return
	}
	p.answer(w, r, http.StatusNotFound, page.Missing{Head: head, Name: name, Elsewhere: p.fleet.Elsewhere(name)})
}

// head is the beginning of every page.
func (p *pages) head(r *http.Request, now time.Time) page.Head {
	config := p.fleet.Config()
	values := r.URL.Query()
	text, _ := searchText(values.Get("q"))
	return page.Head{Now: now.In(config.Zone), Labels: string(config.Labels.Form()), Nameless: config.Names == fleet.NamesNone, Shard: p.health.Shard, Shards: p.health.Shards, Text: text, Path: r.URL.Path, Values: values}
}

func (p *pages) answer(w http.ResponseWriter, r *http.Request, status int, view page.View) {
	if err := p.draw.Draw(w, r, status, view); err != nil {
		p.log.Error("the page is broken", "path", r.URL.Path, "err", err)
		http.Error(w, "The page is broken; /metrics is not.", http.StatusInternalServerError)
	}
}
