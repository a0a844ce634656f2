package simulator

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// api is one of the carrier's three, which differ in their errors.
type api uint8

const (
	apiUnom    api = iota // Universal One Mobile API v2.1
	apiService            // Service Order API
	apiIPoE               // IPoE backend API 3.4.0
)

// bodyUse says what a call does with what a request sends in its body.
type bodyUse uint8

const (
	bodyNone    bodyUse = iota // refused
	bodyIgnored                // its own example sends one, though its table has none
	bodyForm                   // JSON, read by the call
)

// route is one documented call: what it is asked with, and who answers.
type route struct {
	operation string
	api       api
	method    string
	path      []string // names in braces stand for their values
	query     []string // the keys it takes
	status    string   // the value of status that tells it from another call of the same address
	body      bodyUse
	changes   bool // it changes something, so that it is alone while it does
	answer    func(*Carrier, *request) answer
}

// The names in paths.
const (
	pathContract = "{contractId}"
	pathLine     = "{lineNo}"
	pathOrder    = "{orderId}"
	pathReserve  = "{reserveId}"
	pathSite     = "{customerSiteCode}"
	pathCode     = "{orderCode}"
)

const (
	unomBase    = "/v2/unom/contracts/{contractId}"
	serviceBase = "/v1/business-process/"
	ipoeBase    = "/infoIpoE/v2/"
)

// Operations lists the names of the operations that a fault can be limited to.
func Operations() []string {
	names := []string{opToken}
	for _, r := range routes() {
		if !slices.Contains(names, r.operation) {
			names = append(names, r.operation)
		}
	}
	return names
}

func routes() []route { return slices.Concat(readRoutes(), changeRoutes(), otherRoutes()) }

// path cuts an address into its parts.
func path(address string) []string { return strings.Split(address, "/") }

// isTokenURL knows the two addresses the documents give: UNO Mobile API v2.1's and that of IPoE API 3.4.0.
func isTokenURL(path string) bool { return path == unomTokenURL || path == ipoeTokenURL }

const (
	unomTokenURL = "/v1/oauth/accesstokens"
	ipoeTokenURL = "/oauth/v1/accesstokens"
)

// find tells which call a request is, and the names in its URL, not yet looked at. A wrong method is a URL the
// carrier does not have. Calls that only their status tells apart are the first of them where it is none of theirs.
func (c *Carrier) find(r *http.Request) (*route, map[string]string) {
	parts := path(r.URL.EscapedPath())
	var first *route
	var names map[string]string
	for i := range c.routes {
		candidate := &c.routes[i]
		if candidate.method != r.Method || len(candidate.path) != len(parts) || first != nil && candidate.status == "" {
			continue
		}
		found, ok := candidate.match(parts)
		switch {
		case !ok:
		case candidate.status == "" || candidate.status == r.URL.Query().Get("status"):
			return candidate, found
		case first == nil:
			first, names = candidate, found
		}
	}
	return first, names
}

// match is the names in a path with as many parts as the route has.
func (r *route) match(parts []string) (map[string]string, bool) {
	for i, want := range r.path {
		if !isName(want) && want != parts[i] {
			return nil, false
		}
	}
	names := map[string]string{}
	for i, want := range r.path {
		if !isName(want) {
			continue
		}
		value, err := url.PathUnescape(parts[i])
		if err != nil {
			return nil, false
		}
		names[want] = value
	}
	return names, true
}

func isName(part string) bool { return strings.HasPrefix(part, "{") }
