package gateway

import (
	"io"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// Request is a call with a good token, whose query and body have the documented form.
type Request struct {
	Operation string
	Now       int64             // the virtual second it is answered at
	ID        uint64            // its number among all requests
	Names     map[string]string // in the URL, by their names in Path
	Query     url.Values
	Body      []byte
	Effects   Effects
	Readings  Readings
}

// prepare checks a request in the carrier's order: token, form of what is in the URL, then the query and the body.
// The answer is the error; nil: all is well.
func (g *Gateway) prepare(r *http.Request, found *apiRoute, q *Request) *Answer {
	if refused := g.authorise(r, q); refused != nil {
		return refused
	}
	if found.Names != nil {
		if refused := found.Names(q); refused != nil {
			return refused
		}
	}
	if !readQuery(r, found, q) || !readBody(r, found, q) {
		a := found.api.Malformed(q)
		return &a
	}
	return nil
}

// authorise looks at the token before the API sees anything.
func (g *Gateway) authorise(r *http.Request, q *Request) *Answer {
	token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if ok && q.Effects.Has(FaultTokenDeath) {
		g.tokens.kill(token)
	}
	if ok && g.tokens.valid(token) {
		return nil
	}
	a := gatewayError(401, msgInvalidToken, "The access token is unknown or has expired.", q.ID)
	return &a
}

// readQuery takes the keys the call documents, each once.
func readQuery(r *http.Request, found *apiRoute, q *Request) bool {
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return false
	}
	for key, values := range query {
		if !slices.Contains(found.Query, key) || len(values) != 1 {
			return false
		}
	}
	q.Query = query
	return true
}

// maxBody is what no sane request exceeds: 254 orders are some 100 KiB.
const maxBody = 1 << 20

// readBody takes JSON where the call documents it, and nothing where it does not.
func readBody(r *http.Request, found *apiRoute, q *Request) bool {
	switch found.Body {
	case BodyNone:
		return r.ContentLength == 0
	case BodyIgnored:
		return true
	}
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || kind != "application/json" {
		return false
	}
	q.Body, err = io.ReadAll(io.LimitReader(r.Body, maxBody+1))
	return err == nil && len(q.Body) <= maxBody
}
