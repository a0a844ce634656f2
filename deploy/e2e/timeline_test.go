package e2e

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strconv"
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

// standstill is how many evaluations in all a group of rules may go without before a timeline says nothing: after four in a row,
// Alertmanager may forget alerts, and rules what they hold, as they should.
const standstill = 4

// inTime runs a scenario of messages from the scrape of a server on. Where it goes wrong and Prometheus stood still meanwhile, as
// on a machine with much else to do, minutes of three seconds were too short, and it is run again.
func inTime(t *testing.T, scraped http.Handler, scenario func(*testing.T, *timeline)) {
	t.Helper()
	for attempt := 1; ; attempt++ {
		var wrong []string
		missed := 0
		t.Run(fmt.Sprint("attempt ", attempt), func(t *testing.T) {
			server := httptest.NewServer(scraped)
			t.Cleanup(server.Close)
			m, box := startQuick(t, strings.TrimPrefix(server.URL, "http://"))
			line := &timeline{monitoring: m, box: box}
			scenario(t, line)
			wrong, missed = line.wrong, line.missed()
			t.Logf("evaluations that a group of rules missed: %d", missed)
		})
		if len(wrong) > 0 && missed >= standstill && attempt < 3 {
			t.Logf("Prometheus stood still; once more, in spite of:\n%s", strings.Join(wrong, "\n"))
			continue
		}
		if len(wrong) > 0 {
			t.Error(strings.Join(wrong, "\n"))
		}
		return
	}
}

// missed is how many evaluations a group of rules has gone without, the one that missed most: it, or the machine, was too slow.
func (l *timeline) missed() (most int) {
	l.t.Helper()
	response, err := http.Get("http://" + l.prometheus + "/metrics")
	if err != nil {
		l.t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	groups := regexp.MustCompile(`(?m)^prometheus_rule_group_iterations_missed_total\{.*\} (\d+)$`).FindAllSubmatch(text, -1)
	if err != nil || len(groups) == 0 {
		l.t.Fatalf("no group of rules in Prometheus' own metrics, error %v", err)
	}
	for _, group := range groups {
		n, _ := strconv.Atoi(string(group[1]))
		most = max(most, n)
	}
	return most
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
