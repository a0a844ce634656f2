package exporter

import (
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"kaisen/exporter/exposition"
	"kaisen/exporter/fleet"
	"kaisen/exporter/page"
)

// pages are what a person sees at /, /line and /lines: what the fleet and the registry know at this moment, and nothing that
// anybody would have to be asked for. They call lines as /metrics does, and find them by nothing that may not be shown: a page
// that finds a hashed line by its number would reveal the number of every line to anybody who tries long enough.
type pages struct {
	fleet    *fleet.Fleet
	registry prometheus.Gatherer
	health   Health
	draw     *page.Pages
	log      *slog.Logger
}

func newPages(lines *fleet.Fleet, registry prometheus.Gatherer, health Health, log *slog.Logger) (*pages, error) {
	draw, err := page.New()
	if err != nil {
		return nil, fmt.Errorf("the page at /: %w", err)
	}
	return &pages{fleet: lines, registry: registry, health: health, draw: draw, log: log}, nil
}

func (p *pages) register(mux *http.ServeMux) {
	mux.HandleFunc("GET /{$}", p.serveFleet)
	mux.HandleFunc("GET /line", p.serveLine)
	mux.HandleFunc("GET /lines", p.serveLines)
}

// serveFleet is the whole fleet at a glance.
func (p *pages) serveFleet(w http.ResponseWriter, r *http.Request) {
	own, err := p.registry.Gather()
	if err != nil {
		p.log.Warn("some of kaisen's own metrics are missing from the page", "err", err)
	}
	now := time.Now()
	view := page.Fleet{Head: p.head(now, ""), Overview: p.fleet.Overview(now), Notes: p.health.notes()}
	view.Health, view.Version = healthOf(own)
	if err := p.health.ready(); err != nil {
		view.NotReady = err.Error()
	}
	p.answer(w, r, http.StatusOK, view)
}

// serveLine is one line: /line?source=…&contract=…&line=….
func (p *pages) serveLine(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	value := func(name string) string { return exposition.CleanLabel(query.Get(name)) }
	name := fleet.Name{Source: value("source"), ContractID: value("contract"), Label: value("line")}
	now := time.Now()
	head := p.head(now, "")
	if detail, known := p.fleet.Detail(name, now); known {
		p.answer(w, r, http.StatusOK, page.Detail{Head: head, Detail: detail})
		return
	}
	p.answer(w, r, http.StatusNotFound, page.Missing{Head: head, Name: name, Elsewhere: p.fleet.Elsewhere(name)})
}

// serveLines is the lines that a search finds, /lines?q=…, or that are on a list, /lines?list=restricted. The only one that a
// search finds needs no list.
func (p *pages) serveLines(w http.ResponseWriter, r *http.Request) {
	query, list := fleet.SearchText(r.URL.Query().Get("q")), r.URL.Query().Get("list")
	if !slices.Contains(fleet.Lists(), list) {
		list = fleet.ListAll
	}
	now := time.Now()
	found, total := p.fleet.Search(query, list, now)
	if total == 1 && query != "" {
		http.Redirect(w, r, page.Path(found[0].Name), http.StatusSeeOther)
		return
	}
	p.answer(w, r, http.StatusOK, page.Found{Head: p.head(now, query), List: list, Lines: found, Total: total})
}

// head is the beginning of every page.
func (p *pages) head(now time.Time, query string) page.Head {
	config := p.fleet.Config()
	return page.Head{Now: now.In(config.Zone), Labels: string(config.Labels.Form()), Query: query}
}

func (p *pages) answer(w http.ResponseWriter, r *http.Request, status int, view page.View) {
	if err := p.draw.Draw(w, r, status, view); err != nil {
		p.log.Error("the page is broken", "path", r.URL.Path, "err", err)
		http.Error(w, "The page is broken; /metrics is not.", http.StatusInternalServerError)
	}
}
