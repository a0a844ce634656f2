package simulator

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// Carrier is one simulated carrier with all its state. It starts no goroutine but in Run.
type Carrier struct {
	cfg       Config
	cal       calendar
	clock     *clock
	contracts []*contract
	byID      map[string]*contract
	routes    []route

	limiter      *limiter
	tokens       *tokens
	tokensBefore atomic.Uint64 // issued before the statistics were last reset
	faults       atomic.Pointer[faultPlan]
	recorder     *recorder
	record       *record

	book     *book
	services []serviceOrder
	ipoe     *ipoe
	secrets  secrets

	injecting sync.Mutex    // held while events are applied, and by calls that change something
	version   atomic.Uint64 // of everything injected or ordered
	serial    int           // of the next line
}

// New makes a carrier. The error lists every impossible value of cfg, one a line.
func New(cfg Config) (*Carrier, error) {
	if err := cfg.validate(); err != nil {
		return nil, fmt.Errorf("simulator: %w", err)
	}
	zone, err := time.LoadLocation(cfg.TimeZone)
	if err != nil {
		return nil, fmt.Errorf("simulator: time zone: %w", err)
	}
	if cfg.Start.IsZero() {
		cfg.Start = time.Now()
	}
	cfg.Start = cfg.Start.Round(0) // without the monotonic clock, which is real
	cal := calendar{zone}
	today := cal.day(cfg.Start.Unix())
	c := &Carrier{
		cfg: cfg, cal: cal, clock: newClock(cfg.Start, cfg.Speed),
		contracts: fleet(cfg, cal, today),
		byID:      map[string]*contract{}, routes: routes(),
		limiter:  newLimiter(cfg.RPS, cfg.Burst, cfg.RetryAfter),
		tokens:   newTokens(cfg.ClientID, cfg.ClientSecret, cfg.TokenLife),
		recorder: newRecorder(), record: newRecord(cfg.ServedMax),
		book: newBook(), services: serviceOrders(cfg, today), ipoe: newIPoE(cfg, cal, today),
		secrets: secrets{set: map[string]bool{}},
	}
	for _, contract := range c.contracts {
		c.byID[contract.id] = contract
		c.serial += len(contract.roster().lines)
		c.pastOrders(contract)
	}
	return c, c.SetFaults(cfg.Faults)
}

// Now is the virtual time.
func (c *Carrier) Now() time.Time { return c.clock.now().In(c.cal.zone) }

// SetClock changes the virtual clock, whole or not at all.
func (c *Carrier) SetClock(change ClockChange) error { return c.clock.change(change) }

// Credentials are what the token call accepts, for a configuration that left them to chance.
func (c *Carrier) Credentials() (clientID, clientSecret string) { return c.tokens.id, c.tokens.secret }

// KillTokens ends every token in force and tells how many there were.
func (c *Carrier) KillTokens() int { return c.tokens.killAll() }

// SetFaults replaces the fault list, in the form of ParseFaults; windows count from now. Empty ends all faults.
func (c *Carrier) SetFaults(list string) error {
	faults, err := ParseFaults(list)
	if err != nil {
		return err
	}
	c.faults.Store(&faultPlan{faults: faults, since: time.Now(), seed: c.cfg.Seed})
	return nil
}

// Faults is the fault list in force.
func (c *Carrier) Faults() []Fault { return c.faults.Load().faults }

// Contracts are the contracts' IDs.
func (c *Carrier) Contracts() []string {
	ids := make([]string, len(c.contracts))
	for i, contract := range c.contracts {
		ids[i] = contract.id
	}
	return ids
}

// second is the virtual second that is now: what one answer tells is all of one second.
func (c *Carrier) second() int64 { return c.clock.now().Unix() }

func (c *Carrier) momentOf(l *line, at int64) moment {
	return l.moment(at, int64(c.cfg.TurnDelay/time.Second))
}

// grace is how long Run lets answers in flight finish.
const grace = 2 * time.Second

// Run serves the carrier on a listener until ctx ends, then lets answers in flight finish for two seconds. It
// closes the listener, and returns nil unless serving failed.
func (c *Carrier) Run(ctx context.Context, listener net.Listener) error {
	requests, abort := context.WithCancel(context.WithoutCancel(ctx))
	defer abort()
	server := &http.Server{
		Handler: c.Handler(), ConnState: c.ConnState, ReadHeaderTimeout: 10 * time.Second,
		BaseContext: func(net.Listener) context.Context { return requests },
	}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	select {
	case err := <-failed:
		return fmt.Errorf("simulator: %w", err)
	case <-ctx.Done():
	}
	closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), grace)
	defer cancel()
	err := server.Shutdown(closing)
	if errors.Is(err, context.DeadlineExceeded) {
		abort() // answers that never come, by fault
		err = server.Close()
	}
	<-failed
	if err != nil {
		return fmt.Errorf("simulator: stopping: %w", err)
	}
	return nil
}
