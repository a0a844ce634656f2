package api

import (
	"net/http"
	"net/url"
	"strconv"

	"kaisen/collector/carrier"
	"kaisen/collector/carrier/lenient"
)

// base is the path that all operations but the token call have in common; that one's is /oauth/v1 (IPoE API 3.4.0, 認証API).
const base = "/infoIpoE/v2"

// query collects the parameters that are told, in the document's order.
type query struct {
	values url.Values
	order  []string
}

func (q *query) text(key, value string) {
	if value == "" {
		return
	}
	if q.values == nil {
		q.values = url.Values{}
	}
	q.values.Set(key, value)
	q.order = append(q.order, key)
}

func (q *query) number(key string, n int) {
	if n != 0 {
		q.text(key, strconv.Itoa(n))
	}
}

func (q *query) date(key string, d lenient.Date) { q.text(key, d.Compact()) }

func (q *query) get(path string) carrier.Wire {
	return carrier.Wire{Method: http.MethodGet, Path: path, Query: q.values, Order: q.order}
}
