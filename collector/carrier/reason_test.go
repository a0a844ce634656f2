package carrier

import (
	"errors"
	"fmt"
	"net/http"
	"testing"
	"testing/synctest"
)

// The table エラー一覧表, row by row as it is printed, through the client. It has no rows 7, 10 and 12.
func TestEveryRowOfTheTableOfErrors(t *testing.T) {
	for _, c := range []struct {
		row     string
		status  int
		message string
		kind    Kind
		reason  Reason
		field   string
	}{
		{"1", 400, "Field Format Error: lineNo", KindInvalidRequest, ReasonFieldFormat, "lineNo"},
		{"2", 404, "Raising fault. Fault name : Unknown-Re", KindNotFound, ReasonNoSuchURL, ""},
		{"3", 401, "Invalid access token", KindUnauthorised, ReasonToken, ""},
		{"4", 404, "The requested contractId is not found.", KindNoSuchContract, ReasonNoSuchContract, ""},
		{"5", 404, "The requested lineNo is not found", KindNoSuchLine, ReasonNoSuchLine, ""},
		{"6", 404, "The Requested lineGroup is not found.", KindNoShareGroup, ReasonNoShareGroup, ""},
		{"8", 403, "The order is not allowed by user\nRADIUS/MCOP", KindNotAllowed, ReasonNotComRadius, ""},
		{"9", 400, "Too many requests.", KindInvalidRequest, ReasonTooManyOrders, ""},
		{"11", 404, "The order is not found", KindNotFound, ReasonNoSuchOrder, ""},
		{"13", 400, "The orderId is Invalid.", KindInvalidRequest, ReasonInvalidOrder, "orderId"},
		{"14", 404, "The roaming-option is not found.", KindNotFound, ReasonNoRoaming, ""},
		{"15", 400, "The contractId is Invalid.", KindInvalidRequest, ReasonInvalidContract, "contractId"},
		{"16", 400, "The lineNo is Invalid.", KindInvalidRequest, ReasonInvalidLine, "lineNo"},
		{"17", 400, "The orderId is Invalid.", KindInvalidRequest, ReasonInvalidOrder, "orderId"},
		{"18", 400, "The reserveId is Invalid.", KindInvalidRequest, ReasonInvalidReserveID, "reserveId"},
		{"19", 400, "The requestDate is Invalid.", KindInvalidRequest, ReasonInvalidDate, "requestDate"},
		{"20", 503, "System Maintainance", KindMaintenance, ReasonMaintenance, ""},
		{"21", 404, "Not Found", KindNotFound, ReasonOtherNotFound, ""},
		{"22", 400, "Bad Request", KindInvalidRequest, ReasonOtherBadRequest, ""},
		{"23", 500, "Internal Server Error", KindServer, ReasonServer, ""},
	} {
		t.Run(c.row, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				cfg := testConfig()
				cfg.Patience = 1 // else maintenance is waited for
				client := newClient(t, cfg, func(*http.Request) (*http.Response, error) {
					return reply(c.status, api(fmt.Sprintf(`"%d"`, c.status), c.message)), nil
				})
				_, err := client.Get(t.Context(), "order", "/x", nil)
				var failure *Error
				if !errors.As(err, &failure) {
					t.Fatalf("error %v, want an *Error", err)
				}
				if c.kind == KindMaintenance {
					c.status = 0 // the pause that it began has answered in the carrier's place
				}
				if failure.Kind != c.kind || failure.Reason != c.reason || failure.Field != c.field || failure.Status != c.status {
					t.Errorf("%s, reason %q, field %q, status %d; want %s, %q, %q, %d", failure.Kind, failure.Reason,
						failure.Field, failure.Status, c.kind, c.reason, c.field, c.status)
				}
				if ReasonOf(fmt.Errorf("line: %w", failure)) != c.reason {
					t.Errorf("reason %q when wrapped", ReasonOf(failure))
				}
			})
		})
	}
	if ReasonOf(errors.New("x")) != "" {
		t.Error("an error that no call returned has a reason")
	}
}

// What is in no row keeps its kind and has no reason; nor does a name where there is none.
func TestErrorsOutsideTheTable(t *testing.T) {
	for name, c := range map[string]struct {
		status int
		body   string
		want   Error
	}{
		"another 403":     {403, api(`403`, "Forbidden"), Error{Kind: KindNotAllowed}},
		"another 404":     {404, `<html>`, Error{Kind: KindNotFound, Reason: ReasonOtherNotFound}},
		"410":             {410, ``, Error{Kind: KindInvalidRequest}},
		"429":             {429, api(`429`, "Too many requests."), Error{Kind: KindThrottled}},
		"busy":            {503, api(`503`, "Service Unavailable"), Error{Kind: KindThrottled}},
		"502":             {502, ``, Error{Kind: KindServer}},
		"no field":        {400, api(`400`, "Field Format Error"), Error{Kind: KindInvalidRequest, Reason: ReasonFieldFormat}},
		"no field's name": {400, api(`400`, "Field Format Error: what you sent"), Error{Kind: KindInvalidRequest, Reason: ReasonFieldFormat}},
		"another case":    {400, api(`400`, "The orderid is invalid"), Error{Kind: KindInvalidRequest, Reason: ReasonInvalidOrder, Field: "orderId"}},
	} {
		got := classify("order", c.status, []byte(c.body))
		if got.Kind != c.want.Kind || got.Reason != c.want.Reason || got.Field != c.want.Field {
			t.Errorf("%s: %s, reason %q, field %q", name, got.Kind, got.Reason, got.Field)
		}
	}
}
