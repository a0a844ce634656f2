package capacity

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"kaisen/internal/config"
	"kaisen/internal/volume"
)

// A plan is sense for any limit and any fleet: it has no number that is negative, none that is not one, and no limit of 0.
func TestAPlanIsSenseForAnyLimit(t *testing.T) {
	nonsense := regexp.MustCompile(`[ (]-\d|NaN|Inf|is 0 requests|after 0s`)
	for _, fleet := range []Assumed{{}, {Lines: 1}, {Lines: 100}, {Lines: 1_000_000, Contracts: 1000, Members: 50_000}} {
		for _, limit := range []config.RateLimit{{RequestsPerSecond: 5}, {RequestsPerSecond: 5, DailyRequests: 10}, {RequestsPerSecond: 5, DailyRequests: 1},
			{RequestsPerSecond: 0.001}, {RequestsPerSecond: 1e-9}, {RequestsPerSecond: 1e-300}} {
			for _, schedule := range []string{config.ScheduleFixed, config.ScheduleAdaptive} {
				cfg := example(t, 1000)
				source := &cfg.Sources[0]
				source.Schedule, source.RateLimit.RequestsPerSecond, source.RateLimit.DailyRequests = schedule, limit.RequestsPerSecond, limit.DailyRequests
				p := planned(t, cfg, fleet)
				where := fmt.Sprintf("%+v, %+v, %s", fleet, limit, schedule)
				if limit.RequestsPerSecond >= 1e-9 && nonsense.MatchString(p.Text()) {
					t.Errorf("%s: %q in\n%s", where, nonsense.FindString(p.Text()), p.Text())
				}
				text, err := json.Marshal(p)
				if err != nil || regexp.MustCompile(`:-\d`).Match(text) {
					t.Errorf("%s: error %v\n%s", where, err, text)
				}
			}
		}
	}
}

func TestSpan(t *testing.T) {
	for seconds, want := range map[float64]string{0.5: "500ms", 40: "40s", 450: "7m30s", 7200: "2h", 200_000: "2.3 days", 1e9: "more than 10 years", 1e300: "more than 10 years"} {
		if got := Span(seconds); got != want {
			t.Errorf("%v seconds: %s, want %s", seconds, got, want)
		}
	}
	for n, want := range map[float64]string{0: "0", 3: "3", 3.6: "3.6", 5.0 / 12: "0.4", 0.0036: "0.004", 1234.4: "1,234"} {
		if got := rate(n); got != want {
			t.Errorf("%v an hour: %s, want %s", n, got, want)
		}
	}
}

// The age of what a job knows of an item goes by how often the item is asked about, not by the job's interval.
func TestSessionsAreAsOldAsTheirChecks(t *testing.T) {
	for lines, days := range map[int]float64{1000: 1, 1_000_000: 0} {
		p := planned(t, example(t, 1000), Assumed{Lines: lines, Contracts: lines / 1000})
		for _, j := range p.Accounts[0].Jobs {
			if days == 0 && j.Job == "session" {
				days = j.Items / j.Granted / 24
			}
			if j.Job == "session" && math.Abs(j.WorstAge/86400/days-1) > 0.001 {
				t.Errorf("%d lines are checked every %.2f days, and the worst age is %.2f", lines, days, j.WorstAge/86400)
			}
		}
	}
}

// The spool takes the rows of the logs too, and is measured in the unit of all surfaces.
func TestTheSpoolTakesLogs(t *testing.T) {
	p := planned(t, example(t, 1000), Assumed{Lines: 1000})
	s := p.Sizes
	want := spoolBytes*s.SampleRows + logBytes*s.LogRows
	lasts := float64(example(t, 1000).Store.SpoolMax) / want * 86400
	if s.LogRows == 0 || math.Abs(s.SpoolBytes/want-1) > 1e-9 || math.Abs(s.SpoolLasts/lasts-1) > 1e-9 {
		t.Errorf("%+v, want %.0f bytes a day", s, want)
	}
	if want := "  spool            " + volume.Text(uint64(s.SpoolBytes)) + " a day of a process"; !strings.Contains(p.Text(), want) {
		t.Errorf("lacks %q:\n%s", want, p.Text())
	}
}

// What deploy says of series is what a plan says.
func TestDeploySaysTheSeriesOfALine(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "..", "deploy", "README.md"))
	if want := fmt.Sprintf("some %d series for each line, and %d more for each member", lineSeries, memberSeries); err != nil || !strings.Contains(string(text), want) {
		t.Errorf("deploy/README.md does not say %q, error %v", want, err)
	}
}
