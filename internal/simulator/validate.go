package simulator

import (
	"io"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// request is a call that was found valid: its contract and line exist.
type request struct {
	now      int64 // the virtual second it is answered at
	id       uint64
	names    map[string]string // in the URL
	query    url.Values
	body     []byte
	effects  effects
	contract *contract
	line     *line // nil where the call names none
}

// prepare checks a request in the carrier's order: token, form of what is in the URL, then whether it exists.
// The answer is the error; nil: all is well.
func (c *Carrier) prepare(r *http.Request, found *route, q *request) *answer {
	if refused := c.authorise(r, q); refused != nil {
		return refused
	}
	if found.api == apiUnom {
		if refused := c.checkNames(q); refused != nil {
			return refused
		}
	}
	if !readQuery(r, found, q) || !readBody(r, found, q) {
		a := found.api.malformed(c, q)
		return &a
	}
	if found.api == apiUnom {
		return c.locate(q)
	}
	return nil
}

// checkNames looks at the form of the names in a URL of UNO Mobile API v2.1.
func (c *Carrier) checkNames(q *request) *answer {
	if id := q.names[pathContract]; !isContractID(id) {
		return c.invalid(id, "contractId", msgContractForm)
	}
	if no, named := q.names[pathLine]; named && !isLineNo(no) {
		return c.invalid(no, "lineNo", msgLineForm)
	}
	if id, named := q.names[pathOrder]; named {
		switch {
		case isOrderID(id, otherOrders): // of another of the carrier's systems
			return fail(400, msgOrderForm)
		case !isOrderID(id, ourOrders):
			return c.invalid(id, "orderId", msgOrderForm)
		}
	}
	if id, named := q.names[pathReserve]; named && !isReserveID(id) {
		return c.invalid(id, "reserveId", msgReserveForm)
	}
	return nil
}

// locate finds the contract and the line.
func (c *Carrier) locate(q *request) *answer {
	if q.contract = c.byID[q.names[pathContract]]; q.contract == nil {
		return fail(404, msgNoContract)
	}
	if no, named := q.names[pathLine]; named {
		if q.line = q.contract.find(no, q.now); q.line == nil {
			return fail(404, msgNoLine)
		}
	}
	return nil
}

// authorise looks at the token as the gateway does, before the API sees anything.
func (c *Carrier) authorise(r *http.Request, q *request) *answer {
	token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if ok && q.effects.has(FaultTokenDeath) {
		c.tokens.kill(token)
	}
	if ok && c.tokens.valid(token) {
		return nil
	}
	a := gatewayError(401, msgInvalidToken, "The access token is unknown or has expired.", q.id)
	return &a
}

// readQuery takes the keys the call documents, each once.
func readQuery(r *http.Request, found *route, q *request) bool {
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return false
	}
	for key, values := range query {
		if !slices.Contains(found.query, key) || len(values) != 1 {
			return false
		}
	}
	q.query = query
	return true
}

// maxBody is what no sane request exceeds: 254 orders are some 100 KiB.
const maxBody = 1 << 20

// readBody takes JSON where the call documents it, and nothing where it does not.
func readBody(r *http.Request, found *route, q *request) bool {
	switch found.body {
	case bodyNone:
		return r.ContentLength == 0
	case bodyIgnored:
		return true
	}
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || kind != "application/json" {
		return false
	}
	q.body, err = io.ReadAll(io.LimitReader(r.Body, maxBody+1))
	return err == nil && len(q.body) <= maxBody
}

// invalid is the error for a malformed value. The examples of the calls say "Field Format Error", the table of
// errors says that version 2 does not and has messages of its own: the style decides, or the value by chance.
func (c *Carrier) invalid(value, field, message string) *answer {
	example := c.cfg.Style == StyleDocument
	if c.cfg.Style == StyleMixed {
		example = len(value)%2 == 0
	}
	if example {
		message = msgFieldFormat + field
	}
	return fail(400, message)
}

func fail(status int, message string) *answer {
	a := apiError(status, message)
	return &a
}

// window is the time span and the lines that a log query asks for.
type window struct {
	from, to int64 // seconds, both included
	lines    []*line
}

// window reads a log query. Times are 固定長 14 in the carrier's zone, at most 30 days back, to the second: a start
// one second older is refused. An end in the future is not.
func (c *Carrier) window(q *request) (window, *answer) {
	var w window
	for _, field := range []struct {
		name string
		to   *int64
	}{{"startTime", &w.from}, {"endTime", &w.to}} {
		at, ok := c.parseTime(q.query.Get(field.name))
		if !ok || at < q.now-backlog {
			return w, fail(400, msgFieldFormat+field.name)
		}
		*field.to = at
	}
	if w.from > w.to {
		return w, fail(400, msgFieldFormat+"endTime")
	}
	if !c.cfg.EndInclusive {
		w.to--
	}
	return c.search(q, w)
}

// search narrows a window to the line or the authentication ID asked for: at most one of them.
func (c *Carrier) search(q *request, w window) (window, *answer) {
	w.lines = q.contract.roster().lines
	byLine, byAuth := q.query.Has("lineNoSearchKey"), q.query.Has("authSearchKey")
	switch {
	case byLine && byAuth:
		return w, fail(400, msgBadRequest)
	case byLine:
		no := q.query.Get("lineNoSearchKey")
		if !isLineNo(no) {
			return w, fail(400, msgFieldFormat+"lineNoSearchKey")
		}
		found := q.contract.find(no, q.now)
		if found == nil {
			return w, fail(404, msgNoLine)
		}
		w.lines = []*line{found}
	case byAuth:
		id := q.query.Get("authSearchKey")
		if len(id) < 8 || len(id) > 64 || !strings.Contains(id, "@") || strings.TrimSpace(id) != id {
			return w, fail(400, msgFieldFormat+"authSearchKey")
		}
		w.lines = nil
		name, domain, _ := strings.Cut(id, "@")
		if found := q.contract.withAuth(name, q.now); found != nil && domain == q.contract.domain {
			w.lines = []*line{found}
		}
	}
	return w, nil
}

// timeForm is YYYYMMDDhhmmss.
const timeForm = "20060102150405"

func (c *Carrier) parseTime(text string) (int64, bool) {
	if len(text) != len(timeForm) || !isDigits(text) {
		return 0, false
	}
	at, err := time.ParseInLocation(timeForm, text, c.cal.zone)
	return at.Unix(), err == nil
}
