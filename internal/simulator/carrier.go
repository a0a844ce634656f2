package simulator

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"net"
	"net/http"
	"slices"
	"strings"
	"time"

	"kaisen/internal/simulator/calendar"
	"kaisen/internal/simulator/fleet"
	"kaisen/internal/simulator/gateway"
	"kaisen/internal/simulator/ipoe"
	"kaisen/internal/simulator/serviceorder"
	"kaisen/internal/simulator/unom"
)

// Carrier is one simulated carrier with all its state: a gateway with three APIs behind it. Its clock, tokens, faults
// and statistics are the gateway's. It starts no goroutine but in Run.
type Carrier struct {
	*gateway.Gateway

	zone     *time.Location
	fleet    *fleet.Fleet
	unom     *unom.API
	services *serviceorder.API
	ipoe     *ipoe.API
}

// New makes a carrier. The error lists every impossible value of cfg, one a line.
func New(cfg Config) (*Carrier, error) {
	if err := cfg.validate(); err != nil {
		return nil, err
	}
	zone, err := time.LoadLocation(cfg.TimeZone)
	if err != nil {
		return nil, fmt.Errorf("time zone: %w", err)
	}
	if cfg.Start.IsZero() {
		cfg.Start = time.Now()
	}
	cfg.Start = cfg.Start.Round(0) // without the monotonic clock, which is real
	cal := calendar.Calendar{Zone: zone}
	c := &Carrier{zone: zone, fleet: fleet.New(cfg.fleet(cal))}
	c.unom = unom.New(cfg.unom(cal), c.fleet)
	c.services = serviceorder.New(cfg.services(cal))
	c.ipoe = ipoe.New(cfg.ipoe(cal))
	c.Gateway = gateway.New(cfg.gateway(cal), c.unom, c.services, c.ipoe)
	return c, errors.Join(c.SetFaults(cfg.Faults), c.SetReadings(cfg.Readings))
}

// Operations lists the names of the operations that a fault can be limited to.
func Operations() []string { return gateway.Operations(&unom.API{}, &serviceorder.API{}, &ipoe.API{}) }

// Switches lists what a carrier can be switched to: the points on which its documents may be read in more than one way, and
// troubles that last until they are switched off.
func Switches() []Switch { return gateway.Switches(&unom.API{}, &serviceorder.API{}, &ipoe.API{}) }

// ParseFaults reads a fault list as SetFaults takes it. The error lists every mistake, each with its entry.
func ParseFaults(list string) ([]gateway.Fault, error) {
	return gateway.ParseFaults(list, Operations())
}

// Contracts are the contracts' IDs.
func (c *Carrier) Contracts() []string {
	var ids []string
	for _, contract := range c.fleet.Contracts() {
		ids = append(ids, contract.ID)
	}
	return ids
}

// Inject makes events happen, all or, where one is impossible, none. The error lists every mistake.
func (c *Carrier) Inject(events ...fleet.Event) error { return c.fleet.Inject(c.Second, events...) }

// Truth is every line asked for, in the order of the carrier's lists. It is computed as it is read. A query without
// a time asks for now.
func (c *Carrier) Truth(q fleet.TruthQuery) iter.Seq[fleet.LineTruth] {
	if q.At.IsZero() {
		q.At = c.Now()
	}
	return c.fleet.Truth(q)
}

// Orders are the orders that were placed by a time (zero: now), of one contract or of all (""), by contract and the
// newest first.
func (c *Carrier) Orders(at time.Time, contractID string) []unom.OrderTruth {
	return c.unom.OrdersAt(c.secondOf(at), contractID)
}

// ServiceOrders are the orders of the Service Order API that were placed by a time; zero: now.
func (c *Carrier) ServiceOrders(at time.Time) []serviceorder.OrderTruth {
	return c.services.OrdersAt(c.secondOf(at))
}

// Sites are the sites that there were by a time; zero: now.
func (c *Carrier) Sites(at time.Time) []ipoe.SiteTruth { return c.ipoe.SitesAt(c.secondOf(at)) }

// IPoEOrders are the IPoE orders that were placed by a time; zero: now.
func (c *Carrier) IPoEOrders(at time.Time) []ipoe.OrderTruth { return c.ipoe.OrdersAt(c.secondOf(at)) }

// secondOf is a time as the carrier counts; zero: now.
func (c *Carrier) secondOf(at time.Time) int64 {
	if at.IsZero() {
		return c.Second()
	}
	return at.Unix()
}

// Products is the catalogue of call 06, and that of the IPoE account.
func (c *Carrier) Products() ([]unom.ProductTruth, []ipoe.ProductTruth) {
	return unom.Catalogue(), ipoe.Catalogue()
}

// Served is the record of traffic and session answers given with success, as far as it is kept.
func (c *Carrier) Served() unom.Served { return c.unom.Served() }

// ForgetServed empties the record.
func (c *Carrier) ForgetServed() { c.unom.ForgetServed() }

// Secrets are all that nobody but the client may ever see: the keys and passwords of the IPoE sites and orders, which
// are in the carrier's answers, and the passwords that requests brought. The client's secret and tokens are not among
// them. Sorted, each once.
func (c *Carrier) Secrets() []string {
	all := append(c.unom.Secrets(), c.ipoe.Secrets()...)
	slices.Sort(all)
	return slices.Compact(all)
}

// Handler serves the carrier's API and, under /_sim/, what belongs to the simulator itself. It works without a
// network. A fault that breaks a connection panics with http.ErrAbortHandler, as net/http asks for: whoever calls
// ServeHTTP without a server must recover it and treat it as a broken connection.
func (c *Carrier) Handler() http.Handler {
	control, calls := c.control(), c.Gateway.Handler()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/_sim" || strings.HasPrefix(r.URL.Path, "/_sim/") {
			w.Header().Set("Date", c.Now().UTC().Format(http.TimeFormat))
			control.ServeHTTP(w, r)
			return
		}
		calls.ServeHTTP(w, r)
	})
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
		return err
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
		return fmt.Errorf("stopping: %w", err)
	}
	return nil
}
