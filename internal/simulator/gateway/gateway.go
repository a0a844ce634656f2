// Package gateway is what stands before the carrier's APIs and what they have in common: tokens, rate limit, faults,
// delays, statistics, the virtual clock, and the way from a URL to the call that answers it. It knows an API by its
// routes alone, and refuses to know what a call is about: what an API says of itself, it says in its own words.
package gateway

import (
	"net"
	"net/http"
	"slices"
	"sync/atomic"
	"time"

	"kaisen/internal/simulator/wire"
)

// Config is what a gateway is made from. New takes it as it is: whoever fills it in has checked it.
type Config struct {
	Seed  uint64    // of what faults and delays leave to chance
	Start time.Time // virtual time at the start
	Speed float64   // virtual seconds a real second
	Zone  *time.Location
	Style wire.Style // decides on the status of a token answer

	RPS             float64 // requests a second let through; 0: no limit
	Burst           int
	RetryAfter      RetryAfter
	Latency, Jitter time.Duration // real time each answer takes, and up to how much more

	ClientID, ClientSecret string // empty: random
	TokenLife              time.Duration
}

// Gateway is what stands before the carrier's APIs, and what they have in common. It starts no goroutine.
type Gateway struct {
	cfg    Config
	clock  *clock
	routes []apiRoute
	apis   []API

	limiter      *limiter
	tokens       *tokens
	tokensBefore atomic.Uint64 // issued before the statistics were last reset
	faults       atomic.Pointer[faultPlan]
	switched     atomic.Pointer[switched]
	recorder     *recorder
}

// New makes a gateway before APIs. What goes wrong with a URL of none of them has the shape of the first.
func New(cfg Config, apis ...API) *Gateway {
	g := &Gateway{
		cfg: cfg, clock: newClock(cfg.Start, cfg.Speed), apis: apis,
		limiter:  newLimiter(cfg.RPS, cfg.Burst, cfg.RetryAfter),
		tokens:   newTokens(cfg.ClientID, cfg.ClientSecret, cfg.TokenLife),
		recorder: newRecorder(),
	}
	g.switched.Store(&switched{})
	for _, api := range apis {
		for _, route := range api.Routes() {
			g.routes = append(g.routes, newAPIRoute(api, route))
		}
	}
	return g
}

// Operations lists the names of the operations that a fault can be limited to, the token call's first.
func Operations(apis ...API) []string {
	names := []string{OpToken}
	for _, api := range apis {
		for _, r := range api.Routes() {
			if !slices.Contains(names, r.Operation) {
				names = append(names, r.Operation)
			}
		}
	}
	return names
}

// Now is the virtual time.
func (g *Gateway) Now() time.Time { return g.clock.now().In(g.cfg.Zone) }

// Second is the virtual second that is now: what one answer says is all of one second.
func (g *Gateway) Second() int64 { return g.clock.now().Unix() }

// Speed is how many virtual seconds pass in a real one.
func (g *Gateway) Speed() float64 { return g.clock.speed() }

// SetClock changes the virtual clock, whole or not at all.
func (g *Gateway) SetClock(change ClockChange) error { return g.clock.change(change) }

// Credentials are what the token call accepts, for a configuration that left them to chance.
func (g *Gateway) Credentials() (clientID, clientSecret string) { return g.tokens.id, g.tokens.secret }

// KillTokens ends every token in force and returns how many there were.
func (g *Gateway) KillTokens() int { return g.tokens.killAll() }

// SetFaults replaces the fault list, in the form of ParseFaults; windows count from now. Empty ends all faults.
func (g *Gateway) SetFaults(list string) error {
	faults, err := ParseFaults(list, Operations(g.apis...))
	if err != nil {
		return err
	}
	g.faults.Store(&faultPlan{faults: faults, since: time.Now(), seed: g.cfg.Seed})
	return nil
}

// Faults is the fault list in force.
func (g *Gateway) Faults() []Fault { return g.faults.Load().faults }

// Stats is a copy of the statistics so far.
func (g *Gateway) Stats() Stats {
	s := g.recorder.read()
	s.TokensIssued = g.tokens.count() - g.tokensBefore.Load()
	return s
}

// ResetStats starts the statistics again.
func (g *Gateway) ResetStats() {
	g.recorder.reset()
	g.tokensBefore.Store(g.tokens.count())
}

// ConnState counts connections: hang it on the http.Server that serves Handler.
func (g *Gateway) ConnState(_ net.Conn, state http.ConnState) {
	if state == http.StateNew {
		g.recorder.connection()
	}
}
