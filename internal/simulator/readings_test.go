package simulator_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"kaisen/internal/simulator"
	"kaisen/internal/simulator/simulatortest"
)

// TestReadingsAreChecked: every mistake is listed, with what there is.
func TestReadingsAreChecked(t *testing.T) {
	cfg := simulator.DefaultConfig()
	cfg.Readings = map[string]string{"session_stop_time": "begin", "log_read": "seconds", "log_end": "inside", "bom": "off"}
	_, err := simulator.New(cfg)
	if err == nil {
		t.Fatal("no error")
	}
	for _, want := range []string{`reading session_stop_time="begin": must be stop, start`, `no reading "log_read"; there are session_stop_time, log_reach, log_start, log_end`} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("lacks %s:\n%v", want, err)
		}
	}
	names := map[string]bool{}
	for _, s := range simulator.Switches() {
		if names[s.Name] || len(s.Values) < 2 || s.About == "" {
			t.Errorf("switch %+v: twice, without a choice, or without a word on it", s)
		}
		names[s.Name] = true
	}
}

// TestReadingsWhileItRuns sets readings under /_sim/ and reads them.
func TestReadingsWhileItRuns(t *testing.T) {
	c := simulatortest.NewClient(t, simulatortest.Frozen(simulatortest.Noon()))
	control := func(method, body string) (int, map[string]string) {
		w := httptest.NewRecorder()
		c.Handler.ServeHTTP(w, httptest.NewRequest(method, "/_sim/readings", strings.NewReader(body)))
		var answer struct {
			Readings []struct{ Name, Value string }
		}
		if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil {
			t.Fatal(err)
		}
		values := map[string]string{}
		for _, r := range answer.Readings {
			values[r.Name] = r.Value
		}
		return w.Code, values
	}
	if _, was := control("GET", ""); len(was) != len(simulator.Switches()) || was["log_end"] != "outside" {
		t.Errorf("at first %v", was)
	}
	if code, _ := control("POST", `{"log_end": "beside"}`); code != http.StatusBadRequest {
		t.Errorf("a value that there is not: %d", code)
	}
	if _, is := control("POST", `{"log_end": "inside", "bom": "on"}`); is["log_end"] != "inside" || is["bom"] != "on" || is["log_reach"] != "seconds" {
		t.Errorf("then %v", is)
	}
	if _, is := control("DELETE", ""); is["log_end"] != "outside" {
		t.Errorf("at last %v", is)
	}
}

// changing is what differs from one carrier to the next whatever its readings.
var changing = regexp.MustCompile(`"(access_?[tT]oken|issuedAt)":\s*"[A-Z0-9]{13,}",?`)

// transcript asks a carrier everything that a reading could change, and returns status, headers and bodies.
func transcript(t *testing.T, readings map[string]string) (all []string, truth []simulator.LineTruth) {
	t.Helper()
	cfg := simulatortest.Frozen(time.Date(2026, 3, 20, 12, 34, 56, 0, simulatortest.Tokyo))
	cfg.Seed, cfg.Orders, cfg.IPoESites, cfg.ServiceOrders = 20, 20, 0, 0
	c := simulatortest.NewClient(t, cfg)
	if err := c.Carrier.SetReadings(readings); err != nil {
		t.Fatal(err)
	}
	ask := func(method, url, body string) {
		r := httptest.NewRequest(method, url, strings.NewReader(body))
		if body == "" {
			r = httptest.NewRequest(method, url, nil)
		}
		r.Header.Set("Authorization", "Bearer "+c.Token)
		r.Header.Set("Content-Type", "application/json")
		w := httptest.NewRecorder()
		if strings.HasSuffix(url, "/lines") && readings["never"] == "02" {
			gone, goes := context.WithCancel(t.Context())
			goes()
			r = r.WithContext(gone)
		}
		defer func() {
			text := changing.ReplaceAllString(w.Body.String(), "$1")
			if broken := recover(); broken != nil {
				text = "no answer"
			}
			all = append(all, fmt.Sprint(method, " ", url, " ", w.Code, w.Header()["Content-Type"], w.Header()["Date"], w.Header()["Location"], " ", text))
		}()
		c.Handler.ServeHTTP(w, r)
	}
	id, secret := c.Carrier.Credentials()
	ask("POST", "/v1/oauth/accesstokens", fmt.Sprintf(`{"grantType":"client_credentials","clientId":%q,"clientSecret":%q}`, id, secret))
	now, happened := simulatortest.Noon(), simulatortest.Noon().Add(-time.Hour)
	for _, log := range []string{"authentications", "session_events"} {
		c.Inject(simulator.Event{Log: log, Contract: "N000000001", Count: 1, From: happened, To: happened})
	}
	c.Inject(simulator.Event{Type: "traffic", Contract: "N000000001", Line: c.Lines()[0].LineNo, Bytes: 1 << 38})
	for _, contract := range c.Carrier.Contracts() {
		base := simulatortest.Base + contract
		for _, path := range []string{"", "/lines", "/lines", "/products", "/orders?status=accepting", "/orders?status=complete", "/dataShare"} {
			ask("GET", base+path, "")
		}
		for _, log := range []string{"authentications", "sessions"} {
			for _, window := range [][2]time.Time{{now.Add(-720 * time.Hour), now}, {now.Add(-721 * time.Hour), now}, {now, now}, {now.Add(-24 * time.Hour), happened}, {happened, now}} {
				ask("GET", base+"/"+log+"?startTime="+window[0].Format("20060102150405")+"&endTime="+window[1].Format("20060102150405"), "")
			}
		}
	}
	for _, l := range c.Lines() {
		for _, call := range []string{"traffic", "dataShare/traffic", "session"} {
			ask("GET", simulatortest.Base+l.ContractID+"/lines/"+l.LineNo+"/"+call, "")
		}
	}
	ask("GET", "/v1/business-process/service-orders?serviceName=uno", "")
	ask("GET", simulatortest.IPoEBase+"customerSites", "")
	ask("POST", simulatortest.IPoEBase+"orders", simulatortest.StartBody("1-1-1-1-1"))
	return all, c.Lines()
}

// TestEachSwitchChangesAnswersAndNotTheTruth: none is forgotten in the calls, and none changes what is true.
func TestEachSwitchChangesAnswersAndNotTheTruth(t *testing.T) {
	usual, truth := transcript(t, nil)
	if again, _ := transcript(t, nil); !slices.Equal(usual, again) {
		t.Fatalf("two carriers without readings answer differently, so the test would prove nothing:\n%s", cmp.Diff(usual, again))
	}
	seen := map[string]string{strings.Join(usual, "\n"): "none"}
	for _, s := range simulator.Switches() {
		for _, value := range s.Values[1:] {
			is, same := transcript(t, map[string]string{s.Name: value})
			text := strings.Join(is, "\n")
			if other := seen[text]; other != "" {
				t.Errorf("%s=%s answers as %s does", s.Name, value, other)
			}
			seen[text] = s.Name + "=" + value
			if !reflect.DeepEqual(truth, same) {
				t.Errorf("%s=%s changes the truth", s.Name, value)
			}
		}
	}
}
