package api

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"kaisen/collector/carrier"
)

// Every call for a list takes every form in which a search may have found nothing, and says which it was.
func TestEveryFormOfNothing(t *testing.T) {
	for form, tt := range map[string]struct {
		status int
		body   string // with the list's key for %s
		want   Empty
	}{
		"list":          {200, `{"contractId":"N123456789","%s":[]}`, EmptyList},
		"null":          {200, `{"contractId":"N123456789","%s":null}`, EmptyNull},
		"NULL":          {200, `{"%s":"NULL"}`, EmptyNull},
		"missing":       {200, `{"contractId":"N123456789"}`, EmptyMissing},
		"empty object":  {200, `{}`, EmptyMissing},
		"no body":       {204, ``, Empty204},
		"404 row 11":    {404, `{"responseHeader":{"errorCode":"404","errorMessage":"The order is not found"}}`, Empty404},
		"404 row 21":    {404, `{"responseHeader":{"errorCode":"404","errorMessage":"Not Found"}}`, Empty404},
		"404 row 4":     {404, `{"responseHeader":{"errorCode":"404","errorMessage":"The requested contractId is not found."}}`, ""},
		"404 page":      {404, `<html><h1>404 Not Found</h1></html>`, ""},
		"404 fault":     {404, `{"fault":{"faultstring":"Not Found"}}`, ""},
		"400 row 22":    {400, `{"responseHeader":{"errorCode":"400","errorMessage":"Bad Request"}}`, Empty400},
		"400 row 1":     {400, `{"responseHeader":{"errorCode":"400","errorMessage":"Field Format Error: startTime"}}`, Empty400},
		"400 contract":  {400, `{"responseHeader":{"errorCode":"400","errorMessage":"Field Format Error: contractId"}}`, ""},
		"400 row 9":     {400, `{"responseHeader":{"errorCode":"400","errorMessage":"Too many requests."}}`, ""},
		"400 row 15":    {400, `{"responseHeader":{"errorCode":"400","errorMessage":"The contractId is Invalid."}}`, ""},
		"400 page":      {400, `<html>Bad Request</html>`, ""},
		"another name":  {200, `{"contractId":"N123456789","rows":[]}`, ""},
		"200 no body":   {200, ``, ""},
		"other's list":  {200, `{"contractId":"N000000000"}`, ""},
		"empty of 404s": {200, `{"responseHeader":{"errorCode":"404","errorMessage":"Not Found"}}`, Empty404},
	} {
		t.Run(form, func(t *testing.T) {
			body := tt.body
			c, _, _ := serve(t, func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(tt.status)
				_, _ = io.WriteString(w, body)
			})
			check := func(call, key string, ask func() (status, rows int, payload []byte, err error)) {
				body = strings.ReplaceAll(tt.body, "%s", key)
				status, rows, payload, err := ask()
				got := EmptyError(err)
				if err == nil {
					got = EmptyOf(status, payload)
				}
				if got != tt.want || rows != 0 {
					t.Errorf("%s: %q, %d rows, error %v; want %q", call, got, rows, err, tt.want)
				}
			}
			ctx, q := t.Context(), LogQuery{Start: jst(2017, 2, 2, 0, 0, 0), End: jst(2017, 2, 3, 0, 0, 0)}
			check("02", "linesList", func() (int, int, []byte, error) { return parts(c.Lines(ctx, contract)) })
			check("04", "resultList", func() (int, int, []byte, error) { return parts(c.Authentications(ctx, contract, q)) })
			check("05", "searchList", func() (int, int, []byte, error) { return parts(c.Sessions(ctx, contract, q)) })
			check("06", "productInfoList", func() (int, int, []byte, error) { return parts(c.Products(ctx, contract)) })
			check("07", "orderList", func() (int, int, []byte, error) { return parts(c.Orders(ctx, contract)) })
			check("08", "orderList", func() (int, int, []byte, error) { return parts(c.CompletedOrders(ctx, contract)) })
			check("10", "linesList", func() (int, int, []byte, error) { return parts(c.DataShare(ctx, contract)) })
		})
	}
}

func parts[T any](answer carrier.Answer[[]T], err error) (status, rows int, payload []byte, _ error) {
	return answer.Status, len(answer.Value), answer.Payload, err
}
