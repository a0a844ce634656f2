package simulator_test

import (
	"strings"
	"testing"
	"time"

	"kaisen/internal/simulator"
	"kaisen/internal/simulator/simulatortest"
)

func TestNewListsEveryMistake(t *testing.T) {
	cfg := simulator.Config{
		Lines: -1, ExtraLines: -1, ContractIDs: []string{"N000000001", "X", "N000000001"}, ShareLines: 1, Speed: -1,
		TimeZone: "Asia/Edo", RPS: 3, RetryAfter: "soon", Latency: -1, TurnDelay: 24 * time.Hour, Style: "baroque", ServedMax: -1,
		Orders: -1, OrderPace: time.Millisecond, ServiceOrders: -2, IPoESites: 100_001, Holidays: []string{"2026-02-30"},
		Faults: "428:1", Start: time.Date(1066, 1, 1, 0, 0, 0, 0, time.UTC),
	}
	_, err := simulator.New(cfg)
	if err == nil {
		t.Fatal("no error")
	}
	for _, want := range []string{
		"lines -1", "extra lines -1", `contract "X"`, "contract N000000001: given twice", "share lines 1", "speed -1", `time zone "Asia/Edo"`,
		"burst 0", `retry after "soon"`, "latency", "turn delay 24h0m0s", `style "baroque"`, "max rows 0", "session period 0s",
		"token life 0s", "served max -1", "orders -1", "order pace 1ms", "service orders -2", "ipoe sites 100001", `holiday "2026-02-30"`, `no fault "428"`, "year 1066",
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("lacks %s:\n%v", want, err)
		}
	}
}

// What follows from a mistake is not another one, and an error does not begin with what its caller knows.
func TestOneMistakeIsOne(t *testing.T) {
	for want, spoil := range map[string]func(*simulator.Config){
		"lines -1: must be 0 to 1,000,000":                          func(c *simulator.Config) { c.Lines = -1 },
		"extra lines -500: must be 0 to 1,000,000":                  func(c *simulator.Config) { c.ExtraLines = -500 },
		"contracts 100000: must be 1 to 10,000":                     func(c *simulator.Config) { c.Contracts = 100_000 },
		"share lines 20: the first contract has only 2 lines":       func(c *simulator.Config) { c.Lines = 5 },
		`time zone "Asia/Edo": not an IANA name such as Asia/Tokyo`: func(c *simulator.Config) { c.TimeZone = "Asia/Edo" },
	} {
		cfg := simulator.DefaultConfig()
		spoil(&cfg)
		if _, err := simulator.New(cfg); err == nil || err.Error() != want {
			t.Errorf("error %v, want %s", err, want)
		}
	}
}

func TestGivenContracts(t *testing.T) {
	cfg := simulatortest.Frozen(simulatortest.Noon())
	cfg.ContractIDs, cfg.Lines, cfg.ShareLines = []string{"N123456789", "N987654321"}, 7, 0
	c := simulatortest.NewClient(t, cfg)
	count := map[string]int{}
	numbers := map[string]bool{}
	for _, l := range c.Lines() {
		count[l.ContractID]++
		numbers[l.LineNo] = true
	}
	if count["N123456789"] != 4 || count["N987654321"] != 3 || len(numbers) != 7 {
		t.Errorf("lines by contract: %v, %d numbers", count, len(numbers))
	}
}

// Each style writes the oddities that it is for, byte for byte.
func TestStyles(t *testing.T) {
	tests := map[simulator.Style]struct{ has, lacks []string }{
		simulator.StyleDocument: {
			has: []string{
				`"domeinName": "`, `"contractId ": "N000000001"`, `"planCode": " T3`, `"accessCode": "`, `"optionCodeList": {"T60`,
				`"saessionType": "`, `"eventType ": "01"`, `"limitStatus1": ""`, `"trafficToday": "`, `"sessionStatus": `, `"monthlyLimitStartTime": "2026/03/`,
			},
			lacks: []string{`"domainName"`, `"accessType"`, `"sessionType": "`, `"eventType":`, `null`, `+09:00`},
		},
		simulator.StyleModern: {
			has: []string{
				`"domainName": "`, `"contractId": "N000000001"`, `"planCode": "T3`, `"accessType": "`, `"optionCodeList": ["T60`,
				`"sessionType": "`, `"eventType": "01"`, `"limitStatus1": null`, `"trafficToday": "`, `"sessionStatus": "`, `+09:00"`,
			},
			lacks: []string{`"domeinName"`, `"accessCode"`, `saession`, `"eventType "`, `"contractId "`},
		},
		simulator.StyleMixed: {
			has: []string{
				`"accessType": "`, `"accessCode": "`, `"optionCodeList": ["T60`, `"optionCodeList": {"T60`, `[{"optionCode": "T60`, `"saessionType"`, `"sessionType"`,
				`"eventType": "01"`, `"eventType ": "01"`, `: null`, `: ""`, `: "NULL"`, `"trafficToday": "`, `"sessionStatus": "`, `+09:00"`,
			},
		},
	}
	for style, want := range tests {
		t.Run(string(style), func(t *testing.T) {
			cfg := simulatortest.Frozen(time.Date(2026, 3, 31, 12, 0, 0, 0, simulatortest.Tokyo))
			cfg.Style, cfg.Lines = style, 100
			c := simulatortest.NewClient(t, cfg)
			var all strings.Builder
			ask := func(path string) {
				if w := c.Do("GET", simulatortest.Base+path, ""); w.Code == 200 {
					all.Write(w.Body.Bytes())
				}
			}
			ask("N000000001")
			ask("N000000001/lines")
			ask("N000000001/sessions?startTime=20260320000000&endTime=20260331000000")
			for _, l := range c.Lines() {
				ask(l.ContractID + "/lines/" + l.LineNo + "/traffic")
				ask(l.ContractID + "/lines/" + l.LineNo + "/session")
			}
			for _, text := range want.has {
				if !strings.Contains(all.String(), text) {
					t.Errorf("nowhere %s", text)
				}
			}
			for _, text := range want.lacks {
				if strings.Contains(strings.ReplaceAll(all.String(), `"contractBuildingName`, ""), text) {
					t.Errorf("somewhere %s", text)
				}
			}
		})
	}
}
