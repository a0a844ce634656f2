package simulator

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"kaisen/internal/simulator/fleet"
	"kaisen/internal/simulator/gateway"
)

const controlHelp = `The simulator's own side. It is neither limited nor counted, and asks for no token.

GET    /_sim/clock          the virtual time and its speed
POST   /_sim/clock          {"now": RFC 3339, "advance": "10m", "speed": 60}: any of them
GET    /_sim/stats          requests by operation and status, rejected, tokens, connections, times
DELETE /_sim/stats          start counting again
GET    /_sim/faults         the fault list
POST   /_sim/faults         {"faults": "429:0.01,traffic.slow:0.1:2s,503:30s@60s"}
DELETE /_sim/faults         no more faults
GET    /_sim/readings       each reading and trouble with its values and the one it has
POST   /_sim/readings       {"session_stop_time": "start"}: these, and of the others the first value
DELETE /_sim/readings       the first value of each
DELETE /_sim/tokens         every token in force dies
POST   /_sim/events         an event or a list of them, see type Event of package simulator
GET    /_sim/truth          ?at=RFC 3339&contract=&line=&days=: what is true, in full
GET    /_sim/truth/served   traffic and session answers given whole
DELETE /_sim/truth/served   forget them
GET    /_sim/truth/orders   ?at=RFC 3339&contract=: every order with all its statuses, those to come among them
GET    /_sim/truth/products the catalogue of call 06
GET    /_sim/truth/service_orders, sites, ipoe_orders, ipoe_products
                            ?at=RFC 3339: what the other two APIs tell of
GET    /_sim/truth/secrets  the keys and passwords that nobody but the client may see
`

// control serves what belongs to the simulator and not to the carrier.
func (c *Carrier) control() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /_sim/", func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/_sim/" {
			w.WriteHeader(http.StatusNotFound)
		}
		_, _ = io.WriteString(w, controlHelp)
	})
	mux.HandleFunc("GET /_sim/clock", func(w http.ResponseWriter, _ *http.Request) { c.replyClock(w) })
	mux.HandleFunc("POST /_sim/clock", c.postClock)
	mux.HandleFunc("GET /_sim/stats", func(w http.ResponseWriter, _ *http.Request) { reply(w, c.Stats()) })
	mux.HandleFunc("DELETE /_sim/stats", func(w http.ResponseWriter, _ *http.Request) { c.ResetStats(); reply(w, c.Stats()) })
	mux.HandleFunc("GET /_sim/faults", func(w http.ResponseWriter, _ *http.Request) { c.replyFaults(w) })
	mux.HandleFunc("POST /_sim/faults", c.postFaults)
	mux.HandleFunc("DELETE /_sim/faults", func(w http.ResponseWriter, _ *http.Request) {
		_ = c.SetFaults("") // an empty list has no mistakes
		c.replyFaults(w)
	})
	mux.HandleFunc("GET /_sim/readings", func(w http.ResponseWriter, _ *http.Request) { c.replyReadings(w) })
	mux.HandleFunc("POST /_sim/readings", c.postReadings)
	mux.HandleFunc("DELETE /_sim/readings", func(w http.ResponseWriter, _ *http.Request) {
		_ = c.SetReadings(nil) // none has no mistakes
		c.replyReadings(w)
	})
	mux.HandleFunc("DELETE /_sim/tokens", func(w http.ResponseWriter, _ *http.Request) {
		reply(w, map[string]int{"killed": c.KillTokens()})
	})
	mux.HandleFunc("POST /_sim/events", c.postEvents)
	mux.HandleFunc("GET /_sim/truth", c.getTruth)
	mux.HandleFunc("GET /_sim/truth/served", func(w http.ResponseWriter, _ *http.Request) { reply(w, c.Served()) })
	mux.HandleFunc("DELETE /_sim/truth/served", func(w http.ResponseWriter, _ *http.Request) {
		c.ForgetServed()
		reply(w, c.Served())
	})
	c.controlOrders(mux)
	return mux
}

// reply writes a value as JSON. A client that went away is no concern of the simulator's.
func reply(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v)
}

// refuse answers a control request with every mistake in it.
func refuse(w http.ResponseWriter, err error) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusBadRequest)
	_ = json.NewEncoder(w).Encode(map[string][]string{"errors": strings.Split(err.Error(), "\n")})
}

// maxControlBody bounds what a test may send at once.
const maxControlBody = 16 << 20

// decode reads JSON strictly: an unknown key is a mistake of the test that sends it.
func decode(text []byte, into any) error {
	d := json.NewDecoder(strings.NewReader(string(text)))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return fmt.Errorf("body: %w", err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errors.New("body: more than one JSON value")
	}
	return nil
}

func read(w http.ResponseWriter, r *http.Request, into any) error {
	text, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxControlBody))
	if err != nil {
		return fmt.Errorf("body: %w", err)
	}
	return decode(text, into)
}

func (c *Carrier) replyClock(w http.ResponseWriter) {
	reply(w, struct {
		Now   time.Time `json:"now"`
		Speed float64   `json:"speed"`
	}{c.Now(), c.Speed()})
}

func (c *Carrier) postClock(w http.ResponseWriter, r *http.Request) {
	var change gateway.ClockChange
	err := read(w, r, &change)
	if err == nil {
		err = c.SetClock(change)
	}
	if err != nil {
		refuse(w, err)
		return
	}
	c.replyClock(w)
}

func (c *Carrier) replyFaults(w http.ResponseWriter) {
	var entries []string
	for _, f := range c.Faults() {
		entries = append(entries, f.String())
	}
	reply(w, map[string]string{"faults": strings.Join(entries, ",")})
}

func (c *Carrier) postFaults(w http.ResponseWriter, r *http.Request) {
	var body struct {
		Faults string `json:"faults"`
	}
	err := read(w, r, &body)
	if err == nil {
		err = c.SetFaults(body.Faults)
	}
	if err != nil {
		refuse(w, err)
		return
	}
	c.replyFaults(w)
}

func (c *Carrier) replyReadings(w http.ResponseWriter) {
	type reading struct {
		Name   string   `json:"name"`
		Value  string   `json:"value"`
		Values []string `json:"values"`
		About  string   `json:"about"`
	}
	var all []reading
	now := c.Readings()
	for _, s := range Switches() {
		all = append(all, reading{s.Name, now[s.Name], s.Values, s.About})
	}
	reply(w, map[string]any{"readings": all})
}

func (c *Carrier) postReadings(w http.ResponseWriter, r *http.Request) {
	var values map[string]string
	err := read(w, r, &values)
	if err == nil {
		err = c.SetReadings(values)
	}
	if err != nil {
		refuse(w, err)
		return
	}
	c.replyReadings(w)
}

// postEvents takes one event or an array of them.
func (c *Carrier) postEvents(w http.ResponseWriter, r *http.Request) {
	var raw json.RawMessage
	var events []fleet.Event
	err := read(w, r, &raw)
	if err == nil && len(raw) > 0 && raw[0] == '{' {
		events = make([]fleet.Event, 1)
		err = decode(raw, &events[0])
	} else if err == nil {
		err = decode(raw, &events)
	}
	if err == nil {
		err = c.Inject(events...)
	}
	if err != nil {
		refuse(w, err)
		return
	}
	reply(w, map[string]int{"applied": len(events)})
}

// truthTime is the time of which a truth is asked: now, where the request does not say.
func (c *Carrier) truthTime(r *http.Request) (time.Time, error) {
	text := r.FormValue("at")
	if text == "" {
		return c.Now(), nil
	}
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return at, fmt.Errorf("at %q: must be RFC 3339", text)
	}
	return at, nil
}

// getTruth streams, because a large fleet's truth is large.
func (c *Carrier) getTruth(w http.ResponseWriter, r *http.Request) {
	at, err := c.truthTime(r)
	q := fleet.TruthQuery{At: at, Contract: r.FormValue("contract"), Line: r.FormValue("line")}
	errs := []error{err}
	if text := r.FormValue("days"); text != "" {
		days, err := strconv.Atoi(text)
		if err != nil || days < 1 || days > 400 {
			errs = append(errs, fmt.Errorf("days %q: must be 1 to 400", text))
		}
		q.Days = days
	}
	if err := errors.Join(errs...); err != nil {
		refuse(w, err)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	fmt.Fprintf(w, "{\"at\": %q, \"time_zone\": %q, \"lines\": [", q.At.In(c.zone).Format(time.RFC3339), c.zone)
	lines := json.NewEncoder(w)
	separator := ""
	for t := range c.Truth(q) {
		_, _ = io.WriteString(w, separator)
		if lines.Encode(t) != nil || r.Context().Err() != nil {
			return
		}
		separator = ","
	}
	_, _ = io.WriteString(w, "]}\n")
}

// controlOrders serves these truths under /_sim/truth/.
func (c *Carrier) controlOrders(mux *http.ServeMux) {
	truth := func(name string, of func(at time.Time, r *http.Request) any) {
		mux.HandleFunc("GET /_sim/truth/"+name, func(w http.ResponseWriter, r *http.Request) {
			at, err := c.truthTime(r)
			if err != nil {
				refuse(w, err)
				return
			}
			reply(w, map[string]any{name: of(at, r)})
		})
	}
	truth("orders", func(at time.Time, r *http.Request) any { return c.Orders(at, r.FormValue("contract")) })
	truth("service_orders", func(at time.Time, _ *http.Request) any { return c.ServiceOrders(at) })
	truth("sites", func(at time.Time, _ *http.Request) any { return c.Sites(at) })
	truth("ipoe_orders", func(at time.Time, _ *http.Request) any { return c.IPoEOrders(at) })
	truth("secrets", func(time.Time, *http.Request) any { return c.Secrets() })
	truth("products", func(time.Time, *http.Request) any { unom, _ := c.Products(); return unom })
	truth("ipoe_products", func(time.Time, *http.Request) any { _, ipoe := c.Products(); return ipoe })
}
