package simulator

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// request is a call that was found valid: its contract and line exist.
type request struct {
	now      int64 // the virtual second it is answered at
	contract *contract
	line     *line // nil where the call names none
	query    url.Values
	effects  effects
}

// prepare checks a request in the carrier's order: token, form of what is in the URL, then whether it exists.
// The answer is the error; nil: all is well.
func (c *Carrier) prepare(r *http.Request, found *route, contractID, lineNo string, q *request, id uint64) *answer {
	if refused := c.authorise(r, q, id); refused != nil {
		return refused
	}
	if !isContractID(contractID) {
		return c.invalid(contractID, "contractId", msgContractForm)
	}
	hasLine := slices.Contains(found.path, pathLine)
	if hasLine && !isLineNo(lineNo) {
		return c.invalid(lineNo, "lineNo", msgLineForm)
	}
	if problem := c.readQuery(r, found, q); problem != nil {
		return problem
	}
	if q.contract = c.byID[contractID]; q.contract == nil {
		return fail(404, msgNoContract)
	}
	if hasLine {
		if q.line = q.contract.byNo[lineNo]; q.line == nil || !q.line.exists(q.now) {
			return fail(404, msgNoLine)
		}
	}
	return nil
}

// authorise looks at the token as the gateway does, before the API sees anything.
func (c *Carrier) authorise(r *http.Request, q *request, id uint64) *answer {
	token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if ok && q.effects.has(FaultTokenDeath) {
		c.tokens.kill(token)
	}
	if ok && c.tokens.valid(token) {
		return nil
	}
	a := gatewayError(401, msgInvalidToken, "The access token is unknown or has expired.", id)
	return &a
}

// readQuery takes the keys the call documents, each once, and nothing in the body.
func (c *Carrier) readQuery(r *http.Request, found *route, q *request) *answer {
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil || r.ContentLength != 0 && !found.body {
		return fail(400, msgBadRequest)
	}
	for key, values := range query {
		if !slices.Contains(found.query, key) || len(values) != 1 {
			return fail(400, msgBadRequest)
		}
	}
	q.query = query
	return nil
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

// isContractID: 固定長 X 10, N123456789. Blanks before or behind are refused, as the documents ask for none.
func isContractID(s string) bool { return len(s) == 10 && s[0] == 'N' && isDigits(s[1:]) }

// isLineNo: 可変長 9 11.
func isLineNo(s string) bool { return len(s) >= 1 && len(s) <= 11 && isDigits(s) }

func isDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
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
	w.lines = q.contract.lines
	byLine, byAuth := q.query.Has("lineNoSearchKey"), q.query.Has("authSearchKey")
	switch {
	case byLine && byAuth:
		return w, fail(400, msgBadRequest)
	case byLine:
		no := q.query.Get("lineNoSearchKey")
		if !isLineNo(no) {
			return w, fail(400, msgFieldFormat+"lineNoSearchKey")
		}
		found := q.contract.byNo[no]
		if found == nil || !found.exists(q.now) {
			return w, fail(404, msgNoLine)
		}
		w.lines = []*line{found}
	case byAuth:
		id := q.query.Get("authSearchKey")
		if len(id) < 8 || len(id) > 64 || !strings.Contains(id, "@") || strings.TrimSpace(id) != id {
			return w, fail(400, msgFieldFormat+"authSearchKey")
		}
		w.lines = nil
		if found := q.contract.byAuth[id]; found != nil {
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
