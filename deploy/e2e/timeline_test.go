package e2e

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"
)

// timeline is a Prometheus and an Alertmanager whose minutes are three seconds, and what has become of them so far.
type timeline struct {
	*monitoring
	box   *mailbox
	told  int      // messages that the scenario has looked at
	wrong []string // what was not as expected
}

// standstill is how long Prometheus may go without an evaluation before a timeline says nothing: then Alertmanager forgets
// alerts and rules forget what they hold, as they should.
const standstill = 4 * minute

// inTime runs a scenario of messages from the scrape of a server on. Where it goes wrong and Prometheus stood still meanwhile, as
// on a machine with much else to do, minutes of three seconds were too short, and it is run again.
func inTime(t *testing.T, scraped http.Handler, scenario func(*testing.T, *timeline)) {
	t.Helper()
	for attempt := 1; ; attempt++ {
		var wrong []string
		var still time.Duration
		t.Run(fmt.Sprint("attempt ", attempt), func(t *testing.T) {
			server := httptest.NewServer(scraped)
			t.Cleanup(server.Close)
			m, box := startQuick(t, strings.TrimPrefix(server.URL, "http://"))
			line := &timeline{monitoring: m, box: box}
			scenario(t, line)
			wrong, still = line.wrong, line.stillest()
			t.Logf("Prometheus stood still for at most %.1f minutes", still.Minutes()/minute.Minutes())
		})
		if len(wrong) > 0 && still >= standstill && attempt < 3 {
			t.Logf("Prometheus stood still; once more, in spite of:\n%s", strings.Join(wrong, "\n"))
			continue
		}
		if len(wrong) > 0 {
			t.Error(strings.Join(wrong, "\n"))
		}
		return
	}
}

// stillest is the longest time between two evaluations.
func (l *timeline) stillest() (longest time.Duration) {
	l.t.Helper()
	var answer struct {
		Data struct {
			Result []struct{ Values [][2]any }
		}
	}
	get(l.t, "http://"+l.prometheus+"/api/v1/query?query="+url.QueryEscape(`ALERTS{alertname="Watchdog"}[1h]`), &answer)
	if len(answer.Data.Result) != 1 || len(answer.Data.Result[0].Values) < 2 {
		l.t.Fatalf("evaluations of Watchdog: %v", answer.Data.Result)
	}
	values := answer.Data.Result[0].Values
	for i, v := range values[1:] {
		longest = max(longest, time.Duration((v[0].(float64)-values[i][0].(float64))*float64(time.Second)))
	}
	return longest
}

// pass lets minutes pass, and returns who was told what in them.
func (l *timeline) pass(what string, minutes int) []letter {
	l.t.Helper()
	<-time.After(time.Duration(minutes) * minute)
	got := l.box.since(l.told)
	l.told += len(got)
	l.t.Logf("%s: %d minutes, %d messages", what, minutes, len(got))
	for _, letter := range got {
		l.t.Logf("  minute %.1f: %s (%d bytes)", float64(letter.at)/float64(minute), letter.what(), letter.bytes)
		l.t.Logf("    %s", letter.alerts[0].Annotations["description"])
	}
	return got
}

// expect compares messages with what they should be.
func (l *timeline) expect(when string, got []letter, want ...string) {
	var all []string
	for _, letter := range got {
		all = append(all, letter.what())
	}
	if strings.Join(all, "\n") != strings.Join(want, "\n") {
		l.wrong = append(l.wrong, fmt.Sprintf("%s: messages:\n%s\nwant:\n%s", when, strings.Join(all, "\n"), strings.Join(want, "\n")))
	}
}

// await waits until an expression has so many series.
func (l *timeline) await(expression string, n int) {
	l.t.Helper()
	for deadline := time.Now().Add(maxWait); l.series(expression) != n; {
		if <-time.After(pause); time.Now().After(deadline) {
			l.t.Fatalf("%d series of %s, want %d", l.series(expression), expression, n)
		}
	}
}

// firing checks how many lines fire that they are throttled.
func (l *timeline) firing(when string, n int) {
	l.t.Helper()
	if got := l.series(throttled); got != n {
		l.wrong = append(l.wrong, fmt.Sprintf("%s: %d lines fire, want %d", when, got, n))
	}
}

// throttled are the alerts of lines that are throttled.
const throttled = `ALERTS{alertstate="firing",alertname="KaisenLineRestrictedMonthly"}`
