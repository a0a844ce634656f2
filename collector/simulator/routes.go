package simulator

import (
	"net/http"
	"net/url"
	"strings"
)

// The names of the operations, in statistics and in fault lists: those of kaisen_api_requests_total.
const (
	opToken            = "token"
	opContract         = "contract"           // 01
	opLines            = "lines"              // 02
	opTraffic          = "traffic"            // 03
	opAuthentications  = "authentications"    // 04
	opSessions         = "sessions"           // 05
	opDataShareTraffic = "data_share_traffic" // 09
	opDataShare        = "data_share"         // 10
	opSession          = "session"            // 26
	opUnknown          = "unknown"            // no such URL
)

// Operations lists the names of the operations that a fault can be limited to.
func Operations() []string {
	names := []string{opToken}
	for _, r := range routes() {
		names = append(names, r.operation)
	}
	return names
}

// route is one documented call: what it is asked with, and who answers.
type route struct {
	operation string
	method    string
	path      []string // behind /v2/unom/contracts/: contract and line stand for their values
	query     []string // the keys it takes
	body      bool     // its own example sends a body, though its table has none
	answer    func(*Carrier, *request) answer
}

const (
	pathContract = "{contractId}"
	pathLine     = "{lineNo}"
	basePath     = "/v2/unom/contracts/"
)

func routes() []route {
	logKeys := []string{"startTime", "endTime", "authSearchKey", "lineNoSearchKey"}
	return []route{
		{opContract, http.MethodGet, []string{pathContract}, nil, false, (*Carrier).contractCall},
		{opLines, http.MethodGet, []string{pathContract, "lines"}, nil, true, (*Carrier).linesCall},
		{opTraffic, http.MethodGet, []string{pathContract, "lines", pathLine, "traffic"}, nil, false, (*Carrier).trafficCall},
		{opAuthentications, http.MethodGet, []string{pathContract, "authentications"}, logKeys, false, (*Carrier).authenticationsCall},
		{opSessions, http.MethodGet, []string{pathContract, "sessions"}, logKeys, false, (*Carrier).sessionsCall},
		{opDataShareTraffic, http.MethodGet, []string{pathContract, "lines", pathLine, "dataShare", "traffic"}, nil, false, (*Carrier).dataShareTrafficCall},
		{opDataShare, http.MethodGet, []string{pathContract, "dataShare"}, nil, false, (*Carrier).dataShareCall},
		{opSession, http.MethodGet, []string{pathContract, "lines", pathLine, "session"}, nil, false, (*Carrier).sessionCall},
	}
}

// isTokenURL knows the two addresses the documents give: seed 002's and that of seed 001.
func isTokenURL(path string) bool {
	return path == "/v1/oauth/accesstokens" || path == "/oauth/v1/accesstokens"
}

// find tells which call a request is, and the contract and line in its URL, not yet looked at. A wrong method is a
// URL the carrier does not have.
func (c *Carrier) find(r *http.Request) (found *route, contractID, lineNo string) {
	rest, ok := strings.CutPrefix(r.URL.EscapedPath(), basePath)
	if !ok {
		return nil, "", ""
	}
	parts := strings.Split(rest, "/")
	for i := range c.routes {
		if candidate := &c.routes[i]; candidate.method == r.Method {
			if contractID, lineNo, ok := candidate.match(parts); ok {
				return candidate, contractID, lineNo
			}
		}
	}
	return nil, "", ""
}

func (r *route) match(parts []string) (contractID, lineNo string, ok bool) {
	if len(parts) != len(r.path) {
		return "", "", false
	}
	for i, want := range r.path {
		value, err := url.PathUnescape(parts[i])
		if err != nil {
			return "", "", false
		}
		switch want {
		case pathContract:
			contractID = value
		case pathLine:
			lineNo = value
		case value:
		default:
			return "", "", false
		}
	}
	return contractID, lineNo, true
}
