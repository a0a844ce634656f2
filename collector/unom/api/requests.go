package api

import (
	"bytes"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"kaisen/collector/carrier"
	"kaisen/collector/carrier/lenient"
)

// below is an address below a contract: /v2/unom/contracts/N123456789/lines/09012345678/traffic.
func below(contractID string, parts ...string) string {
	var b strings.Builder
	b.WriteString("/v2/unom/contracts/")
	b.WriteString(url.PathEscape(contractID))
	for _, part := range parts {
		b.WriteByte('/')
		b.WriteString(url.PathEscape(part))
	}
	return b.String()
}

// contractOf is what the addresses below a contract have in common; "" of others.
func contractOf(path string) string {
	const contracts = "/v2/unom/contracts/"
	id, below := strings.CutPrefix(path, contracts)
	if id, _, more := strings.Cut(id, "/"); below && more {
		return contracts + id
	}
	return ""
}

func get(path string) carrier.RequestSpec {
	return carrier.RequestSpec{Method: http.MethodGet, Path: path, Group: contractOf(path)}
}

const (
	// maxList is how large a list of at most MaxRows small rows may be: 16 KiB a row, blanks of all widths between them.
	maxList = 16 << 20
	// maxLines is how large call 02 may be: MaxRows rows with six texts of 1,024 characters (planCode, simNumber,
	// deviceName, imei, authenticationId, note), each of up to 12 bytes (\ud840\udc0b), and what is between them.
	maxLines = 96 << 20
)

// list is a GET whose answer is a list.
func list(path string, most int64) carrier.RequestSpec {
	return carrier.RequestSpec{Method: http.MethodGet, Path: path, Group: contractOf(path), MaxBody: most}
}

// remove is a DELETE, whose agreement stands in the query since v2.1 (2017-10-25).
func remove(path string, a Agreement) carrier.RequestSpec {
	return carrier.RequestSpec{Method: http.MethodDelete, Path: path, Query: url.Values{"agreement": {string(a)}}}
}

// send is a POST or a PUT. Body is a struct in the document's order.
func send(method, path string, body any) carrier.RequestSpec {
	return carrier.RequestSpec{Method: method, Path: path, Body: lenient.Body(body)}
}

// terms is the body of a change without anything else (call 24).
type terms struct {
	Agreement Agreement `json:"agreement"`
}

// agreedInfo is the body of a change of one line.
type agreedInfo[T any] struct {
	Agreement Agreement `json:"agreement"`
	Info      T         `json:"lineInfo"`
}

// Day is a calendar day of a request, YYYYMMDD, in the carrier's zone.
type Day string

const (
	dayForm  = "20060102"
	timeForm = "20060102150405"
)

// DayOf is the day of t in t's own location.
func DayOf(t time.Time) Day { return Day(t.Format(dayForm)) }

// in is the day's midnight in a zone; false for what is no day of the calendar.
func (d Day) in(zone *time.Location) (time.Time, bool) {
	at, err := time.ParseInLocation(dayForm, string(d), zone)
	return at, err == nil && len(d) == len(dayForm)
}

// Number is an order's number within one request, 1..999 (連番: number, UNO Mobile API v2.1, §11, §12, §14). 0 is its place in the
// list. The tables give it three digits, the examples ten, which is how it is sent; answers have it without zeros.
type Number uint16

// at is the number of the order at a place of its list, counted from 0.
func (n Number) at(place int) Number {
	if n == 0 {
		return Number(place + 1)
	}
	return n
}

// MarshalJSON writes ten digits, as the examples of calls 12 and 14 do.
func (n Number) MarshalJSON() ([]byte, error) { return fmt.Appendf(nil, `"%010d"`, n), nil }

// UnmarshalJSON reads a number with or without quotes and zeros.
func (n *Number) UnmarshalJSON(text []byte) error {
	read, err := strconv.ParseUint(string(bytes.Trim(text, `"`)), 10, 16)
	if err != nil {
		return fmt.Errorf("number is %s, want 1 to 999", text)
	}
	*n = Number(read)
	return nil
}
