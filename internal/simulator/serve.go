package simulator

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Handler serves the carrier's API and, under /_sim/, what belongs to the simulator itself. It works without a
// network. A fault that breaks a connection panics with http.ErrAbortHandler, as net/http asks for: whoever calls
// ServeHTTP without a server must recover it and treat it as a broken connection.
func (c *Carrier) Handler() http.Handler {
	control := c.control()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		arrived := time.Now() // before anything else: the rate limit judges by it
		if r.URL.Path == "/_sim" || strings.HasPrefix(r.URL.Path, "/_sim/") {
			w.Header().Set("Date", c.Now().UTC().Format(http.TimeFormat))
			control.ServeHTTP(w, r)
			return
		}
		c.serve(w, r, arrived)
	})
}

// serve judges, delays, answers and counts one request.
func (c *Carrier) serve(w http.ResponseWriter, r *http.Request, arrived time.Time) {
	wait, admitted := c.limiter.admit(arrived)
	id := c.recorder.begin(arrived)
	found, names := c.find(r)
	operation := opUnknown
	switch {
	case found != nil:
		operation = found.operation
	case isTokenURL(r.URL.Path) && r.Method == http.MethodPost:
		operation = opToken
	}
	status := 0 // until the answer was given whole
	defer func() { c.recorder.end(operation, status, !admitted) }()

	if !admitted {
		a := gatewayError(429, "Too Many Requests", "Spike arrest violation.", id)
		a.retryAfter = c.limiter.retryAfter(wait)
		status = a.status
		c.write(w, a, c.second())
		return
	}
	e := c.faults.Load().draw(id, operation, arrived)
	c.delay(r.Context(), e, id)
	now := c.second()
	a, faulty := e.instead(found, id)
	if !faulty {
		a = c.answer(r, found, &request{now: now, id: id, names: names, effects: e}, operation)
	}
	a = e.spoil(a)
	c.record.keep(a)
	if a.cut {
		c.cut(w, a, now)
	}
	c.write(w, a, now)
	status = a.status
}

func (c *Carrier) answer(r *http.Request, found *route, q *request, operation string) answer {
	if operation == opToken {
		return c.tokenCall(r, q.id)
	}
	if found == nil {
		return gatewayError(404, msgUnknownURL, "Unable to identify proxy for the URL.", q.id)
	}
	if refused := c.prepare(r, found, q); refused != nil {
		return *refused
	}
	if found.changes {
		c.injecting.Lock()
		defer c.injecting.Unlock()
	}
	return found.answer(c, q)
}

// delay takes the time an answer takes. Where the client has gone meanwhile, or by fault, there is no answer.
func (c *Carrier) delay(ctx context.Context, e effects, id uint64) {
	if e.has(FaultDrop) {
		panic(http.ErrAbortHandler)
	}
	if e.has(FaultHang) {
		<-ctx.Done()
		panic(http.ErrAbortHandler)
	}
	d := c.cfg.Latency + e.slow
	if c.cfg.Jitter > 0 {
		d += time.Duration(of(c.cfg.Seed, aboutLatency, id) % uint64(c.cfg.Jitter))
	}
	if d <= 0 {
		return
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
		panic(http.ErrAbortHandler)
	}
}

// write sends an answer. Its Date is the virtual second that the answer speaks of.
func (c *Carrier) write(w http.ResponseWriter, a answer, now int64) {
	c.head(w, a, now)
	// A client that went away is no concern of the carrier's.
	_, _ = w.Write(a.body)
}

func (c *Carrier) head(w http.ResponseWriter, a answer, now int64) {
	h := w.Header()
	h.Set("Date", time.Unix(now, 0).UTC().Format(http.TimeFormat))
	h.Set("Content-Length", strconv.Itoa(len(a.body)))
	h.Set("Content-Type", "application/json;charset=UTF-8")
	if a.html {
		h.Set("Content-Type", "text/html; charset=UTF-8")
	}
	if a.retryAfter != "" {
		h.Set("Retry-After", a.retryAfter)
	}
	if a.challenge != "" {
		h.Set("WWW-Authenticate", a.challenge)
	}
	if a.noStore {
		h.Set("Cache-Control", "no-store")
		h.Set("Pragma", "no-cache")
	}
	w.WriteHeader(a.status)
}

// cut sends the head and half of the body, then closes the connection.
func (c *Carrier) cut(w http.ResponseWriter, a answer, now int64) {
	c.head(w, a, now)
	_, _ = w.Write(a.body[:len(a.body)/2])
	_ = http.NewResponseController(w).Flush() // so that the half arrives
	panic(http.ErrAbortHandler)
}
