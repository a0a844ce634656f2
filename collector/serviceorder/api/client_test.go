package api

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"kaisen/collector/carrier"
	"kaisen/collector/carrier/lenient"
	"kaisen/collector/carrier/lenient/lenienttest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// anOrder has every field that the document lists; of this answer it shows no example.
const anOrder = `{"contractId":"N123456789","serviceName":"Universal One","orderType":1,"offerPlanDate":"2016-05-31","orderStatus":3,"orderRequestNum":"R0001"}`

func theOrder() Order {
	return Order{"N123456789", "Universal One", OrderNew, "2016-05-31", UNOAccessConstructed, "R0001"}
}

func TestOrdersWhereverTheyAre(t *testing.T) {
	count := func(n int64) *int64 { return &n }
	one, none := []Order{theOrder()}, []Order{}
	for body, c := range map[string]struct {
		orders   []Order
		count    *int64
		warnings int
	}{
		`{"items":[` + anOrder + `],"resultCount":1}`:         {one, count(1), 0},
		`{"resultCount":"1","result":[` + anOrder + `]}`:      {one, count(1), 0},
		`[` + anOrder + `]`:                                   {one, nil, 0},
		anOrder:                                               {one, nil, 0},
		strings.Replace(anOrder, "}", `,"resultCount":1}`, 1): {one, count(1), 0},
		`{"items":[` + strings.Replace(anOrder, "}", `,"resultCount":1}`, 1) + `]}`: {one, count(1), 0},
		`{"items":[` + anOrder + `],"resultCount":2}`:                               {one, count(2), 1},
		`{"items":[],"resultCount":0}`:                                              {none, count(0), 0},
		`{"resultCount":0}`:                                                         {none, count(0), 0},
		`{"items":null,"resultCount":0}`:                                            {none, count(0), 0},
		`[]`:                                                                        {none, nil, 0},
		` { } `:                                                                     {none, nil, 0}, // issue 12, D.15
	} {
		got, warnings, err := readOrders(new(lenient.Decoder), []byte(body))
		if err != nil || len(warnings) != c.warnings {
			t.Errorf("%s: error %v, warnings %v", body, err, warnings)
		}
		if diff := cmp.Diff(Orders{c.orders, c.count}, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", body, diff)
		}
	}
	for _, body := range []string{
		``, `null`, `"x"`, `{"resultCount":1}`, `{"items":[{"contractId":"N1"}],"resultCount":1}`, `{"items":["R1"]}`,
		`{"a":[],"b":[]}`, `<html>`, `{"items":[` + anOrder + `]`,
	} {
		if got, _, err := readOrders(new(lenient.Decoder), []byte(body)); err == nil {
			t.Errorf("%s is read as %+v", body, got)
		}
	}
}

// Issue 12, D.13: an order that cannot be read costs itself, and so does a detail; the count is of both.
func TestARowCostsItself(t *testing.T) {
	for _, bad := range []string{`{"contractId":"N1"}`, `7`, `null`, `[]`, `{"orderRequestNum":{"x":1}}`} {
		for _, body := range []string{`{"items":[` + bad + `,` + anOrder + `],"resultCount":2}`, `[` + anOrder + `,` + bad + `]`} {
			got, warnings, err := readOrders(new(lenient.Decoder), []byte(body))
			if err != nil || len(got.Orders) != 1 || got.Orders[0] != theOrder() || len(warnings) != 1 || warnings[0].Row != bad {
				t.Errorf("%s: %+v, warnings %v, error %v", body, got, warnings, err)
			}
		}
	}
	for _, bad := range []string{`7`, `{"x":1}`, `{"webEntryId":["a"]}`} {
		body := `{"code":"200","detailMsg":"(検索結果:2件)","result":[{"webEntryId":"W1"},` + bad + `]}`
		got, warnings, err := readDetails(new(lenient.Decoder), []byte(body))
		if err != nil || len(got.Result) != 1 || got.Result[0].WebEntryID != "W1" || len(warnings) != 1 || warnings[0].Row != bad {
			t.Errorf("%s: %+v, warnings %v, error %v", body, got, warnings, err)
		}
	}
}

func TestDetailsLoseNothing(t *testing.T) {
	body := lenienttest.Example(t, "details")
	got, warnings, err := readDetails(new(lenient.Decoder), body)
	if err != nil || len(warnings) > 0 {
		t.Fatalf("error %v, warnings %v", err, warnings)
	}
	if diff := cmp.Diff(lenienttest.Values(t, body), lenienttest.Values(t, lenienttest.Encode(t, got))); diff != "" {
		t.Errorf("(-document +read and written):\n%s", diff)
	}
	// The example has two fields only: here all of them, with a value each.
	row := map[string]string{}
	for _, f := range reflect.VisibleFields(reflect.TypeFor[Detail]()) {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		row[name] = "value of " + name
		if f.Type == reflect.TypeFor[lenient.Date]() {
			row[name] = "2016/05/31"
		}
	}
	if len(row) != 70 {
		t.Errorf("%d fields, the document lists 70", len(row))
	}
	body, err = json.Marshal(map[string]any{"code": "200", "detailCode": DetailCodeOK, "result": []any{row, row}})
	if err != nil {
		t.Fatal(err)
	}
	if got, warnings, err = readDetails(new(lenient.Decoder), body); err != nil || len(warnings) > 0 {
		t.Fatalf("error %v, warnings %v", err, warnings)
	}
	if diff := cmp.Diff(lenienttest.Values(t, body), lenienttest.Values(t, lenienttest.Encode(t, got))); diff != "" {
		t.Errorf("(-sent +read and written):\n%s", diff)
	}
}

func TestDetailsCutOffAreErrors(t *testing.T) {
	lenienttest.CutOff(t, lenienttest.Example(t, "details"), func(body []byte) error {
		_, _, err := readDetails(new(lenient.Decoder), body)
		return err
	})
	lenienttest.CutOff(t, []byte(`{"items":[`+anOrder+`],"resultCount":1}`), func(body []byte) error {
		_, _, err := readOrders(new(lenient.Decoder), body)
		return err
	})
}

func TestOddDetails(t *testing.T) {
	for body, c := range map[string]struct {
		rows     int
		warnings []carrier.Warning
	}{
		`{"code":200,"detailCode":"I01","detailMsg":"(検索結果:0件)"}`:                              {0, nil},
		`{"code":200,"detailCode":"I01","detailMsg":"(検索結果：0件)","result":null}`:                {0, nil},
		`{"code":200,"detailMsg":"(検索結果:2件)","result":[{"orderNum":"1"}]}`:                     {1, []carrier.Warning{{Field: "detailMsg", Reason: lenient.ReasonCount}}},
		`{"code":200,"result":[{"orderNum":1,"applYmd":"31.5.2016"}]}`:                         {1, []carrier.Warning{{Field: "applYmd", Reason: lenient.ReasonTime}}},
		`{"code":200,"result":[{"OrderNum ":"1","putPlaceTel":"NULL","unheardOf":{"a":[1]}}]}`: {1, nil},
		`{}`: {0, nil}, // issue 12, D.15
		`{"code":"404","detailCode":"E01","detailMsg":"該当なし"}`: {0, nil}, // refused; Client.Details says so
	} {
		got, warnings, err := readDetails(new(lenient.Decoder), []byte(body))
		if err != nil || len(got.Result) != c.rows || !cmp.Equal(warnings, c.warnings) {
			t.Errorf("%s: %+v, warnings %v, error %v", body, got, warnings, err)
		}
	}
	for _, body := range []string{
		``, `{"code":200}`, `{"code":200,"detailMsg":"(検索結果:1件)"}`, `{"code":200,"result":[{}]}`, `{"code":200,"result":"none"}`,
		`{"code":200,"result":[["a"]]}`,
	} {
		if got, _, err := readDetails(new(lenient.Decoder), []byte(body)); err == nil {
			t.Errorf("%s is read as %+v", body, got)
		}
	}
}

func TestRequests(t *testing.T) {
	for _, c := range []struct {
		command, body, target, broken string
	}{
		{"orders list", `{"serviceName":"uno"}`, "/v1/business-process/service-orders?serviceName=uno", ""}, // as documented
		{"orders list", `{"serviceName":"050plusbiz"}`, "/v1/business-process/service-orders?serviceName=050plusbiz", ""},
		{"orders list", `{}`, "/v1/business-process/service-orders?serviceName=", "serviceName: is missing"},
		{"orders list", `{"serviceName":"UNO"}`, "/v1/business-process/service-orders?serviceName=UNO",
			""}, // issue 12, D.15: what the document does not list is sent, with a warning
		{"orders list", `{"serviceName":"ｕｎｏ"}`, "/v1/business-process/service-orders?serviceName=%EF%BD%95%EF%BD%8E%EF%BD%8F",
			"serviceName: may have nothing but half-width letters, digits and signs"},
		{"details list", `{}`, "/v1/business-process/service-order-details", ""}, // as documented
		{"details list", `{"v_no":3,"n_no":"N123456789","webentry_id":"W1","data_update_date_to":"2016-05-31","data_update_date_from":"20160531"}`,
			"/v1/business-process/service-order-details?webentry_id=W1&n_no=N123456789&v_no=3&data_update_date_from=20160531&data_update_date_to=20160531", ""},
		{"details list", `{"data_update_date_from":"20160601","data_update_date_to":"20160531"}`,
			"/v1/business-process/service-order-details?data_update_date_from=20160601&data_update_date_to=20160531",
			"data_update_date_from: is after data_update_date_to"},
		{"details list", `{"data_update_date_from":"20160631","data_update_date_to":"May"}`,
			"/v1/business-process/service-order-details?data_update_date_from=20160631&data_update_date_to=May",
			"data_update_date_from: is no day that exists, as YYYYMMDD\ndata_update_date_to: is no day that exists, as YYYYMMDD"},
	} {
		request := operation(t, c.command).New()
		if err := json.Unmarshal([]byte(c.body), request); err != nil {
			t.Fatal(err)
		}
		w := request.Spec()
		if target := w.Target(); w.Method != "GET" || target != c.target || w.Body != nil {
			t.Errorf("%s %s: %s %s, want %s", c.command, c.body, w.Method, target, c.target)
		}
		broken := ""
		if err := request.Validate(time.Now()); err != nil {
			broken = err.Error()
		}
		if broken != c.broken {
			t.Errorf("%s %s:\n%s\nwant\n%s", c.command, c.body, broken, c.broken)
		}
	}
}

func operation(t *testing.T, command string) carrier.Operation {
	t.Helper()
	for _, o := range Operations() {
		if strings.Join(o.Command, " ") == command {
			return o
		}
	}
	t.Fatalf("no operation %s", command)
	return carrier.Operation{}
}

func TestOperations(t *testing.T) {
	if n := len(Operations()); n != 2 {
		t.Errorf("%d operations, the document has 2", n)
	}
	for _, o := range Operations() {
		w := o.New().Spec()
		if o.API != "serviceorder" || o.Changes || o.Summary == "" || !strings.HasPrefix(o.Document, "Service Order API, ") || w.Path != o.Path || w.Method != o.Method {
			t.Errorf("%+v sends %s %s", o, w.Method, w.Path)
		}
	}
	got, err := operation(t, "orders list").Decode(carrier.Reply{Body: []byte(`[` + anOrder + `]`)}, nil)
	if orders, ok := got.(*Orders); err != nil || !ok || len(orders.Orders) != 1 {
		t.Errorf("decoded %#v, error %v", got, err)
	}
}

// answering is a client of a carrier that gives one answer.
func answering(t *testing.T, status int, body string) *Client {
	t.Helper()
	return New(lenienttest.Serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}))
}

func TestCalls(t *testing.T) {
	orders, err := answering(t, 200, `[`+anOrder+`]`).Orders(t.Context(), OrdersRequest{ServiceName: ServiceUNO})
	if err != nil || len(orders.Value.Orders) != 1 || orders.Status != 200 {
		t.Errorf("%+v, %v", orders, err)
	}
	details, err := answering(t, 200, string(lenienttest.Example(t, "details"))).Details(t.Context(), DetailsRequest{})
	if err != nil || len(details.Value.Result) != 1 || details.Value.Result[0].ProductName != "Universal One" {
		t.Errorf("%+v, %v", details, err)
	}
	var broken carrier.Violations
	if _, err = answering(t, 200, `[]`).Orders(t.Context(), OrdersRequest{ServiceName: "a b"}); !errors.As(err, &broken) {
		t.Errorf("error %v", err)
	}
}

func TestErrors(t *testing.T) {
	for _, c := range []struct {
		status int
		body   string
		kind   carrier.Kind
		code   string
		want   string
	}{
		{200, `{"code":404,"detailCode":"E04","detailMsg":"該当するデータがありません。"}`, carrier.KindNotFound, "E04",
			"service_order_details: not found (HTTP 200): 該当するデータがありません。"},
		{200, `{"code":"400","detailCode":"E02"}`, carrier.KindInvalidRequest, "E02", "service_order_details: invalid request (HTTP 200)"},
		{200, `{"code":"E"}`, carrier.KindInvalidRequest, "", "service_order_details: invalid request (HTTP 200)"},
		{200, `{"code":401}`, carrier.KindUnauthorised, "", "service_order_details: unauthorised (HTTP 200)"},
		{200, `{"code":403}`, carrier.KindNotAllowed, "", "service_order_details: not allowed (HTTP 200)"},
		{200, `{"code":503}`, carrier.KindThrottled, "", "service_order_details: throttled (HTTP 200)"},
		{200, `{"code":500,"detailMsg":"ただいまメンテナンス中です。"}`, carrier.KindMaintenance, "", "service_order_details: maintenance (HTTP 200): ただいまメンテナンス中です。"},
		{200, `{"code":500}`, carrier.KindServer, "", "service_order_details: server error (HTTP 200)"},
		{400, `{"code":400,"detailCode":"E03","detailMsg":"時間外"}`, carrier.KindInvalidRequest, "E03",
			"service_order_details: invalid request (HTTP 400): 時間外"},
		{404, `<html>`, carrier.KindNotFound, "", "service_order_details: not found (HTTP 404)"},
		{200, `<html>`, carrier.KindMalformed, "", "service_order_details: malformed answer (HTTP 200): no JSON: invalid character '<' looking for beginning of value"},
	} {
		_, err := answering(t, c.status, c.body).Details(t.Context(), DetailsRequest{})
		var failure *carrier.Error
		if !errors.As(err, &failure) || failure.Kind != c.kind || failure.Code != c.code || err.Error() != c.want || string(failure.Payload) != c.body {
			t.Errorf("%d %s: %v, want %s", c.status, c.body, err, c.want)
		}
	}
}

// Issue 12, D.15: 500 with words of maintenance is maintenance, for IPoE and service orders alike, which have no table of
// errors of their own.
func TestMaintenanceWith500(t *testing.T) {
	for _, body := range []string{`{"errors":[{"errorCode":"5000102","errorMessage":"メンテナンス中"}]}`, `{"code":500,"detailMsg":"メンテナンス中"}`, `<p>メンテナンス中</p>`} {
		if failure := carrier.Classify(500, []byte(body)); failure.Kind != carrier.KindMaintenance {
			t.Errorf("%s is %s", body, failure.Kind)
		}
	}
}

func TestUndocumentedServicesAreDoubted(t *testing.T) {
	for service, doubts := range map[ServiceName]int{"": 0, "uno": 0, "UNO": 1, "sdwan": 1} {
		if got := (&OrdersRequest{ServiceName: service}).Doubts(); len(got) != doubts {
			t.Errorf("%q: %v", service, got)
		}
	}
}

func TestMeanings(t *testing.T) {
	for service, want := range map[ServiceName]string{
		ServiceUNO: "received|investigated|access line constructed|device constructed|complete||", ServiceBDPE: "in progress|complete|||||",
		ServiceMSS: "in progress||||||complete", ServiceUCaaS: "in progress||||||", ServiceSIPTrunking: "in progress||||||", ServiceACCS: "||||||",
	} {
		var words []string
		for _, status := range []OrderStatus{"1", "2", "3", "4", "5", "6", ""} {
			words = append(words, status.Meaning(service))
		}
		if got := strings.Join(words, "|"); got != want {
			t.Errorf("%s: %s, want %s", service, got, want)
		}
	}
	if got := OrderNew.Meaning() + OrderChange.Meaning() + OrderCancel.Meaning() + OrderOtherChange.Meaning() + OrderType("5").Meaning(); got != "newchangecancelchange" {
		t.Errorf("order types mean %s", got)
	}
}

// The service names of the constants are those of the document, which the flag's text repeats.
func TestServiceNames(t *testing.T) {
	field, _ := reflect.TypeFor[OrdersRequest]().FieldByName("ServiceName")
	for _, name := range ServiceNames() {
		if !strings.Contains(field.Tag.Get("doc"), name) {
			t.Errorf("%s is not in the field's doc", name)
		}
	}
}
