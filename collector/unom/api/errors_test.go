package api

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"kaisen/collector/carrier"
)

// newAccount is a client of a carrier without a network, which hands out tokens and answers everything else by api.
// A maxWait of 0 waits for the end of a maintenance.
func newAccount(t *testing.T, maxWait time.Duration, api roundTrip) *carrier.Client {
	t.Helper()
	cfg := carrier.DefaultConfig()
	cfg.Source, cfg.BaseURL, cfg.TokenURL = "hq", "http://carrier.test", "http://carrier.test/token"
	cfg.ClientID, cfg.ClientSecret, cfg.RequestsPerSecond = "id", "secret", 0
	cfg.MaxWait, cfg.Inspect = maxWait, Inspect
	client, err := carrier.New(cfg, roundTrip(func(req *http.Request) (*http.Response, error) {
		if req.Method == http.MethodPost {
			return reply(http.StatusCreated, `{"accessToken":"t","expiresIn":"3599"}`), nil
		}
		return api(req)
	}), carrier.NewMetrics(prometheus.NewRegistry()), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	return client
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

// reply is an answer with headers given as name, value, name, value.
func reply(status int, body string, headers ...string) *http.Response {
	h := http.Header{}
	for i := 0; i+1 < len(headers); i += 2 {
		h.Set(headers[i], headers[i+1])
	}
	return &http.Response{StatusCode: status, Header: h, ContentLength: int64(len(body)), Body: io.NopCloser(strings.NewReader(body))}
}

func errorJSON(code, message string) string {
	return fmt.Sprintf(`{"responseHeader":{"errorCode":%s,"errorMessage":%q}}`, code, message)
}

// The table エラー一覧表, the shapes in which its rows come, and how often each is asked for.
func TestErrors(t *testing.T) {
	for name, c := range map[string]struct {
		status   int
		body     string
		kind     carrier.Kind
		code     string
		requests int
	}{
		"line":                 {404, errorJSON(`"404"`, "The requested lineNo is not found"), KindNoSuchLine, "404", 1},
		"line, other spelling": {404, errorJSON(`404`, "the  requested LineNo\nis not found."), KindNoSuchLine, "404", 1},
		"contract":             {404, errorJSON(`"404"`, "The requested contractId is not found."), KindNoSuchContract, "404", 1},
		"share group":          {404, errorJSON(`"404"`, "The Requested lineGroup is not found."), KindNoShareGroup, "404", 1},
		"unknown 404":          {404, errorJSON(`"404"`, "Not Found"), carrier.KindNotFound, "404", 1},
		"order":                {404, errorJSON(`"404"`, "The order is not found"), carrier.KindNotFound, "404", 1},
		"URL":                  {404, `{"fault":{"faultstring":"Raising fault. Fault name : Unknown-Resource"}}`, carrier.KindNotFound, "", 1},
		"not ComRadius":        {403, errorJSON(`"403"`, "The order is not allowed by user\nRADIUS/MCOP"), carrier.KindNotAllowed, "403", 1},
		"field":                {400, errorJSON(`"400"`, "Field Format Error: contractId"), carrier.KindInvalidRequest, "400", 1},
		"254 orders":           {400, errorJSON(`"400"`, "Too many requests."), carrier.KindInvalidRequest, "400", 1},
		"invalid line":         {400, errorJSON(`"400"`, "The lineNo is Invalid."), carrier.KindInvalidRequest, "400", 1},
		"token":                {401, errorJSON(`"401"`, "Invalid access token"), carrier.KindUnauthorised, "401", 2},
		"server":               {500, errorJSON(`"500"`, "Internal Server Error"), carrier.KindServer, "500", 4},
		"gateway":              {502, `<html>Bad Gateway</html>`, carrier.KindServer, "", 4},
		"gateway's timeout":    {504, ``, carrier.KindServer, "", 4},
		"not implemented":      {501, ``, carrier.KindServer, "", 1},
		"throttled":            {429, `{"errorCode":"429","errorMessage":"slow down"}`, carrier.KindThrottled, "429", 12},
		"unavailable":          {503, `{"errorCode":503,"errorMessage":"busy"}`, carrier.KindThrottled, "503", 12},
		"redirect":             {302, ``, carrier.KindNotFound, "", 1},
		"an error with 200":    {200, errorJSON(`"404"`, "The requested lineNo is not found"), KindNoSuchLine, "404", 1},
		"gone":                 {410, ``, carrier.KindInvalidRequest, "", 1},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				requests := 0
				client := newAccount(t, 0, func(*http.Request) (*http.Response, error) {
					requests++
					return reply(c.status, c.body, "Date", "Tue, 31 Dec 2013 11:30:00 GMT"), nil
				})
				_, err := client.Get(t.Context(), "traffic", "/x", nil)
				var failure *carrier.Error
				if !errors.As(err, &failure) {
					t.Fatalf("error %v, want an *Error", err)
				}
				if failure.Kind != c.kind || failure.Code != c.code || failure.Operation != "traffic" {
					t.Errorf("%s, code %q, operation %s; want %s, code %q", failure.Kind, failure.Code, failure.Operation, c.kind, c.code)
				}
				if string(failure.Payload) != c.body || !failure.ObservedAt.Equal(time.Date(2013, 12, 31, 11, 30, 0, 0, time.UTC)) {
					t.Errorf("payload %q at %v", failure.Payload, failure.ObservedAt)
				}
				if requests != c.requests {
					t.Errorf("%d requests, want %d", requests, c.requests)
				}
			})
		})
	}
}

// The table エラー一覧表, row by row as it is printed, through the client. It has no rows 7, 10 and 12.
func TestEveryRowOfTheTableOfErrors(t *testing.T) {
	for _, c := range []struct {
		row     string
		status  int
		message string
		kind    carrier.Kind
		reason  carrier.Reason
		field   string
	}{
		{"1", 400, "Field Format Error: lineNo", carrier.KindInvalidRequest, ReasonFieldFormat, "lineNo"},
		{"2", 404, "Raising fault. Fault name : Unknown-Re", carrier.KindNotFound, carrier.ReasonNoSuchURL, ""},
		{"3", 401, "Invalid access token", carrier.KindUnauthorised, carrier.ReasonToken, ""},
		{"4", 404, "The requested contractId is not found.", KindNoSuchContract, ReasonNoSuchContract, ""},
		{"5", 404, "The requested lineNo is not found", KindNoSuchLine, ReasonNoSuchLine, ""},
		{"6", 404, "The Requested lineGroup is not found.", KindNoShareGroup, ReasonNoShareGroup, ""},
		{"8", 403, "The order is not allowed by user\nRADIUS/MCOP", carrier.KindNotAllowed, ReasonNotComRadius, ""},
		{"9", 400, "Too many requests.", carrier.KindInvalidRequest, ReasonTooManyOrders, ""},
		{"11", 404, "The order is not found", carrier.KindNotFound, ReasonNoSuchOrder, ""},
		{"13", 400, "The orderId is Invalid.", carrier.KindInvalidRequest, ReasonInvalidOrder, "orderId"},
		{"14", 404, "The roaming-option is not found.", carrier.KindNotFound, ReasonNoRoaming, ""},
		{"15", 400, "The contractId is Invalid.", carrier.KindInvalidRequest, ReasonInvalidContract, "contractId"},
		{"16", 400, "The lineNo is Invalid.", carrier.KindInvalidRequest, ReasonInvalidLine, "lineNo"},
		{"17", 400, "The orderId is Invalid.", carrier.KindInvalidRequest, ReasonInvalidOrder, "orderId"},
		{"18", 400, "The reserveId is Invalid.", carrier.KindInvalidRequest, ReasonInvalidReserveID, "reserveId"},
		{"19", 400, "The requestDate is Invalid.", carrier.KindInvalidRequest, ReasonInvalidDate, "requestDate"},
		{"20", 503, "System Maintainance", carrier.KindMaintenance, carrier.ReasonMaintenance, ""},
		{"21", 404, "Not Found", carrier.KindNotFound, ReasonOtherNotFound, ""},
		{"22", 400, "Bad Request", carrier.KindInvalidRequest, ReasonOtherBadRequest, ""},
		{"23", 500, "Internal Server Error", carrier.KindServer, ReasonServer, ""},
	} {
		t.Run(c.row, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				client := newAccount(t, 1, func(*http.Request) (*http.Response, error) {
					return reply(c.status, errorJSON(fmt.Sprintf(`"%d"`, c.status), c.message)), nil
				})
				_, err := client.Get(t.Context(), "order", "/x", nil)
				var failure *carrier.Error
				if !errors.As(err, &failure) {
					t.Fatalf("error %v, want an *Error", err)
				}
				if c.kind == carrier.KindMaintenance {
					c.status = 0 // the pause that it began has answered in the carrier's place
				}
				if failure.Kind != c.kind || failure.Reason != c.reason || failure.Field != c.field || failure.Status != c.status {
					t.Errorf("%s, reason %q, field %q, status %d; want %s, %q, %q, %d", failure.Kind, failure.Reason,
						failure.Field, failure.Status, c.kind, c.reason, c.field, c.status)
				}
				if carrier.ReasonOf(fmt.Errorf("line: %w", failure)) != c.reason {
					t.Errorf("reason %q when wrapped", carrier.ReasonOf(failure))
				}
			})
		})
	}
	if carrier.ReasonOf(errors.New("x")) != "" {
		t.Error("an error that no call returned has a reason")
	}
}

// What is in no row keeps its kind and has no reason; nor does a name where there is none.
func TestErrorsOutsideTheTable(t *testing.T) {
	for name, c := range map[string]struct {
		status int
		body   string
		want   carrier.Error
	}{
		"another 403": {403, errorJSON(`403`, "Forbidden"), carrier.Error{Kind: carrier.KindNotAllowed}},
		"another 404": {404, `<html>`, carrier.Error{Kind: carrier.KindNotFound, Reason: ReasonOtherNotFound}},
		"410":         {410, ``, carrier.Error{Kind: carrier.KindInvalidRequest}},
		"429":         {429, errorJSON(`429`, "Too many requests."), carrier.Error{Kind: carrier.KindThrottled}},
		"gateway's quota": {500, `{"fault":{"faultstring":"Rate limit quota violation","detail":{"errorcode":"policies.ratelimit.QuotaViolation"}}}`,
			carrier.Error{Kind: carrier.KindThrottled}},
		"maintenance, 500": {500, errorJSON(`500`, "System Maintainance"), carrier.Error{Kind: carrier.KindMaintenance, Reason: carrier.ReasonMaintenance}},
		"busy":             {503, errorJSON(`503`, "Service Unavailable"), carrier.Error{Kind: carrier.KindThrottled}},
		"502":              {502, ``, carrier.Error{Kind: carrier.KindServer}},
		"no field":         {400, errorJSON(`400`, "Field Format Error"), carrier.Error{Kind: carrier.KindInvalidRequest, Reason: ReasonFieldFormat}},
		"no field's name":  {400, errorJSON(`400`, "Field Format Error: what you sent"), carrier.Error{Kind: carrier.KindInvalidRequest, Reason: ReasonFieldFormat}},
		"another case":     {400, errorJSON(`400`, "The orderid is invalid"), carrier.Error{Kind: carrier.KindInvalidRequest, Reason: ReasonInvalidOrder, Field: "orderId"}},
	} {
		got := Inspect(c.status, []byte(c.body))
		if got.Kind != c.want.Kind || got.Reason != c.want.Reason || got.Field != c.want.Field {
			t.Errorf("%s: %s, reason %q, field %q", name, got.Kind, got.Reason, got.Field)
		}
	}
}
