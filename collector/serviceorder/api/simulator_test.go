package api

import (
	"testing"
	"time"

	"kaisen/collector/carrier"
	"kaisen/collector/carrier/lenient/lenienttest"
	"kaisen/internal/simulator"
)

// simulated is a client of a simulated carrier at a moment.
func simulated(t *testing.T, style simulator.Style, at time.Time) *Client {
	t.Helper()
	settings := simulator.DefaultConfig()
	settings.Style, settings.Start, settings.Speed = style, at, 0
	peer, err := simulator.New(settings)
	if err != nil {
		t.Fatal(err)
	}
	id, secret := peer.Credentials()
	return New(lenienttest.Dial(t, peer.Handler(), "/v1/oauth/accesstokens", id, secret))
}

func TestEveryServiceIsRead(t *testing.T) {
	open := time.Date(2026, 11, 20, 1, 0, 0, 0, time.UTC) // 10:00 on a Friday in Japan
	for _, style := range []simulator.Style{simulator.StyleDocument, simulator.StyleModern, simulator.StyleMixed} {
		client := simulated(t, style, open)
		orders := 0
		for _, name := range ServiceNames() {
			got, err := client.Orders(t.Context(), OrdersRequest{ServiceName: ServiceName(name)})
			if err != nil || len(got.Warnings) > 0 {
				t.Errorf("%s, %s: error %v, warnings %v", style, name, err, got.Warnings)
			}
			orders += len(got.Value.Orders)
		}
		details, err := client.Details(t.Context(), DetailsRequest{DataUpdateDateFrom: "20200101"})
		if err != nil || len(details.Warnings) > 0 {
			t.Errorf("%s: error %v, warnings %v", style, err, details.Warnings)
		}
		if orders == 0 || len(details.Value.Result) == 0 {
			t.Errorf("%s: %d orders, %d details", style, orders, len(details.Value.Result))
		}
		none, err := client.Details(t.Context(), DetailsRequest{WebEntryID: "nobody's"})
		if err != nil || len(none.Value.Result) != 0 {
			t.Errorf("%s: %d details of nobody, error %v", style, len(none.Value.Result), err)
		}
	}
}

// Open and the carrier agree on when the details can be had.
func TestOfficeHours(t *testing.T) {
	for _, at := range []time.Time{
		time.Date(2026, 11, 19, 23, 59, 59, 0, time.UTC), time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC),
		time.Date(2026, 11, 20, 8, 29, 59, 0, time.UTC), time.Date(2026, 11, 20, 8, 30, 0, 0, time.UTC),
		time.Date(2026, 11, 21, 3, 0, 0, 0, time.UTC),
	} {
		open, _ := Open(at, nil)
		_, err := simulated(t, simulator.StyleMixed, at).Details(t.Context(), DetailsRequest{})
		if kind, failed := carrier.KindOf(err); failed == open || failed && kind != carrier.KindNotAllowed {
			t.Errorf("%s: open %v, but %v", at, open, err)
		}
	}
}
