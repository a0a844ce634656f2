package carrier

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// Operation is one documented operation of the carrier, as kaisen api offers it.
type Operation struct {
	API      string         // unom, serviceorder, ipoe
	Number   string         // the document's number, "03"; "" where it has none
	Name     string         // in metrics and errors, "traffic"
	Command  []string       // {"traffic", "get"}: kaisen api unom traffic get
	Summary  string         // one line for people
	Method   string         // GET, POST, PUT, DELETE
	Path     string         // "/v2/unom/contracts/{contractId}/lines/{lineNo}/traffic"
	Document string         // and its section, "UNO Mobile API v2.1, §03"
	Changes  bool           // it changes something at the carrier
	New      func() Request // a request with nothing filled in; its exported fields with `json` names are what flags and --file fill

	// Compare is what only the carrier's own lists can tell of a request, asked for before it is sent: nil, or Violations,
	// or an *Error where they could not be read. It changes nothing; nil where there is nothing to compare.
	Compare func(context.Context, *Client, Request) error

	// Hide takes the secrets out of an answer that could not be understood and is to be shown; nil where answers have none.
	Hide func(body []byte) []byte

	// Reveal is an answer of Decode with its secrets, for who asks for them; nil where answers have none.
	Reveal func(answer any) any

	// Decode makes the typed answer (a pointer or a slice) of a reply, for printing as JSON. Secrets stay in it.
	// Times that the carrier writes without an offset are meant in the zone. An answer that is rows with something
	// around them has a method Rows() any, which is what a table shows. Beside an answer without some of its rows is a
	// *LeftOutError.
	Decode func(Reply, *time.Location) (any, error)

	// Explain reads what the carrier said of a call that failed, where its API has a shape of errors of its own; nil
	// where package carrier has read it already.
	Explain func(error) error
}

// Request is what one operation sends. Struct fields carry tags: `json:"contractId"` name, `arg:"1"` positional order
// in kaisen api, `doc:"…"` meaning, length, unit. The fields of an embedded struct are the request's own among flags
// (reflect.VisibleFields); where it has a json name (lineInfo), a file nests them under it as the document does.
type Request interface {
	// Validate is nil or Violations: every rule of the document that is broken, by field. The carrier's clock is now,
	// and its location decides which day it is there.
	Validate(now time.Time) error
	// Spec is the request as it is sent, checked or not.
	Spec() RequestSpec
}

// RequestSpec is a request on its way.
type RequestSpec struct {
	Method string
	Path   string // escaped, beginning with a slash, below the account's BaseURL
	Query  url.Values
	Order  []string // the keys of Query as the document orders them; those not named follow, sorted
	Body   []byte   // JSON; nil: none

	// Complaint reads an answer with status 2xx for one that asks for less all the same, and says how, in one of few
	// words; "" where it does not. nil: there is no such answer.
	Complaint func(body []byte) string

	// Group is what the request is one of, which may be in trouble as a whole, a contract; "": nothing.
	Group string

	MaxBody   int64 // bytes that the answer may have, as far as the document allows; 0: 1 MiB
	Anonymous bool  // goes out without a token: the call that issues one

	// Beside is the path that the API's other targets begin with, where this one does not.
	Beside string
}

// Target is path and query as they stand in the request line. The @ of an authentication ID stays as it is, which a
// query allows and the documents show.
func (s RequestSpec) Target() string {
	if len(s.Query) == 0 {
		return s.Path
	}
	var b strings.Builder
	b.WriteString(s.Path)
	sign := byte('?')
	write := func(key string) {
		for _, value := range s.Query[key] {
			b.WriteByte(sign)
			b.WriteString(url.QueryEscape(key))
			b.WriteByte('=')
			b.WriteString(strings.ReplaceAll(url.QueryEscape(value), "%40", "@"))
			sign = '&'
		}
	}
	for _, key := range s.Order {
		write(key)
	}
	for _, key := range slices.Sorted(maps.Keys(s.Query)) {
		if !slices.Contains(s.Order, key) {
			write(key)
		}
	}
	return b.String()
}

// String names the request without its body, which may hold a password, and without whole line numbers.
func (s RequestSpec) String() string { return s.Method + " " + maskDigits(s.Target()) }

// GoString keeps %#v from what String leaves out.
func (s RequestSpec) GoString() string { return s.String() }

// Changes reports whether a request may change something at the carrier.
func (s RequestSpec) Changes() bool { return s.Method != http.MethodGet }

// Violation is one rule of the document that a request breaks.
type Violation struct {
	Field   string // as the document names it; linesList[0].planCode inside lists
	Problem string // in words, without the value where that is a secret
}

// Violations are all rules that a request breaks.
type Violations []Violation

// Error lists all violations, one a line when there is more than one.
func (v Violations) Error() string {
	lines := make([]string, len(v))
	for i, one := range v {
		lines[i] = one.Field + ": " + one.Problem
	}
	return strings.Join(lines, "\n")
}

// Add notes one more violation.
func (v *Violations) Add(field, format string, args ...any) {
	*v = append(*v, Violation{Field: field, Problem: fmt.Sprintf(format, args...)})
}

// Err is the violations as an error, nil where there is none.
func (v Violations) Err() error {
	if len(v) == 0 {
		return nil
	}
	return v
}
