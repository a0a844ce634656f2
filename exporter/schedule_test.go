package exporter

import (
	"log/slog"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"kaisen/exporter/fleet"
	"kaisen/exporter/fleet/fleettest"
	"kaisen/exporter/linelabel"
	"kaisen/exporter/page"
	"kaisen/schema"
)

// paced is a server whose first line is asked every four minutes, and of whose second nobody can say; labels are those of its lines.
func paced(t *testing.T, labels linelabel.Labels, pace Pace) *Server {
	t.Helper()
	of := fleet.DefaultConfig()
	of.Labels = labels
	f := fleet.New(of)
	for _, number := range []string{"09000000001", "09000000002"} {
		f.Write(schema.Batch{Lines: []schema.Line{fleettest.Inventory(number, schema.LineActive)}, Traffic: []schema.TrafficSample{fleettest.Answer(number, schema.ScopeLine)}})
	}
	config := DefaultConfig()
	config.Pace = pace
	s, err := New(config, f, prometheus.NewRegistry(), Health{}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.polls.close)
	return s
}

// How often a line is asked about, and why, stands on its page, in the file of lines and at /-/schedule, by what the line is
// called there.
func TestScheduleOfALine(t *testing.T) {
	labels := labelsOf(t, linelabel.Masked)
	s := paced(t, labels, func(key schema.LineKey) (page.Pace, bool) {
		pace := page.Pace{Class: "urgent", Every: 4 * time.Minute, Left: schema.Some(0.03), Threshold: schema.Some(0.0), Crossing: time.Now().Add(50 * time.Minute)}
		return pace, key == fleettest.LineKey("09000000001")
	})
	get := func(path, line, language string) string {
		request := httptest.NewRequest("GET", "http://localhost"+path+"?source=hq&contract=N123456789&line="+line, nil)
		request.Header.Set("Accept-Language", language)
		response := httptest.NewRecorder()
		s.handler.ServeHTTP(response, request)
		return response.Result().Status + "\n" + response.Body.String()
	}
	known, unknown := labels.Of("09000000001"), labels.Of("09000000002")
	for _, c := range []struct{ path, line, language, want string }{
		{"/-/schedule", known, "", `{"class":"urgent","interval_seconds":240,"text":"every 4 minutes: 3 % left, empty in 50 minutes"}`},
		{"/-/schedule", unknown, "", `{"text":"not known: nobody here asks about it now"}`},
		{"/-/schedule", "09000000001", "", "404"}, // its label alone leads to it
		{"/line", known, "en", "<dt>Asked</dt><dd>every 4 minutes: 3 % left, empty in 50 minutes</dd>"},
		{"/line", known, "ja", "<dd>4分ごと: 残り 3 %、50分後に使い切り</dd>"},
		{"/line", unknown, "en", "<dt>Asked</dt><dd>not known: nobody here asks about it now</dd>"},
		{"/lines.csv", "", "", ",stale,asked_every_seconds,schedule_class\n"},
		{"/lines.csv", "", "", ",no,240,urgent\n"},
		{"/lines.csv", "", "", ",no,,\n"},
	} {
		if got := get(c.path, c.line, c.language); !strings.Contains(got, c.want) {
			t.Errorf("%s of %s in %q: %s, want %s", c.path, c.line, c.language, got, c.want)
		}
	}
}

// Where nobody can say, that is said.
func TestScheduleOfNobody(t *testing.T) {
	s := paced(t, linelabel.Labels{}, nil)
	response := httptest.NewRecorder()
	s.handler.ServeHTTP(response, httptest.NewRequest("GET", "http://localhost/-/schedule?source=hq&contract=N123456789&line=09000000001", nil))
	if want := `{"text":"not known`; response.Code != 200 || !strings.HasPrefix(response.Body.String(), want) {
		t.Errorf("status %d: %s", response.Code, response.Body)
	}
}
