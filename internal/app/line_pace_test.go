package app

import (
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"kaisen/internal/config"
)

// The exporter says of a line how often the account that watches it asks about it, and why: by its figures, or by the interval.
func TestScheduleOfALine(t *testing.T) {
	t.Parallel()
	for schedule, want := range map[string]string{
		config.ScheduleFixed:    `{"class":"fixed","interval_seconds":900,"text":"every 15 minutes: the interval"}`,
		config.ScheduleAdaptive: `"text":"every `,
	} {
		r := newFixture(t, nil)
		r.cfg.Sources[0].Schedule = schedule
		job := r.cfg.Sources[0].Jobs["traffic"]
		job.Interval = config.Duration(15 * time.Minute)
		r.cfg.Sources[0].Jobs["traffic"] = job
		address := run(t, r.app())
		said := ""
		r.eventually("the pace is known", func() bool {
			line := r.query("SELECT source || '/' || contract_id || '/' || line_no FROM traffic_samples WHERE scope = 'line' AND remaining_bytes > 0 AND (source, contract_id, line_no) NOT IN (SELECT source, contract_id, line_no FROM traffic_samples WHERE scope = 'data_share') LIMIT 1")
			if len(line) == 0 {
				return false
			}
			key := strings.Split(line[0], "/")
			resp, err := http.Get(address + "/-/schedule?" + url.Values{"source": {key[0]}, "contract": {key[1]}, "line": {key[2]}}.Encode())
			if err != nil {
				t.Fatal(err)
			}
			defer resp.Body.Close()
			body, _ := io.ReadAll(resp.Body)
			said = string(body)
			return strings.Contains(said, want)
		})
		t.Log(said)
	}
}
