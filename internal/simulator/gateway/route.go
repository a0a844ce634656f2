package gateway

import (
	"net/http"
	"net/url"
	"strings"
)

// API is one of the carrier's behind the gateway: its calls, and its wording for what the gateway refuses in
// its place.
type API interface {
	// Routes are the calls, in the order in which they are looked for.
	Routes() []Route
	// Switches are the readings and troubles that the API can be switched to.
	Switches() []Switch
	// Fault is the answer to a failure of the API itself, 500 or 503.
	Fault(status int, message string, requestID uint64) Answer
	// Malformed is the answer to a request that fits no call: keys that the call does not know, a body that it does
	// not take or cannot read.
	Malformed(*Request) Answer
}

// BodyUse says what a call does with what a request sends in its body.
type BodyUse uint8

// The uses of a body.
const (
	BodyNone    BodyUse = iota // refused
	BodyIgnored                // its own example sends one, though its table has none
	BodyJSON                   // JSON, read by the call
)

// Route is one documented call: what it is asked with, and who answers.
type Route struct {
	Operation string
	Method    string
	Path      string   // names in braces stand for their values
	Query     []string // the keys it takes
	Status    string   // the value of status that distinguishes it from another call of the same address
	Body      BodyUse
	Names     func(*Request) *Answer // looks at the names in the URL before anything else; nil: any will do
	Answer    func(*Request) Answer
}

// OpToken is the operation of the token call, which is the gateway's own, in statistics and in fault lists.
const OpToken = "token"

// opUnknown is the operation of a URL that there is not.
const opUnknown = "unknown"

// The addresses of the token call that the documents give: UNO Mobile API v2.1's and that of IPoE API 3.4.0.
const (
	unomTokenURL = "/v1/oauth/accesstokens"
	ipoeTokenURL = "/oauth/v1/accesstokens"
)

// isTokenURL reports whether a path is one of the token call's.
func isTokenURL(path string) bool { return path == unomTokenURL || path == ipoeTokenURL }

// apiRoute is a route with the API that it belongs to, and its path in parts.
type apiRoute struct {
	Route
	api   API
	parts []string
}

func newAPIRoute(api API, r Route) apiRoute { return apiRoute{r, api, strings.Split(r.Path, "/")} }

// find returns the call that a request is, and the names in its URL, not yet looked at. A wrong method is a URL the
// carrier does not have. Of calls that differ by their status alone it is the first, where the request has the status of neither.
func (g *Gateway) find(r *http.Request) (*apiRoute, map[string]string) {
	parts := strings.Split(r.URL.EscapedPath(), "/")
	var first *apiRoute
	var names map[string]string
	for i := range g.routes {
		candidate := &g.routes[i]
		if candidate.Method != r.Method || len(candidate.parts) != len(parts) || first != nil && candidate.Status == "" {
			continue
		}
		found, ok := candidate.match(parts)
		switch {
		case !ok:
		case candidate.Status == "" || candidate.Status == r.URL.Query().Get("status"):
			return candidate, found
		case first == nil:
			first, names = candidate, found
		}
	}
	return first, names
}

// match returns the names in a path with as many parts as the route has.
func (r *apiRoute) match(parts []string) (map[string]string, bool) {
	for i, want := range r.parts {
		if !isName(want) && want != parts[i] {
			return nil, false
		}
	}
	names := map[string]string{}
	for i, want := range r.parts {
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
