package unom

import (
	"strings"
	"time"

	"kaisen/internal/simulator/fleet"
	"kaisen/internal/simulator/gateway"
	"kaisen/internal/simulator/wire"
)

// checkNames looks at the form of the names in a URL of UNO Mobile API v2.1.
func (u *API) checkNames(q *gateway.Request) *gateway.Answer {
	if id := q.Names[pathContract]; !IsContractID(id) {
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
func (u *API) locate(q *gateway.Request) (*call, *gateway.Answer) {
	found := &call{Request: q, contract: u.fleet.Contract(q.Names[pathContract])}
	if found.contract == nil {
		return nil, fail(404, msgNoContract)
	}
	if no, named := q.Names[pathLine]; named {
		if found.line = found.contract.Find(no, q.Now); found.line == nil {
			return nil, fail(404, msgNoLine)
		}
	}
	return found, u.refused(found)
}

// invalid is the error for a malformed value. The examples of the calls say "Field Format Error", the table of
// errors says that version 2 does not and has messages of its own: the style decides, or the value by chance.
func (u *API) invalid(value, field, message string) *gateway.Answer {
	if u.cfg.Style.AsPrinted(uint64(len(value))) {
		message = msgFieldFormat + field
	}
	return fail(400, message)
}

// window is the time span and the lines that a log query asks for.
type window struct {
	from, to int64 // seconds, both included
	lines    []*fleet.Line
}

// oldest is the oldest second that a log query may ask for.
func (u *API) oldest(q *call) int64 {
	switch q.Readings[readReach] {
	case "calendar":
		return u.cal.Midnight(u.cal.Day(q.Now - fleet.Backlog))
	case "calendar_short":
		return u.cal.Midnight(u.cal.Day(q.Now-fleet.Backlog) + 1)
	default:
		return q.Now - fleet.Backlog
	}
}

// window reads a log query. Times are 固定長 14 in the carrier's zone: a start one second older than the oldest is
// refused. An end in the future is not.
func (u *API) window(q *call) (window, *gateway.Answer) {
	var w window
	for _, field := range []struct {
		name string
		to   *int64
	}{{"startTime", &w.from}, {"endTime", &w.to}} {
		at, ok := u.parseTime(q.Query.Get(field.name))
		if !ok || at < u.oldest(q) {
			return w, fail(400, msgFieldFormat+field.name)
		}
		*field.to = at
	}
	if w.from > w.to {
		return w, fail(400, msgFieldFormat+"endTime")
	}
	if q.Readings.Is(readStart, "outside") {
		w.from++
	}
	if !q.Readings.Is(readEnd, "inside") {
		w.to--
	}
	return u.search(q, w)
}

// search narrows a window to the line or the authentication ID asked for: at most one of them.
func (u *API) search(q *call, w window) (window, *gateway.Answer) {
	w.lines = q.contract.Lines()
	byLine, byAuth := q.Query.Has("lineNoSearchKey"), q.Query.Has("authSearchKey")
	switch {
	case byLine && byAuth:
		return w, fail(400, msgBadRequest)
	case byLine:
		no := q.Query.Get("lineNoSearchKey")
		if !isLineNo(no) {
			return w, fail(400, msgFieldFormat+"lineNoSearchKey")
		}
		found := q.contract.Find(no, q.Now)
		if found == nil {
			return w, fail(404, msgNoLine)
		}
		w.lines = []*fleet.Line{found}
	case byAuth:
		id := q.Query.Get("authSearchKey")
		if len(id) < 8 || len(id) > 64 || !strings.Contains(id, "@") || strings.TrimSpace(id) != id {
			return w, fail(400, msgFieldFormat+"authSearchKey")
		}
		w.lines = nil
		name, domain, _ := strings.Cut(id, "@")
		if found := q.contract.WithAuth(name, q.Now); found != nil && domain == q.contract.Domain {
			w.lines = []*fleet.Line{found}
		}
	}
	return w, nil
}

// timeForm is YYYYMMDDhhmmss.
const timeForm = "20060102150405"

func (u *API) parseTime(text string) (int64, bool) {
	if len(text) != len(timeForm) || !wire.IsDigits(text) {
		return 0, false
	}
	at, err := time.ParseInLocation(timeForm, text, u.cal.Zone)
	return at.Unix(), err == nil
}

// The forms of the names that stand in the URLs of UNO Mobile API v2.1.

// IsContractID: 固定長 X 10, N123456789. Blanks before or behind are refused, as the documents ask for none.
func IsContractID(s string) bool { return len(s) == 10 && s[0] == 'N' && wire.IsDigits(s[1:]) }

// isLineNo: 可変長 9 11.
func isLineNo(s string) bool { return len(s) >= 1 && len(s) <= 11 && wire.IsDigits(s) }

// The tags of orders: those of this API, and those of other systems, whose orders it does not know.
const (
	ourOrders   = "AGU"
	otherOrders = "AGB"
)

// isOrderID: 固定長 X9 64, AGU1712080057782: a tag and digits.
func isOrderID(s, tag string) bool {
	rest, tagged := strings.CutPrefix(s, tag)
	return tagged && rest != "" && len(s) <= 64 && wire.IsDigits(rest)
}

// isReserveID: 固定長 9 15 in the tables, 17 digits in the example of call 10.
func isReserveID(s string) bool { return len(s) >= 15 && len(s) <= 17 && wire.IsDigits(s) }
