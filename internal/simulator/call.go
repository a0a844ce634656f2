package simulator

import (
	"strings"
	"time"
)

// checkNames looks at the form of the names in a URL of UNO Mobile API v2.1.
func (u *UnomAPI) checkNames(q *Request) *Answer {
	if id := q.Names[pathContract]; !isContractID(id) {
		return u.invalid(id, "contractId", msgContractForm)
	}
	if no, named := q.Names[pathLine]; named && !isLineNo(no) {
		return u.invalid(no, "lineNo", msgLineForm)
	}
	if id, named := q.Names[pathOrder]; named {
		switch {
		case isOrderID(id, otherOrders): // of another of the carrier's systems
			return fail(400, msgOrderForm)
		case !isOrderID(id, ourOrders):
			return u.invalid(id, "orderId", msgOrderForm)
		}
	}
	if id, named := q.Names[pathReserve]; named && !isReserveID(id) {
		return u.invalid(id, "reserveId", msgReserveForm)
	}
	return nil
}

// locate finds the contract and the line.
func (u *UnomAPI) locate(q *Request) (*call, *Answer) {
	found := &call{Request: q, contract: u.fleet.Contract(q.Names[pathContract])}
	if found.contract == nil {
		return nil, fail(404, msgNoContract)
	}
	if no, named := q.Names[pathLine]; named {
		if found.line = found.contract.find(no, q.Now); found.line == nil {
			return nil, fail(404, msgNoLine)
		}
	}
	return found, nil
}

// invalid is the error for a malformed value. The examples of the calls say "Field Format Error", the table of
// errors says that version 2 does not and has messages of its own: the style decides, or the value by chance.
func (u *UnomAPI) invalid(value, field, message string) *Answer {
	example := u.cfg.Style == StyleDocument
	if u.cfg.Style == StyleMixed {
		example = len(value)%2 == 0
	}
	if example {
		message = msgFieldFormat + field
	}
	return fail(400, message)
}

// window is the time span and the lines that a log query asks for.
type window struct {
	from, to int64 // seconds, both included
	lines    []*line
}

// window reads a log query. Times are 固定長 14 in the carrier's zone, at most 30 days back, to the second: a start
// one second older is refused. An end in the future is not.
func (u *UnomAPI) window(q *call) (window, *Answer) {
	var w window
	for _, field := range []struct {
		name string
		to   *int64
	}{{"startTime", &w.from}, {"endTime", &w.to}} {
		at, ok := u.parseTime(q.Query.Get(field.name))
		if !ok || at < q.Now-backlog {
			return w, fail(400, msgFieldFormat+field.name)
		}
		*field.to = at
	}
	if w.from > w.to {
		return w, fail(400, msgFieldFormat+"endTime")
	}
	if !u.cfg.EndInclusive {
		w.to--
	}
	return u.search(q, w)
}

// search narrows a window to the line or the authentication ID asked for: at most one of them.
func (u *UnomAPI) search(q *call, w window) (window, *Answer) {
	w.lines = q.contract.roster().lines
	byLine, byAuth := q.Query.Has("lineNoSearchKey"), q.Query.Has("authSearchKey")
	switch {
	case byLine && byAuth:
		return w, fail(400, msgBadRequest)
	case byLine:
		no := q.Query.Get("lineNoSearchKey")
		if !isLineNo(no) {
			return w, fail(400, msgFieldFormat+"lineNoSearchKey")
		}
		found := q.contract.find(no, q.Now)
		if found == nil {
			return w, fail(404, msgNoLine)
		}
		w.lines = []*line{found}
	case byAuth:
		id := q.Query.Get("authSearchKey")
		if len(id) < 8 || len(id) > 64 || !strings.Contains(id, "@") || strings.TrimSpace(id) != id {
			return w, fail(400, msgFieldFormat+"authSearchKey")
		}
		w.lines = nil
		name, domain, _ := strings.Cut(id, "@")
		if found := q.contract.withAuth(name, q.Now); found != nil && domain == q.contract.domain {
			w.lines = []*line{found}
		}
	}
	return w, nil
}

// timeForm is YYYYMMDDhhmmss.
const timeForm = "20060102150405"

func (u *UnomAPI) parseTime(text string) (int64, bool) {
	if len(text) != len(timeForm) || !isDigits(text) {
		return 0, false
	}
	at, err := time.ParseInLocation(timeForm, text, u.cal.zone)
	return at.Unix(), err == nil
}
