package fleet

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"kaisen/exporter/fleet/fleettest"
	"kaisen/schema"
)

// of is a batch on a line of a contract.
func of(source, contract, lineNo string) schema.Batch {
	line, sample := fleettest.Inventory(lineNo, schema.LineActive), fleettest.Answer(lineNo, schema.ScopeLine)
	key := schema.LineKey{Source: source, ContractID: contract, LineNo: lineNo}
	line.LineKey, sample.LineKey = key, key
	return schema.Batch{Lines: []schema.Line{line}, Traffic: []schema.TrafficSample{sample},
		Orders:          []schema.Order{{Source: source, ContractID: contract, OrderID: contract + lineNo, Status: schema.OrderRejected}},
		Authentications: []schema.Authentication{{LineKey: key, Result: schema.AuthOK, SessionType: schema.SessionDomestic}}}
}

// TestKeep drops contracts and sources whole, lines beyond the cap too, and gives what waited the places; what is kept is as it was.
func TestKeep(t *testing.T) {
	config := DefaultConfig()
	config.MaxLines = 2
	f := New(config)
	f.Write(of("hq", "N000000001", "1"))
	f.Write(of("hq", "N000000001", "2"))
	f.Write(of("hq", "N000000001", "3")) // waits
	f.Write(of("hq", "N000000002", "4")) // waits
	f.Write(of("branch", "N000000003", "5"))
	f.Keep(func(source, contract string) bool { return source == "hq" && contract != "N000000001" })
	var lines []string
	for series := range shown(t, f) {
		if strings.Contains(series, "N000000001") || strings.Contains(series, "branch") {
			t.Errorf("%s is shown", series)
		}
		if strings.HasPrefix(series, "kaisen_line_month_bytes") {
			lines = append(lines, series)
		}
	}
	if len(lines) != 1 || !strings.Contains(lines[0], "N000000002") {
		t.Errorf("lines %v are shown, want that which waited", lines)
	}
	if n := f.NotExported(); n != 0 {
		t.Errorf("%d lines wait", n)
	}
	if orders := f.Orders("", OrdersAll, time.Now()); len(orders) != 1 || orders[0].ContractID != "N000000002" {
		t.Errorf("orders %v", orders)
	}
	f.Write(of("hq", "N000000001", "1"))
	if len(shown(t, f).Of("kaisen_line_month_bytes")) != 2 {
		t.Error("a contract that is back is not shown")
	}
}

// TestStaleAfterChanges also for lines that are shown already.
func TestStaleAfterChanges(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		config := DefaultConfig()
		config.StaleAfter = func(string, string) time.Duration { return time.Hour }
		f := New(config)
		f.Write(of("hq", "N000000001", "1"))
		time.Sleep(30 * time.Minute)
		if len(shown(t, f).Of("kaisen_line_month_bytes")) != 1 {
			t.Fatal("half an hour is no hour")
		}
		f.SetStaleAfter(func(string, string) time.Duration { return time.Minute })
		if got := shown(t, f).Of("kaisen_line_month_bytes"); len(got) != 0 {
			t.Errorf("%v is shown half an hour later, where a minute is the limit", got)
		}
	})
}
