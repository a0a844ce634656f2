package api

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"kaisen/collector/carrier"
	"kaisen/schema"
)

// valueOf is an answer's value, for calls that differ in its type.
func valueOf[T any](a carrier.Answer[T], err error) (any, error) { return a.Value, err }

// TestCallsThatAreCheckedFirst asks each of them through its method: what is sent, and what is made of the example.
func TestCallsThatAreCheckedFirst(t *testing.T) {
	var asked, sent string
	var body []byte
	c, account, _ := serve(t, func(w http.ResponseWriter, r *http.Request) {
		text, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		asked, sent = r.Method+" "+r.URL.RequestURI(), string(text)
		_, _ = w.Write(body)
	})
	const order = "AGU1234567890123"
	ctx := t.Context()
	day := func() Day { return DayOf(account.Now().In(tokyo)) } // the first Date header moves it to 2013
	wants := documentedAnswers()
	for name, call := range map[string]func() (any, error){
		"products":         func() (any, error) { return valueOf(c.Products(ctx, contract)) },
		"orders":           func() (any, error) { return valueOf(c.Orders(ctx, contract)) },
		"completed_orders": func() (any, error) { return valueOf(c.CompletedOrders(ctx, contract)) },
		"order":            func() (any, error) { return valueOf(c.Order(ctx, "N170602406", order)) },
		"cancellation":     func() (any, error) { return valueOf(c.Cancellation(ctx, contract, order)) },
		"add_line": func() (any, error) {
			return valueOf(c.AddLine(ctx, with(addLine(), func(r *AddLineRequest) { r.RequestDate = day() })))
		},
		"remove_line": func() (any, error) {
			return valueOf(c.RemoveLine(ctx, RemoveLineRequest{contract, line, day(), Agreed}))
		},
		"buy_devices": func() (any, error) {
			r := buyDevices(1)
			r.RequestDate, r.Lines[0].DeviceCode = day(), "T2000556"
			return valueOf(c.BuyDevices(ctx, r))
		},
		"change_course": func() (any, error) { return valueOf(c.ChangeCourse(ctx, changeCourse(day(), CourseZero))) },
		"change_auth": func() (any, error) {
			return valueOf(c.ChangeAuth(ctx, ChangeAuthRequest{contract, line, Agreed, AuthInfo{"nttcom", ""}}))
		},
		"change_addresses": func() (any, error) {
			return valueOf(c.ChangeAddresses(ctx, ChangeAddressesRequest{contract, line, Agreed, AddressInfo{ACTAddress: "192.168.1.1"}}))
		},
		"change_imei": func() (any, error) {
			return valueOf(c.ChangeIMEI(ctx, ChangeIMEIRequest{contract, line, Agreed, IMEIInfo{"863401011006836", IMEIChecked}}))
		},
		"set_roaming": func() (any, error) {
			return valueOf(c.SetRoaming(ctx, SetRoamingRequest{contract, line, Agreed, RoamingInfo{Roaming1000000Yen}}))
		},
		"remove_roaming": func() (any, error) {
			return valueOf(c.RemoveRoaming(ctx, RemoveRoamingRequest{contract, line, Agreed}))
		},
		"add_to_data_share": func() (any, error) {
			return valueOf(c.AddToDataShare(ctx, AddToDataShareRequest{"N160042496", Agreed, shareLines(1)}))
		},
		"remove_from_data_share": func() (any, error) {
			return valueOf(c.RemoveFromDataShare(ctx, RemoveFromDataShareRequest{contract, line, Agreed}))
		},
		"add_data_volume": func() (any, error) {
			return valueOf(c.AddDataVolume(ctx, AddDataVolumeRequest{contract, line, Agreed}))
		},
		"change_access": func() (any, error) {
			return valueOf(c.ChangeAccess(ctx, ChangeAccessRequest{contract, line, Agreed, AccessInfo{Access: AccessLTE}}))
		},
		"disconnect": func() (any, error) { return valueOf(c.Disconnect(ctx, DisconnectRequest{contract, line, Agreed})) },
		"cancel_order": func() (any, error) {
			return valueOf(c.CancelOrder(ctx, CancelOrderRequest{contract, order, Agreed}))
		},
		"cancel_reservation": func() (any, error) {
			return valueOf(c.CancelReservation(ctx, CancelReservationRequest{contract, "201711300000181", Agreed}))
		},
	} {
		body = example(t, name)
		got, err := call()
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if diff := cmp.Diff(wants[name], got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		o := operations()[name]
		place := strings.NewReplacer("{contractId}", contract, "{lineNo}", line, "{orderId}", order, "{reserveId}", "201711300000181")
		want, _, _ := strings.Cut(place.Replace(o.Path), "?")
		if name == "order" || name == "add_to_data_share" {
			want = strings.Replace(want, contract, wantContract(wants[name]), 1)
		}
		if path, _, _ := strings.Cut(asked, "?"); path != o.Method+" "+want {
			t.Errorf("%s asked for %s, want %s %s", name, path, o.Method, want)
		}
		if agreed := strings.Contains(asked+sent, "agreement=yes") || strings.Contains(sent, `"agreement":"yes"`); agreed != o.Changes {
			t.Errorf("%s asked for %s with %s", name, asked, sent)
		}
	}
}

// wantContract is the contract of the two examples that are about another one.
func wantContract(value any) string {
	if detail, ok := value.(OrderDetail); ok {
		return detail.ContractID
	}
	return value.(Reservation).ContractID
}

func TestRequestsThatBreakRulesAreNotSent(t *testing.T) {
	c, _, _ := serve(t, func(http.ResponseWriter, *http.Request) { t.Error("sent") })
	_, err := c.Disconnect(t.Context(), DisconnectRequest{LineNo: "09012345678901", Agreement: NotAgreed})
	var failure *carrier.Error
	var violations carrier.Violations
	if !errors.As(err, &failure) || failure.Kind != carrier.KindInvalidRequest || failure.Status != 0 || failure.Indeterminate || !errors.As(err, &violations) {
		t.Fatalf("error %v", err)
	}
	if len(violations) != 3 {
		t.Errorf("violations %v", violations)
	}
	if strings.Contains(err.Error(), "09012345678901") {
		t.Errorf("error %q has the whole line number", err)
	}
}

// What is refused in an answer with status 200 is data, and what cannot be read may have been done.
func TestAnswersToChanges(t *testing.T) {
	var body string
	c, _, _ := serve(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, body) })
	volume := func(ctx context.Context) (carrier.Answer[OrderAccepted], error) {
		return c.AddDataVolume(ctx, AddDataVolumeRequest{contract, line, Agreed})
	}
	body = `{"contractId": "N123456789", "resultCode": 2, "orderId": "", "checkErrorInfo": [{"messageId": "E00000001", "message": null}]}`
	got, err := volume(t.Context())
	want := OrderAccepted{ContractID: contract, Result: ResultNG, Error: schema.Some(Message{ID: "E00000001"})}
	if err != nil || len(got.Warnings) > 0 {
		t.Errorf("error %v, warnings %v", err, got.Warnings)
	}
	if diff := cmp.Diff(want, got.Value); diff != "" {
		t.Errorf("refused (-want +got):\n%s", diff)
	}
	for _, body = range []string{`<html>`, `{}`, `{"resultCode": null}`, `{"resultCode": []}`, `{"contractId": "N999999999", "resultCode": "0001"}`} {
		_, err := volume(t.Context())
		var failure *carrier.Error
		if !errors.As(err, &failure) || failure.Kind != carrier.KindMalformed || !failure.Indeterminate || string(failure.Payload) != body {
			t.Errorf("%s: error %v", body, err)
		}
	}
	body = `{"orderList": null, "orderId": "AGU1", "checkErrorInfo": {"messageId": "E1"}}`
	if detail, err := c.Order(t.Context(), contract, "AGU1"); err != nil || detail.Value.Error.V.ID != "E1" {
		t.Errorf("order %+v, error %v", detail.Value, err)
	}
}

func TestOrderQuirks(t *testing.T) {
	a := asked([]byte(`{"orderList ": [
		{"orderId": "AGU1", "serviceDateApply": "2017/10/24", "orderStatus": 4, "checkErrorInfo": {"MessageId ": "E1", "message": ""}},
		{"orderId": "AGU2", "requestDate": "soon", "orderStatus": "3", "checkErrorInfo": {"messageId": "", "message": null}},
		{"orderId": "AGU3", "orderStatus": "７７", "checkErrorInfo": "E2"},
		{"orderId": "AGU4"}
	]}`))
	got, err := decode(a, decodeOrders)
	if err != nil {
		t.Fatal(err)
	}
	want := []Order{
		{OrderID: "AGU1", Applied: on(2017, 10, 24), Status: OrderRejected, Error: schema.Some(Message{ID: "E1"})},
		{OrderID: "AGU2", Status: OrderProcessed},
		{OrderID: "AGU3", Status: "77", Error: schema.Some(Message{ID: "E2"})},
		{OrderID: "AGU4"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("orders (-want +got):\n%s", diff)
	}
	warnings := []carrier.Warning{
		{Field: "requestDate", Reason: "not_a_time"}, {Field: "orderStatus", Reason: "unknown_code"},
		{Field: "orderStatus", Reason: "missing"},
	}
	if diff := cmp.Diff(warnings, a.warnings); diff != "" {
		t.Errorf("warnings (-want +got):\n%s", diff)
	}
	for status, ended := range map[OrderStatus]bool{
		OrderWaiting: false, OrderProcessing: false, OrderProcessed: true, OrderRejected: true, OrderSystemError: true,
		OrderRegistered: false, OrderCancelled: true, OrderConfirmed: false, OrderUnderway: false, OrderInProgress: false,
		OrderCompleted: true, "77": false,
	} {
		if status.Ended() != ended || (status.Meaning() == "") != (status == "77") {
			t.Errorf("status %s: %q, ended %v", status, status.Meaning(), status.Ended())
		}
	}
}

func TestAnswersThatSayNothing(t *testing.T) {
	for body, calls := range map[string][]string{
		`{}`:                               {"order", "cancellation", "add_line", "add_to_data_share", "disconnect"},
		`[]`:                               {"products", "orders", "order", "cancellation", "add_line", "add_to_data_share", "disconnect"},
		`{"orderList": [{}]}`:              {"orders", "order"},
		`{"orderId": "AGU1"}`:              {"order", "cancellation", "add_line"},
		`{"orderStatus": "01"}`:            {"order", "cancellation", "add_line"},
		`{"productInfoList": [{}]}`:        {"products"},
		`{"productInfoList": {}}`:          {"products"},
		`{"resultCode": "no"}`:             {"disconnect"},
		`{"lineNo": "1", "resultCode": 0}`: {"disconnect"},
	} {
		for _, call := range calls {
			if got, err := readers()[call](asked([]byte(body))); err == nil {
				t.Errorf("%s: %s is %+v, want an error", call, body, got)
			}
		}
	}
}

// The methods' days are the carrier's: late in the evening of UTC it is tomorrow in Tokyo.
func TestDaysAreTheCarriers(t *testing.T) {
	now := time.Date(2018, 1, 30, 15, 0, 0, 0, time.UTC)
	r := RemoveLineRequest{contract, line, "20180130", Agreed}
	if err := r.Validate(now); err != nil {
		t.Errorf("in UTC: %v", err)
	}
	if err := r.Validate(now.In(tokyo)); err == nil {
		t.Error("in Tokyo it is yesterday")
	}
}
