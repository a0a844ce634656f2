package gateway

import (
	"cmp"
	"context"
	"net/http"
	"strconv"
	"time"

	"kaisen/internal/simulator/chance"
)

// Handler serves the APIs. It works without a network. A fault that breaks a connection panics with
// http.ErrAbortHandler, as net/http asks for: whoever calls ServeHTTP without a server must recover it and treat it as
// a broken connection.
func (g *Gateway) Handler() http.Handler { return http.HandlerFunc(g.serve) }

// serve checks, delays, answers and counts one request.
func (g *Gateway) serve(w http.ResponseWriter, r *http.Request) {
	arrived := time.Now() // before anything else: the rate limit goes by it
	wait, admitted := g.limiter.admit(arrived)
	id := g.recorder.begin(arrived)
	found, names := g.find(r)
	operation := opUnknown
	switch {
	case found != nil:
		operation = found.Operation
	case isTokenURL(r.URL.Path) && r.Method == http.MethodPost:
		operation = OpToken
	}
	status := 0 // until the answer was given whole
	defer func() { g.recorder.end(operation, status, !admitted) }()

	if !admitted {
		a := spikeArrest(id, g.limiter.retryAfter(wait))
		status = a.Status
		a.write(w, g.Second())
		return
	}
	e, is := g.faults.Load().draw(id, operation, arrived), g.switched.Load()
	g.delay(r.Context(), e, is.never(operation), id)
	now := g.Second()
	a, faulty := e.instead(g.owner(found), id)
	if !faulty {
		a, faulty = is.trouble(operation, g.owner(found), id)
	}
	if !faulty {
		a = g.answer(r, found, &Request{Operation: operation, Now: now, ID: id, Names: names, Effects: e, Readings: is.Readings})
	}
	a = is.encode(e.spoil(a))
	now += int64(is.ahead(names) / time.Second)
	if a.Delivered != nil { // before it is written, so that a client that has it finds it in the record
		a.Delivered()
	}
	if a.cut {
		a.cutOff(w, now)
	}
	a.write(w, now)
	status = a.Status
}

// owner is the API that answers for a failure: the first, where the URL is nobody's.
func (g *Gateway) owner(found *apiRoute) API {
	if found == nil {
		return g.apis[0]
	}
	return found.api
}

func (g *Gateway) answer(r *http.Request, found *apiRoute, q *Request) Answer {
	if q.Operation == OpToken {
		return g.tokenCall(r, q)
	}
	if found == nil {
		return gatewayError(404, msgUnknownURL, "Unable to identify proxy for the URL.", q.ID)
	}
	if refused := g.prepare(r, found, q); refused != nil {
		return *refused
	}
	return found.Answer(q)
}

// delay takes the time an answer takes. Where the client has gone meanwhile, or by fault, there is no answer.
func (g *Gateway) delay(ctx context.Context, e Effects, never bool, id uint64) {
	if e.Has(FaultDrop) {
		panic(http.ErrAbortHandler)
	}
	if never || e.Has(FaultHang) {
		<-ctx.Done()
		panic(http.ErrAbortHandler)
	}
	d := g.cfg.Latency + e.slow
	if g.cfg.Jitter > 0 {
		d += time.Duration(chance.Of(g.cfg.Seed, chance.AboutLatency, id) % uint64(g.cfg.Jitter))
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
func (a Answer) write(w http.ResponseWriter, now int64) {
	a.head(w, now)
	// A client that went away is no concern of the carrier's.
	_, _ = w.Write(a.Body)
}

func (a Answer) head(w http.ResponseWriter, now int64) {
	h := w.Header()
	h.Set("Date", time.Unix(now, 0).UTC().Format(http.TimeFormat))
	h.Set("Content-Length", strconv.Itoa(len(a.Body)))
	charset := cmp.Or(a.charset, "UTF-8")
	h.Set("Content-Type", "application/json;charset="+charset)
	if a.html {
		h.Set("Content-Type", "text/html; charset="+charset)
	}
	if a.location != "" {
		h.Set("Location", a.location)
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
	w.WriteHeader(a.Status)
}

// cutOff sends the head and half of the body, then closes the connection.
func (a Answer) cutOff(w http.ResponseWriter, now int64) {
	a.head(w, now)
	_, _ = w.Write(a.Body[:len(a.Body)/2])
	_ = http.NewResponseController(w).Flush() // so that the half arrives
	panic(http.ErrAbortHandler)
}
