package serviceorder_test

import (
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"kaisen/internal/simulator"
	"kaisen/internal/simulator/simulatortest"
)

const service = "/v1/business-process/"

// readService reads an answer of the Service Order API: a list of rows, bare or in an object.
func readService(t *testing.T, w *httptest.ResponseRecorder) (rows []map[string]any, count int) {
	t.Helper()
	if w.Code != 200 {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	d := json.NewDecoder(strings.NewReader(w.Body.String()))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		t.Fatalf("%v in %s", err, w.Body)
	}
	count = -1
	if object, ok := v.(map[string]any); ok {
		if n, ok := object["resultCount"].(json.Number); ok {
			count, _ = strconv.Atoi(n.String())
		}
		if v = object["items"]; v == nil {
			v = object["result"]
		}
	}
	for _, row := range v.([]any) {
		row := row.(map[string]any)
		if n, ok := row["resultCount"].(json.Number); ok {
			count, _ = strconv.Atoi(n.String())
		}
		rows = append(rows, row)
	}
	return rows, count
}

// Every service's orders are listed as they are, today and weeks later, whatever the shape.
func TestServiceOrders(t *testing.T) {
	for _, style := range simulatortest.Styles() {
		t.Run(string(style), func(t *testing.T) {
			cfg := simulatortest.Frozen(simulatortest.Noon())
			cfg.Style, cfg.ServiceOrders = style, 300
			c := simulatortest.NewClient(t, cfg)
			statuses := map[string]bool{}
			for _, at := range []time.Time{simulatortest.Noon(), simulatortest.Noon().AddDate(0, 0, 12)} {
				c.Clock(simulator.ClockChange{Now: at})
				truth := map[string][]simulator.ServiceOrderTruth{}
				for _, o := range c.Carrier.ServiceOrders(time.Time{}) {
					truth[o.Service] = append(truth[o.Service], o)
				}
				if len(truth) != 9 {
					t.Errorf("orders of %d services, want 9", len(truth))
				}
				for name, want := range truth {
					got, count := readService(t, c.Do("GET", service+"service-orders?serviceName="+name, ""))
					if len(got) != len(want) || count != len(want) {
						t.Fatalf("%s: %d rows, count %d, want %d", name, len(got), count, len(want))
					}
					for i, o := range want {
						compareServiceOrder(t, got[i], o)
						statuses[name+strconv.Itoa(o.OrderStatus)] = true
					}
				}
			}
			for _, want := range []string{"uno1", "uno2", "uno3", "uno4", "uno5", "bdp-e1", "bdp-e2", "mss0", "mss1", "ucaas1"} {
				if !statuses[want] {
					t.Errorf("no order is %s", want)
				}
			}
			if statuses["ucaas2"] || statuses["sip-trunking0"] {
				t.Errorf("statuses that there are not: %v", statuses)
			}
		})
	}
}

func compareServiceOrder(t *testing.T, row map[string]any, o simulator.ServiceOrderTruth) {
	t.Helper()
	status := "<nil>" // No Status: Complete
	if o.OrderStatus > 0 {
		status = strconv.Itoa(o.OrderStatus)
	}
	want := fmt.Sprint(o.ContractID, o.ServiceName, o.OrderType, strings.ReplaceAll(o.OfferPlan, "-", ""), status, o.RequestNum)
	got := fmt.Sprint(row["contractId"], row["serviceName"], row["orderType"], row["offerPlanDate"], row["orderStatus"], row["orderRequestNum"])
	if strings.ReplaceAll(got, " ", "") != strings.ReplaceAll(want, " ", "") {
		t.Errorf("row %v, want %s", row, want)
	}
}

// Details are to be had in office hours alone, by the virtual clock and in Japan's time.
func TestOfficeHours(t *testing.T) {
	day := func(d, hour, minute, second int) time.Time {
		return time.Date(2026, 3, d, hour, minute, second, 0, simulatortest.Tokyo)
	}
	cfg := simulatortest.Frozen(simulatortest.Noon())
	cfg.Holidays, cfg.TimeZone = []string{"2026-03-23"}, "America/New_York"
	c := simulatortest.NewClient(t, cfg)
	for at, want := range map[time.Time]int{
		day(20, 8, 59, 59): 403, day(20, 9, 0, 0): 200, day(20, 17, 29, 59): 200, day(20, 17, 30, 0): 403, day(20, 0, 0, 0): 403,
		day(21, 12, 0, 0): 403, day(22, 12, 0, 0): 403, // Saturday, Sunday
		day(23, 12, 0, 0): 403, day(24, 12, 0, 0): 200, // a holiday and the day after it
	} {
		c.Clock(simulator.ClockChange{Now: at})
		w := c.Do("GET", service+"service-order-details", "")
		if w.Code != want {
			t.Errorf("%s: %d, want %d", at, w.Code, want)
		}
		if body := simulatortest.Read(t, w.Body.String()); want == 403 && (body["code"] != "403" || body["detailCode"] != "E02" || body["detailMsg"] == nil) {
			t.Errorf("%s: %v", at, body)
		}
		if w := c.Do("GET", service+"service-orders?serviceName=uno", ""); w.Code != 200 {
			t.Errorf("%s: orders %d", at, w.Code)
		}
	}
}

// Details hold every field of the document; without dates they are those updated in the last month.
func TestServiceDetails(t *testing.T) {
	for _, style := range simulatortest.Styles() {
		cfg := simulatortest.Frozen(simulatortest.Noon())
		cfg.Style, cfg.ServiceOrders = style, 200
		c := simulatortest.NewClient(t, cfg)
		truth := c.Carrier.ServiceOrders(time.Time{})
		count := func(from, to string) (n int) {
			for _, o := range truth {
				if o.Updated >= from && o.Updated <= to {
					n++
				}
			}
			return n
		}
		one := truth[3]
		for query, want := range map[string]int{
			"":                                count("2026-02-20", "2026-03-20"),
			"?data_update_date_from=20260301": count("2026-03-01", "2026-03-20"),
			"?data_update_date_to=2026-03-01": count("", "2026-03-01"),
			"?data_update_date_from=2026/03/01&data_update_date_to=20260310":                   count("2026-03-01", "2026-03-10"),
			"?data_update_date_from=20200101&webentry_id=" + one.WebEntryID:                    1,
			"?data_update_date_from=20200101&n_no=" + one.ContractID + "&v_no=" + "V100000001": 1,
			"?data_update_date_from=20200101&v_no=" + "V999999999":                             0,
		} {
			w := c.Do("GET", service+"service-order-details"+query, "")
			got, _ := readService(t, w)
			body := simulatortest.Read(t, w.Body.String())
			if len(got) != want || body["code"] != "200" || body["detailCode"] != "I01" ||
				body["detailMsg"] != fmt.Sprintf("正常終了しました。(検索結果:%d件)", want) {
				t.Errorf("%s: %d rows, want %d; %v %v", query, len(got), want, body["detailCode"], body["detailMsg"])
			}
			for _, row := range got {
				if len(row) != 70 || row["webEntryId"] == nil || row["withdrawKbn"] == nil {
					t.Fatalf("%d fields, want 70: %v", len(row), row)
				}
			}
		}
	}
}

func TestServiceRefusals(t *testing.T) {
	c := simulatortest.NewClient(t, simulatortest.Frozen(simulatortest.Noon()))
	for path, want := range map[string]string{
		"service-orders":                                                                           "E01",
		"service-orders?serviceName=unom":                                                          "E01",
		"service-orders?serviceName=uno&page=2":                                                    "E01",
		"service-order-details?contract=N123456789":                                                "E01",
		"service-order-details?data_update_date_from=yesterday":                                    "E01",
		"service-order-details?data_update_date_from=20260310&data_update_date_to=20260301":        "E01",
		"service-order-details?data_update_date_from=20260310&data_update_date_from=" + "20260310": "E01",
	} {
		w := c.Do("GET", service+path, "")
		if body := simulatortest.Read(t, w.Body.String()); w.Code != 400 || body["detailCode"] != want || body["code"] != "400" {
			t.Errorf("%s: %d %v", path, w.Code, body)
		}
	}
	for path, method := range map[string]string{"service-orders?serviceName=uno": "POST", "orders": "GET"} {
		simulatortest.CheckRefusal(t, c.Do(method, service+path, ""), 404, true, "Raising fault. Fault name : Unknown-Re")
	}
	for fault, status := range map[string]int{"service_orders.500:1": 500, "503:1": 503} {
		if err := c.Carrier.SetFaults(fault); err != nil {
			t.Fatal(err)
		}
		if w := c.Do("GET", service+"service-orders?serviceName=uno", ""); w.Code != status || simulatortest.Read(t, w.Body.String())["detailCode"] != "E99" {
			t.Errorf("%s: %d %s", fault, w.Code, w.Body)
		}
	}
	_ = c.Carrier.SetFaults("")
	c.Token = "none"
	simulatortest.CheckRefusal(t, c.Do("GET", service+"service-orders?serviceName=uno", ""), 401, true, "Invalid access token")
}
