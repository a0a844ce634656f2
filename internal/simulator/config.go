package simulator

import (
	"errors"
	"fmt"
	"math"
	"time"

	"kaisen/internal/simulator/calendar"
	"kaisen/internal/simulator/fleet"
	"kaisen/internal/simulator/gateway"
	"kaisen/internal/simulator/ipoe"
	"kaisen/internal/simulator/serviceorder"
	"kaisen/internal/simulator/unom"
	"kaisen/internal/simulator/wire"
)

// Config is what a simulated carrier is made from. DefaultConfig says what is sensible; New lists everything
// that is not.
type Config struct {
	Seed        uint64    // everything that happens follows from it and Start: same seed, same start, same truth
	Lines       int       // lines in all, spread evenly over the contracts
	ExtraLines  int       // more lines in the first contract; with more than MaxRows there, its list is cut off
	Contracts   int       // number of contracts, N000000001 and on; ContractIDs comes before it
	ContractIDs []string  // the contracts by name: N and nine digits
	ShareLines  int       // lines of the one data share group, all in the first contract; 0: no group, else at least 2
	Start       time.Time // virtual time at the start; zero: now
	Speed       float64   // virtual seconds a real second; 1: real time, 0: frozen
	TimeZone    string    // in which the carrier's days turn and its logs are written: an IANA name

	RPS        float64            // requests a second let through, tokens included, in real time; 0: no limit
	Burst      int                // how many may come at once; at least 1 where RPS is set
	RetryAfter gateway.RetryAfter // what a 429 says: ceil, floor, date or none
	Latency    time.Duration      // real time each answer takes
	Jitter     time.Duration      // up to this much more
	Faults     string             // what goes wrong, in the form of ParseFaults; empty: nothing
	Readings   map[string]string  // how the documents are read, and troubles that last: values by the names that Switches lists

	TurnDelay     time.Duration // figures of days and months turn this long after the virtual midnight; below 24h
	MaxRows       int           // rows after which lists and log queries end; nothing says that there are more
	Style         wire.Style    // document, modern or mixed
	SessionPeriod time.Duration // mean time from one session of a line to its next, in virtual time; at least 15m

	Orders        int           // orders that each contract has behind it at the start
	OrderPace     time.Duration // virtual time an order stays in each of its first statuses; at least 1s
	ServiceOrders int           // orders of the Service Order API, half of them of uno
	Holidays      []string      // weekdays on which its details are closed too, YYYY-MM-DD; the documents name none
	IPoESites     int           // sites of the IPoE account, each with the order that opened it

	ClientID     string        // accepted in both token styles; empty: random, see Credentials
	ClientSecret string        // likewise
	TokenLife    time.Duration // real time a token lasts, at least 1s
	ServedMax    int           // traffic and session answers kept each for /_sim/truth/served; older ones are dropped and counted
}

// DefaultConfig is a small, well-behaved carrier in real time, without a rate limit.
func DefaultConfig() Config {
	return Config{
		Seed: 1, Lines: 200, Contracts: 3, ShareLines: 20, Speed: 1, TimeZone: "Asia/Tokyo",
		Burst: 10, RetryAfter: gateway.RetryFloor, MaxRows: 1000, Style: wire.StyleMixed, SessionPeriod: 16 * time.Hour,
		OrderPace: time.Minute, ServiceOrders: 24, IPoESites: 40,
		ClientID: "simulator", ClientSecret: "simulator-secret", TokenLife: time.Hour, ServedMax: 200_000,
	}
}

// validate lists every impossible value, each with its field's name.
func (c Config) validate() error {
	var errs []error
	need := func(ok bool, format string, args ...any) {
		if !ok {
			errs = append(errs, fmt.Errorf(format, args...))
		}
	}
	errs = append(errs, c.validateLines(), gateway.CheckSpeed(c.Speed))
	if _, err := time.LoadLocation(c.TimeZone); err != nil || c.TimeZone == "" {
		errs = append(errs, fmt.Errorf("time zone %q: not an IANA name such as Asia/Tokyo", c.TimeZone))
	}
	if y := c.Start.Year(); !c.Start.IsZero() {
		need(y >= 1975 && y <= 2200, "start: year %d is outside 1975 to 2200", y)
	}
	need(c.RPS >= 0 && !math.IsInf(c.RPS, 0) && c.RPS <= 1e6, "rps %v: must be 0 (no limit) to 1,000,000", c.RPS)
	need(c.RPS == 0 || c.Burst >= 1, "burst %d: must be at least 1 where rps is set", c.Burst)
	switch c.RetryAfter {
	case gateway.RetryCeil, gateway.RetryFloor, gateway.RetryDate, gateway.RetryNone:
	default:
		need(false, "retry after %q: must be ceil, floor, date or none", c.RetryAfter)
	}
	switch c.Style {
	case wire.StyleDocument, wire.StyleModern, wire.StyleMixed:
	default:
		need(false, "style %q: must be document, modern or mixed", c.Style)
	}
	need(c.Latency >= 0 && c.Jitter >= 0, "latency %s, jitter %s: must not be negative", c.Latency, c.Jitter)
	need(c.TurnDelay >= 0 && c.TurnDelay < 24*time.Hour, "turn delay %s: must be 0 to below 24h", c.TurnDelay)
	need(c.MaxRows >= 1, "max rows %d: must be at least 1", c.MaxRows)
	need(c.SessionPeriod >= fleet.MinSessionPeriod, "session period %s: must be at least 15m", c.SessionPeriod)
	errs = append(errs, c.validateOrders())
	need(c.TokenLife >= time.Second, "token life %s: must be at least 1s", c.TokenLife)
	need(c.ServedMax >= 0, "served max %d: must not be negative", c.ServedMax)
	if _, err := ParseFaults(c.Faults); err != nil {
		errs = append(errs, fmt.Errorf("faults: %w", err))
	}
	if _, err := gateway.ParseReadings(c.Readings, Switches()); err != nil {
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

func (c Config) validateOrders() error {
	var errs []error
	most := func(name string, n, most int) {
		if n < 0 || n > most {
			errs = append(errs, fmt.Errorf("%s %d: must be 0 to %d", name, n, most))
		}
	}
	most("orders", c.Orders, 100_000)
	most("service orders", c.ServiceOrders, 100_000)
	most("ipoe sites", c.IPoESites, 100_000)
	if c.OrderPace < time.Second || c.OrderPace > 24*time.Hour {
		errs = append(errs, fmt.Errorf("order pace %s: must be 1s to 24h", c.OrderPace))
	}
	for _, holiday := range c.Holidays {
		if _, err := time.Parse(time.DateOnly, holiday); err != nil {
			errs = append(errs, fmt.Errorf("holiday %q: must be YYYY-MM-DD", holiday))
		}
	}
	return errors.Join(errs...)
}

// validateLines looks at lines, contracts and the group, which has no mistake of its own where the lines have one.
func (c Config) validateLines() error {
	var errs []error
	for _, of := range []struct {
		name string
		n    int
	}{{"lines", c.Lines}, {"extra lines", c.ExtraLines}} {
		if of.n < 0 || of.n > 1_000_000 {
			errs = append(errs, fmt.Errorf("%s %d: must be 0 to 1,000,000", of.name, of.n))
		}
	}
	if err := c.validateContracts(); err != nil {
		errs = append(errs, err)
	}
	switch first := c.linesOf(0); {
	case c.ShareLines < 0 || c.ShareLines == 1:
		errs = append(errs, fmt.Errorf("share lines %d: must be 0 or at least 2", c.ShareLines))
	case len(errs) == 0 && c.ShareLines > first:
		errs = append(errs, fmt.Errorf("share lines %d: the first contract has only %d lines", c.ShareLines, first))
	}
	return errors.Join(errs...)
}

func (c Config) validateContracts() error {
	var errs []error
	seen := map[string]bool{}
	for _, id := range c.ContractIDs {
		if !unom.IsContractID(id) {
			errs = append(errs, fmt.Errorf("contract %q: must be N and nine digits", id))
		}
		if seen[id] {
			errs = append(errs, fmt.Errorf("contract %s: given twice", id))
		}
		seen[id] = true
	}
	if len(c.ContractIDs) == 0 && (c.Contracts < 1 || c.Contracts > 10_000) {
		errs = append(errs, fmt.Errorf("contracts %d: must be 1 to 10,000", c.Contracts))
	}
	return errors.Join(errs...)
}

// linesOf is how many lines the i-th contract has.
func (c Config) linesOf(i int) int {
	contracts := len(c.ContractIDs)
	if contracts == 0 {
		contracts = max(c.Contracts, 1)
	}
	n := c.Lines / contracts
	if i < c.Lines%contracts {
		n++
	}
	if i == 0 {
		n += c.ExtraLines
	}
	return n
}

// contracts are the contracts with the number of their lines.
func (c Config) contracts() []fleet.ContractSize {
	ids := c.ContractIDs
	for i := 0; len(c.ContractIDs) == 0 && i < c.Contracts; i++ {
		ids = append(ids, fmt.Sprintf("N%09d", i+1))
	}
	sizes := make([]fleet.ContractSize, len(ids))
	for i, id := range ids {
		sizes[i] = fleet.ContractSize{ID: id, Lines: c.linesOf(i)}
	}
	return sizes
}

func (c Config) fleet(cal calendar.Calendar) fleet.Config {
	return fleet.Config{
		Seed: c.Seed, Contracts: c.contracts(), ShareLines: c.ShareLines, Start: c.Start, Calendar: cal,
		SessionPeriod: c.SessionPeriod, TurnDelay: c.TurnDelay, MaxRows: c.MaxRows,
	}
}

func (c Config) unom(cal calendar.Calendar) unom.Config {
	return unom.Config{
		Calendar: cal, Start: c.Start, Style: c.Style, MaxRows: c.MaxRows,
		Orders: c.Orders, OrderPace: c.OrderPace, ServedMax: c.ServedMax,
	}
}

func (c Config) services(cal calendar.Calendar) serviceorder.Config {
	return serviceorder.Config{
		Seed: c.Seed, Calendar: cal, Start: c.Start, Style: c.Style, Orders: c.ServiceOrders, Holidays: c.Holidays,
	}
}

func (c Config) ipoe(cal calendar.Calendar) ipoe.Config {
	return ipoe.Config{
		Seed: c.Seed, Calendar: cal, Start: c.Start, Style: c.Style, Sites: c.IPoESites, OrderPace: c.OrderPace,
	}
}

func (c Config) gateway(cal calendar.Calendar) gateway.Config {
	return gateway.Config{
		Seed: c.Seed, Start: c.Start, Speed: c.Speed, Zone: cal.Zone, Style: c.Style,
		RPS: c.RPS, Burst: c.Burst, RetryAfter: c.RetryAfter, Latency: c.Latency, Jitter: c.Jitter,
		ClientID: c.ClientID, ClientSecret: c.ClientSecret, TokenLife: c.TokenLife,
	}
}
