package probe_test

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"kaisen/collector"
	"kaisen/collector/carrier"
	"kaisen/collector/probing"
	"kaisen/collector/unom"
	"kaisen/collector/unom/readings"
)

// probeOf probes a stand-in, on the 13th of a month at 9:30.
func probeOf(t *testing.T, s *standIn, edit func(*unom.Settings)) (report probing.Report, took time.Duration) {
	t.Helper()
	time.Sleep(12*24*time.Hour + 30*time.Minute) // a bubble begins at the turn of a year, which is 9:00 in Tokyo
	cfg := carrier.DefaultConfig()
	cfg.Source, cfg.BaseURL, cfg.Inspect = "hq", "http://carrier.test", unom.Kind().Inspect
	cfg.Credentials = carrier.Credentials{TokenURL: "http://carrier.test/v1/oauth/accesstokens", Style: carrier.StyleJSON,
		ClientID: "client", ClientSecret: standInSecret}
	cfg.RequestsPerSecond, cfg.Timeout, cfg.MaxWait, cfg.MaxAttempts = 20, 20*time.Second, 5*time.Second, 1
	tap := probing.NewTap(cfg.Source, cfg.TokenURL, s)
	client, err := carrier.New(cfg, tap, carrier.NewMetrics(prometheus.NewRegistry()), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	settings := &unom.Settings{Contracts: []string{contract}}
	if edit != nil {
		edit(settings)
	}
	contact := probing.New(tap, standInSecret, cfg.RequestsPerSecond)
	began := time.Now()
	unom.Kind().Probe(t.Context(), collector.Account{Source: "hq", Zone: tokyo, Workers: 1, Jobs: unom.Kind().DefaultJobs(), Settings: settings}, client, contact)
	report = unom.Kind().Report(t.Context(), contact)
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.asked) > probing.MostRequests || len(s.asked) != report.Requests {
		t.Errorf("%d requests were sent, the report has %d, and %d are allowed", len(s.asked), report.Requests, probing.MostRequests)
	}
	for _, operation := range s.asked {
		if operation == "change" {
			t.Error("something was asked for that changes something")
		}
	}
	text, err := json.Marshal(report)
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{standInSecret, "t0k3n", "株式会社"} {
		if bytes.Contains(text, []byte(secret)) {
			t.Errorf("the report has %q", secret)
		}
	}
	if found := regexp.MustCompile(`0901234[0-9]{4}`).Find(text); found != nil {
		t.Errorf("the report has the line %s", found)
	}
	return report, time.Since(began)
}

// probedValues are the values of a reading that a report has, by operation.
func probedValues(r probing.Report, reading string) map[string]string {
	values := make(map[string]string)
	for _, f := range r.Findings {
		if f.Reading == reading {
			values[f.Operation] = f.Value
		}
	}
	return values
}

// A probe finds out each value of each reading, from a carrier that means just that; but for those that it takes time to see.
func TestAProbeFindsOutEachReading(t *testing.T) {
	for _, reading := range unom.Kind().Readings {
		if slices.Contains([]string{readings.ShareLimit, readings.PlanVolume, readings.SessionState}, reading.Name) {
			continue
		}
		for _, value := range reading.Values {
			t.Run(reading.Name+"="+value.Name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					s := &standIn{readings: map[string]string{reading.Name: value.Name}}
					report, _ := probeOf(t, s, nil)
					values := probedValues(report, reading.Name)
					if len(values) == 0 {
						t.Errorf("not found out: %+v", report.Unknown)
					}
					for operation, got := range values {
						if got != value.Name {
							t.Errorf("%s: %s", operation, got)
						}
					}
					if !report.Complete {
						t.Errorf("not complete: %+v", report.Operations)
					}
				})
			})
		}
	}
}

// Whatever goes wrong, a probe ends soon, within its requests, and says what is wrong.
func TestAProbeOfACarrierInTrouble(t *testing.T) {
	status := func(status int, message string) func(http.ResponseWriter, string) bool {
		return func(w http.ResponseWriter, operation string) bool {
			if operation == "token" {
				return false
			}
			refuse(w, status, message)
			return true
		}
	}
	for _, tc := range []struct {
		name     string
		carrier  *standIn
		requests int // at most
		longest  time.Duration
		says     string
	}{
		{"a token that is refused", &standIn{answer: func(w http.ResponseWriter, operation string) bool {
			say(w, 401, object{"error": "invalid_client", "error_description": "secret " + standInSecret})
			return true
		}}, 1, time.Second, "check client_id and client_secret"},
		{"everything refused", &standIn{answer: status(403, "Forbidden")}, 30, time.Minute, "jobs.lines.interval"},
		{"every token dead", &standIn{answer: status(401, "Invalid access token")}, 60, time.Minute, "unauthorised"},
		{"everything fails", &standIn{answer: status(500, "Internal Server Error")}, 30, time.Minute, "server error"},
		{"too many", &standIn{answer: status(429, "Too Many Requests")}, 40, 5 * time.Minute, "throttled"},
		{"maintenance", &standIn{answer: status(503, "System Maintainance")}, 30, 5 * time.Minute, "maintenance"},
		{"no token ever comes", &standIn{hang: func(string) bool { return true }}, 1, 21 * time.Second, "no answer"},
		{"nothing but tokens", &standIn{hang: func(operation string) bool { return operation != "token" }}, 4, 62 * time.Second, "three operations"},
		{"one that hangs", &standIn{hang: func(operation string) bool { return operation == "traffic" }}, 60, 30 * time.Second, "no answer"},
		{"pages", &standIn{answer: func(w http.ResponseWriter, operation string) bool {
			if operation != "token" {
				w.Header().Set("Content-Type", "text/html")
				say(w, 200, "<html>"+standInLine(3)+"</html>")
			}
			return operation != "token"
		}}, 30, time.Minute, "malformed"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				report, took := probeOf(t, tc.carrier, nil)
				if report.Requests > tc.requests || took > tc.longest {
					t.Errorf("%d requests in %s", report.Requests, took)
				}
				if report.Complete {
					t.Error("complete")
				}
				text, _ := json.Marshal(report)
				if !strings.Contains(string(text), tc.says) {
					t.Errorf("%q is not in %s", tc.says, text)
				}
				if len(report.Findings) > 0 && tc.name != "one that hangs" {
					t.Errorf("findings: %+v", report.Findings)
				}
			})
		})
	}
}

// An account with more contracts than requests is asked about those with something to show, and says which were not.
func TestAProbeOfManyContracts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &standIn{answer: func(w http.ResponseWriter, operation string) bool { return false }}
		report, _ := probeOf(t, s, func(settings *unom.Settings) {
			settings.Contracts = []string{"N000000001", contract}
			for i := range 20 {
				settings.Contracts = append(settings.Contracts, "N9"+strings.Repeat("0", 6)+string(rune('0'+i/10))+string(rune('0'+i%10)))
			}
		})
		if values := probedValues(report, readings.StopTime); values["sessions"] != readings.StopTimeOwn {
			t.Errorf("findings %+v", report.Findings)
		}
		if report.Complete || !strings.Contains(report.Unknown[0].Why, "of 22 contracts the first 8") {
			t.Errorf("complete %v, unknown %+v", report.Complete, report.Unknown)
		}
	})
}

// Members whose RADIUS is their own are answered with row 8: others are asked, and the operation is not refused.
func TestAProbeAsksOtherMembers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		refused := 0
		report, _ := probeOf(t, &standIn{answer: func(w http.ResponseWriter, operation string) bool {
			if operation != "data_share_traffic" || refused == 2 {
				return false
			}
			refused++
			refuse(w, 403, "The order is not allowed by user RADIUS/MCOP")
			return true
		}}, nil)
		if values := probedValues(report, readings.ShareFigures); values["data_share_traffic"] != readings.ShareFiguresGroup || !report.Complete {
			t.Errorf("found %v, complete %t: %+v", values, report.Complete, report.Unknown)
		}
	})
}
