package gateway_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"kaisen/internal/simulator"
	"kaisen/internal/simulator/simulatortest"
)

func TestParseFaults(t *testing.T) {
	const list = "429:0.01:2s,traffic+session.500:0.02,503:30s@1m0s,slow:0.01:2s,html:30s/5m0s:502,token-death:1"
	faults, err := simulator.ParseFaults(" " + strings.ReplaceAll(list, ",", " , ") + ",")
	if err != nil {
		t.Fatal(err)
	}
	var back []string
	for _, f := range faults {
		back = append(back, f.String())
	}
	if got := strings.Join(back, ","); got != list {
		t.Errorf("read back as %s, want %s", got, list)
	}
}

func TestParseFaultsListsEveryMistake(t *testing.T) {
	_, err := simulator.ParseFaults("428:0.1,500,503:often,slow:0.1:fast,cut:1.5,html:0.1:99,traffik.500:0.1,503:5m/1m,null:0.1:x,500:1:2:3")
	if err == nil {
		t.Fatal("no error")
	}
	for _, want := range []string{
		`"428:0.1": no fault "428"`, `"500": must be kind:when`, `"503:often": "often" is neither`,
		`"slow:0.1:fast": "fast" is not a duration`, `"cut:1.5": probability 1.5`, `"html:0.1:99": "99" is not a status`,
		`"traffik.500:0.1": no operation "traffik"`, `"503:5m/1m": window`, `"null:0.1:x": null takes no argument`, `"500:1:2:3": must be`,
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("lacks %s:\n%v", want, err)
		}
	}
}

// Each fault, at probability 1, does what it says and nothing else; what is not a good answer is not on record.
func TestFaults(t *testing.T) {
	tests := []struct {
		fault  string
		status int // 0: the connection broke
		header string
		value  string
		body   string
	}{
		{"429:1:3s", 429, "Retry-After", "3", `"requestId"`},
		{"500:1", 500, "Retry-After", "", `"errorMessage": "Internal Server Error"`},
		{"503:1", 503, "Retry-After", "", `"errorMessage": "System Maintainance"`},
		{"503:1:90s", 503, "Retry-After", "90", `"responseHeader"`},
		{"html:1", 200, "Content-Type", "text/html; charset=UTF-8", "<!DOCTYPE html>"},
		{"html:1:502", 502, "Content-Type", "text/html; charset=UTF-8", "<!DOCTYPE html>"},
		{"token-death:1", 401, "Retry-After", "", "Invalid access token"},
		{"drop:1", 0, "", "", ""},
		{"cut:1", 0, "", "", ""},
		{"session.500:1", 200, "", "", `"trafficToday"`},
	}
	for _, test := range tests {
		t.Run(test.fault, func(t *testing.T) {
			c := simulatortest.NewClient(t, simulatortest.Frozen(simulatortest.Noon()))
			if w := c.Do("POST", "/_sim/faults", `{"faults":"`+test.fault+`"}`); w.Code != 200 {
				t.Fatal(w.Body)
			}
			l := c.Lines()[0]
			path := simulatortest.Base + l.ContractID + "/lines/" + l.LineNo + "/traffic"
			switch w := c.Do("GET", path, ""); {
			case test.status == 0:
				if w != nil {
					t.Errorf("answered %d", w.Code)
				}
			case w == nil || w.Code != test.status || w.Header().Get(test.header) != test.value || !strings.Contains(w.Body.String(), test.body):
				t.Errorf("%+v", w)
			}
			if n := len(c.Carrier.Served().Traffic); (n == 1) != strings.HasPrefix(test.fault, "session") {
				t.Errorf("%d answers on record", n)
			}
			c.Do("DELETE", "/_sim/faults", "")
			c.Token = c.NewToken()
			c.Get(strings.TrimPrefix(path, simulatortest.Base))
		})
	}
}

func TestSpoiltBodies(t *testing.T) {
	c := simulatortest.NewClient(t, simulatortest.Frozen(simulatortest.Noon()))
	l := c.Lines()[0]
	path := simulatortest.Base + l.ContractID + "/lines/" + l.LineNo
	set := func(list string) {
		if err := c.Carrier.SetFaults(list); err != nil {
			t.Fatal(err)
		}
	}
	set("malformed:1")
	if w := c.Do("GET", path+"/traffic", ""); w.Code != 200 || strings.HasSuffix(strings.TrimSpace(w.Body.String()), "}") {
		t.Errorf("malformed: %d %s", w.Code, w.Body)
	}
	set("oversize:1")
	if w := c.Do("GET", path+"/traffic", ""); w.Body.Len() <= 1<<20 || simulatortest.Read(t, w.Body.String())["trafficToday"] == nil {
		t.Errorf("oversize: %d bytes", w.Body.Len())
	}
	set("overflow:1")
	if got := c.Get(strings.TrimPrefix(path, simulatortest.Base) + "/traffic")["trafficToday"]; got != "18446744073709551616" {
		t.Errorf("overflow: today %v", got)
	}
	set("session.result2:1")
	if got := c.Get(strings.TrimPrefix(path, simulatortest.Base) + "/session"); got["resultCode"] != "2" || got["sessionStatus"] != "0" {
		t.Errorf("result2: %v", got)
	}
	set("null:1")
	missing := map[string]bool{}
	for range 100 {
		got := c.Get(strings.TrimPrefix(path, simulatortest.Base) + "/traffic")
		for _, key := range []string{"trafficThisMonth", "trafficToday", "traffic7daysAgo", "remainedDataVolume"} {
			if got[key] == nil {
				missing[key] = true
			}
		}
	}
	if len(missing) != 4 {
		t.Errorf("null: only %v were ever missing", missing)
	}
	nulls := 0
	for _, s := range c.Carrier.Served().Traffic {
		if s.TodayBytes == nil || s.MonthBytes == nil || s.RemainingBytes == nil {
			nulls++
		}
	}
	if nulls == 0 {
		t.Error("null: the record knows of none")
	}
}

// Windows are in real time since the list was set, once or again and again; probabilities come about.
func TestFaultTimes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := simulatortest.NewClient(t, simulatortest.Frozen(simulatortest.Noon()))
		codes := func(list string, n int, every time.Duration) (codes []int) {
			if err := c.Carrier.SetFaults(list); err != nil {
				t.Fatal(err)
			}
			for range n {
				codes = append(codes, c.Do("GET", simulatortest.Base+"N000000001", "").Code)
				time.Sleep(every)
			}
			return codes
		}
		if got := codes("503:30s@60s", 6, 20*time.Second); !equal(got, 200, 200, 200, 503, 503, 200) {
			t.Errorf("once: %v", got)
		}
		if got := codes("contract.503:10s/40s", 6, 20*time.Second); !equal(got, 503, 200, 503, 200, 503, 200) {
			t.Errorf("repeated: %v", got)
		}
		failed := 0
		for _, code := range codes("500:0.2", 1000, 0) {
			if code == 500 {
				failed++
			}
		}
		if failed < 150 || failed > 250 {
			t.Errorf("%d of 1,000 at probability 0.2", failed)
		}
		before := time.Now()
		codes("slow:1:2s", 1, 0)
		if took := time.Since(before); took != 2*time.Second {
			t.Errorf("slow took %s", took)
		}
	})
}

func equal(got []int, want ...int) bool {
	for i := range want {
		if len(got) != len(want) || got[i] != want[i] {
			return false
		}
	}
	return true
}
