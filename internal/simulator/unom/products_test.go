package unom_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"kaisen/internal/simulator/simulatortest"
	"kaisen/internal/simulator/unom"
)

// Call 06 lists what can be ordered: every line's plan, with devices and caps on roaming charges, in every style.
func TestProducts(t *testing.T) {
	simulatortest.InEveryStyle(t, func(t *testing.T, c *simulatortest.Client) {
		truth, _ := c.Carrier.Products()
		for _, contract := range c.Carrier.Contracts() {
			answer := c.Get(contract + "/products")
			list := simulatortest.Rows(t, answer, "productInfoList")
			if answer["contractId"] != contract || len(list) != len(truth) {
				t.Fatalf("%d products of %v, want %d", len(list), answer["contractId"], len(truth))
			}
			types := map[any]bool{}
			for i, p := range list {
				types[p["courseType"]] = true
				if p["productCode"] != truth[i].Code || p["productName"] != truth[i].Name {
					t.Errorf("product %v, want %+v", p, truth[i])
				}
				compareDevices(t, simulatortest.Rows(t, p, "deviceInfoList"), truth[i].Devices)
				compareCaps(t, simulatortest.Rows(t, p, "optionInfoList"))
			}
			if len(types) != 5 {
				t.Errorf("course types %v, want all five", types)
			}
		}
		for _, l := range c.Lines() {
			if !slices.ContainsFunc(truth, func(p unom.ProductTruth) bool { return p.Code == l.PlanCode }) {
				t.Errorf("plan %s cannot be ordered", l.PlanCode)
			}
		}
	})
}

func compareDevices(t *testing.T, list []map[string]any, want []string) {
	t.Helper()
	names := map[any]any{"1": "標準SIM", "2": "microSIM", "3": "nanoSIM"}
	var codes []string
	for _, d := range list {
		codes = append(codes, d["deviceCode"].(string))
		if d["deviceName"] == nil || d["deviceType"] == nil || names[d["simTypeCode"]] != d["simTypeName"] || d["accessType"] != "1" && d["accessType"] != "2" {
			t.Errorf("device %v", d)
		}
	}
	if !slices.Equal(codes, want) {
		t.Errorf("devices %v, want %v", codes, want)
	}
}

func compareCaps(t *testing.T, list []map[string]any) {
	t.Helper()
	if len(list) != 0 && len(list) != 12 {
		t.Errorf("%d caps", len(list))
	}
	for i, o := range list {
		if o["optionCode"] != fmt.Sprintf("T60000%d", 36+i) || !strings.HasPrefix(o["optionName"].(string), "[docomo] 国際ローミング[") {
			t.Errorf("option %v", o)
		}
	}
}
