package chdb

import (
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"strings"
)

// handler speaks ClickHouse's HTTP interface.
type handler struct {
	engine   *Engine
	database string // of requests that name none
	loopback bool
	log      *slog.Logger
}

// newHandler puts the guards against web pages before the interface: a page in some browser on this machine can
// send requests here too, and there is no password. Pages of other origins are refused where they could change
// something, and names that an attacker's DNS points here are refused altogether.
func newHandler(h *handler) http.Handler {
	guard := http.NewCrossOriginProtection()
	guard.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, "requests from web pages of another origin are refused", http.StatusForbidden)
	}))
	return guard.Handler(h)
}

// ServeHTTP answers one request.
func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("X-ClickHouse-Server-Display-Name", "kaisen")
	switch {
	case h.loopback && !localName(r.Host):
		http.Error(w, "this address answers to localhost and to IP addresses only", http.StatusForbidden)
	case r.URL.Path == "/ping" || r.URL.Path == "/replicas_status":
		io.WriteString(w, "Ok.\n")
	case r.URL.Path != "/":
		http.Error(w, "there is nothing here but /, /ping and /replicas_status", http.StatusNotFound)
	case r.Method != http.MethodGet && r.Method != http.MethodPost && r.Method != http.MethodHead:
		w.Header().Set("Allow", "GET, HEAD, POST")
		http.Error(w, "send GET (which reads only) or POST", http.StatusMethodNotAllowed)
	case r.Method != http.MethodPost && r.URL.RawQuery == "":
		io.WriteString(w, "Ok.\n")
	default:
		h.serveStatement(w, r)
	}
}

func (h *handler) serveStatement(w http.ResponseWriter, r *http.Request) {
	c, err := parseCall(r)
	if err != nil {
		newAnswer(w, &call{}).fail(err)
		return
	}
	if c.queryID != "" {
		w.Header().Set("X-ClickHouse-Query-Id", c.queryID)
	}
	if c.statement.Database == "" {
		c.statement.Database = h.database
	}
	a := newAnswer(w, c)
	sum, err := h.run(r.Context(), c, a)
	if err == nil {
		err = a.finish(sum)
	}
	if err != nil { // said even where the client seems gone: silence would be a 200
		drain(r.Body)
		h.log.Debug("statement refused", "error", asException(err).Code, "query_id", c.queryID)
		a.fail(err)
	}
}

// drain reads what a client still sends of a refused request: one that is busy sending reads no answer. A client
// that sends more than a few seconds' worth is cut off instead.
func drain(body io.Reader) { io.CopyN(io.Discard, body, 256<<20) }

func (h *handler) run(ctx context.Context, c *call, out io.Writer) (Summary, error) {
	if c.data != nil {
		return h.engine.Insert(ctx, c.statement, c.data)
	}
	produce := func(w io.Writer) (Summary, error) { return h.engine.Query(ctx, c.statement, w) }
	if c.format == "Native" && c.nativeRevision > 0 {
		return reencode(out, c.nativeRevision, produce)
	}
	return produce(out)
}

// localName tells whether a Host header is what a client on this machine would send.
func localName(hostport string) bool {
	host, _, err := net.SplitHostPort(hostport)
	if err != nil {
		host = hostport
	}
	if _, err := netip.ParseAddr(strings.Trim(host, "[]")); err == nil {
		return true
	}
	return strings.EqualFold(host, "localhost") || strings.HasSuffix(strings.ToLower(host), ".localhost")
}
