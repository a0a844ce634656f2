// Package exporter shows the fleet to Prometheus, and to people.
//
// It puts together what three packages make: fleet knows what the carrier last said of each line, exposition keeps that
// rendered as series, page draws it for people. Server serves the fleet's series and an ordinary registry with kaisen's own
// metrics as one exposition, so that a scrape of a hundred thousand lines is a copy, and beside it the pages.
//
// It refuses to ask: a scrape and a page call neither the carrier nor ClickHouse. POST /-/poll alone has the carrier asked.
package exporter

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"syscall"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/exporter-toolkit/web"
	"github.com/sourcegraph/conc"

	"kaisen/exporter/fleet"
)

// Config is section exporter of the configuration, as far as the server is concerned.
type Config struct {
	Listen        string // host:port; port 0 takes a free one
	WebConfigFile string // exporter-toolkit's: TLS, basic auth; empty: neither

	// Hosts are names of this server beside localhost, its addresses, the host in Listen, the machine's own name and names
	// without a dot; * is every name. Requests for others are refused.
	Hosts []string

	Poll Poll // what POST /-/poll does; nil: nothing
	Pace Pace // how often a line is asked about; nil: nobody can say
}

// DefaultConfig listens for this machine only: line numbers are personal data.
func DefaultConfig() Config { return Config{Listen: "127.0.0.1:10842"} }

// Health is what the app knows of the pipeline behind the gauges. A nil function has nothing to say.
type Health struct {
	Ready func() error    // why kaisen is not ready, nil when it is
	Notes func() []string // what else a person should know, such as a carrier that is down
	// Shard of Shards is the part of the lines that is watched here; 0 of 0 or 1 of 1: all of them.
	Shard, Shards int
}

const (
	// shutdownTimeout is how long scrapes under way may take once the server is to stop.
	shutdownTimeout = 3 * time.Second
	// headerTimeout is how long a client may take to say what it wants.
	headerTimeout = 10 * time.Second
	// scrapeTimeout is how long a client may take to read an answer.
	scrapeTimeout = 2 * time.Minute
	// idleTimeout outlives the longest usual scrape interval, so that Prometheus keeps its connection.
	idleTimeout = 5 * time.Minute
)

// Server serves /metrics, /-/healthy, /-/ready, /-/poll, /-/schedule and, for people, /, /line, /lines, /orders and /sites, the lists
// as CSV too.
type Server struct {
	config          Config
	fleet           *fleet.Fleet
	handler         http.Handler
	log             *slog.Logger
	polls           *polls
	listener        net.Listener
	shutdownTimeout time.Duration // the constant, but in tests
}

// New makes a server of a fleet and a registry with kaisen's own metrics. It fails where the registry already has a
// metric of the fleet's names, and makes it refuse them from then on.
func New(config Config, lines *fleet.Fleet, registry *prometheus.Registry, health Health, log *slog.Logger) (*Server, error) {
	if err := registry.Register(registration{lines}); err != nil {
		return nil, fmt.Errorf("the registry has a metric of the fleet's: %w", err)
	}
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", newScrape(lines.Exposition(), registry, log))
	mux.HandleFunc("GET /-/healthy", healthy)
	mux.HandleFunc("GET /-/ready", health.serveReady)
	polls := newPolls(config, lines, log)
	mux.Handle("POST /-/poll", polls)
	pages, err := newPages(lines, registry, health, polls.offered, config.Pace, log)
	if err != nil {
		return nil, err
	}
	pages.register(mux)
	return &Server{config: config, fleet: lines, polls: polls, handler: newHosts(config, mux), log: log, shutdownTimeout: shutdownTimeout}, nil
}

// Listen takes the port, so that a port in use or a wrong web_config_file is an error before anything else starts. It is
// called once, before Run and Addr; Run calls it otherwise.
func (s *Server) Listen(ctx context.Context) error {
	if err := web.Validate(s.config.WebConfigFile); err != nil {
		return &WebConfigError{File: s.config.WebConfigFile, Err: err}
	}
	var network net.ListenConfig
	listener, err := network.Listen(ctx, "tcp", s.config.Listen)
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return fmt.Errorf("exporter.listen %s is taken: %w; choose another in exporter.listen", s.config.Listen, err)
	case err != nil:
		return fmt.Errorf("exporter.listen %s: %w", s.config.Listen, err)
	}
	s.listener = listener
	return nil
}

// Addr is the address that Listen took, nil before.
func (s *Server) Addr() net.Addr {
	if s.listener == nil {
		return nil
	}
	return s.listener.Addr()
}

// Run serves, and keeps the fleet rendered, until ctx ends; scrapes under way then have three seconds.
func (s *Server) Run(ctx context.Context) error {
	if s.listener == nil {
		if err := s.Listen(ctx); err != nil {
			return err
		}
	}
	defer s.listener.Close() // again, where web.Serve came to serving
	server := &http.Server{
		Handler:           s.handler,
		ReadHeaderTimeout: headerTimeout,
		WriteTimeout:      scrapeTimeout,
		IdleTimeout:       idleTimeout,
		ErrorLog:          slog.NewLogLogger(s.log.Handler(), slog.LevelDebug),
	}
	var background conc.WaitGroup
	defer background.Wait()
	defer s.polls.close()
	serving, stop := context.WithCancel(ctx)
	defer stop()
	background.Go(func() { _ = s.fleet.Exposition().Run(serving) }) // it has no error
	background.Go(func() {
		<-serving.Done()
		s.shutDown(context.WithoutCancel(ctx), server)
	})
	noSystemdSocket := false
	err := web.Serve(s.listener, server, &web.FlagConfig{
		WebListenAddresses: &[]string{s.config.Listen},
		WebSystemdSocket:   &noSystemdSocket,
		WebConfigFile:      &s.config.WebConfigFile,
	}, s.log)
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return fmt.Errorf("exporter on %s: %w", s.listener.Addr(), err)
}

// shutDown lets scrapes under way end, and cuts those that take too long.
func (s *Server) shutDown(ctx context.Context, server *http.Server) {
	ctx, cancel := context.WithTimeout(ctx, s.shutdownTimeout)
	defer cancel()
	if err := server.Shutdown(ctx); err != nil {
		s.log.Warn("scrapes were cut off at shutdown", "err", err)
		_ = server.Close() // it closes connections, all of which we give up
	}
}

// healthy reports that the process is alive, and nothing more: a supervisor that asks here must not restart kaisen
// because the carrier is down.
func healthy(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	fmt.Fprintln(w, "kaisen is healthy.")
}

// serveReady answers 200 or, with the reason, 503; and in either case whose lines that is about, and the notes, one a line.
func (h Health) serveReady(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	if err := h.ready(); err != nil {
		w.WriteHeader(http.StatusServiceUnavailable)
		fmt.Fprintf(w, "kaisen is not ready: %v\n", err)
	} else {
		fmt.Fprintln(w, "kaisen is ready.")
	}
	if h.Shards > 1 {
		fmt.Fprintf(w, "It watches shard %d of %d; whether others watch the rest is not seen from here.\n", h.Shard, h.Shards)
	}
	for _, note := range h.notes() {
		fmt.Fprintf(w, "note: %s\n", note)
	}
}

func (h Health) ready() error {
	if h.Ready == nil {
		return nil
	}
	return h.Ready()
}

func (h Health) notes() []string {
	if h.Notes == nil {
		return nil
	}
	return h.Notes()
}
