// Package e2e tests that the parts say the truth together: a simulated carrier, kaisen, Prometheus and Alertmanager,
// each the real program with the repository's configuration, down to the message that wakes somebody. What each alert
// and each route does is tested where they are. It offers nothing to other packages.
package e2e

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// stage is a place that a change at the carrier passes on its way to a telephone.
type stage struct {
	name    string
	reached func() bool
}

// follow makes a change, waits until it has passed all stages, and logs when each was reached.
func follow(t *testing.T, what string, change func(), stages ...stage) {
	t.Helper()
	begun := time.Now()
	change()
	var times []string
	for _, s := range stages {
		for !s.reached() {
			if time.Since(begun) > maxWait {
				t.Fatalf("%s: not within %s: %s; before that: %s", what, maxWait, s.name, strings.Join(times, ", "))
			}
			<-time.After(pause)
		}
		times = append(times, fmt.Sprintf("%s after %.1f s", s.name, time.Since(begun).Seconds()))
	}
	t.Logf("%s: %s", what, strings.Join(times, ", "))
}

// TestALineUsesUpItsVolume follows one line: near its cap, nearer, restricted, and with new volume.
func TestALineUsesUpItsVolume(t *testing.T) {
	if testing.Short() {
		t.Skip("takes a minute and a half, most of it Alertmanager's group_wait")
	}
	t.Parallel()
	k := startKaisen(t)
	m := startMonitoring(t, k.metrics)
	line := k.thrifty()

	below := func(ratio float64) stage {
		return stage{"metric", func() bool { return k.remaining(line) < ratio }}
	}
	fires := func(alert, severity string) stage {
		return stage{"firing", func() bool { return m.fires(alert, severity, line) }}
	}
	message := func(what string) stage {
		return stage{"message", func() bool { return m.telephone.heard(what, line) }}
	}
	follow(t, "8 % left", func() { k.use(line, 0.08) },
		below(0.10), fires("KaisenLineNearCap", "warning"), message("chat firing KaisenLineNearCap warning"))
	follow(t, "3 % left", func() { k.use(line, 0.03) },
		below(0.05), fires("KaisenLineNearCap", "critical"), message("page firing KaisenLineNearCap critical"))
	follow(t, "used up", func() { k.use(line, -0.01) },
		stage{"metric", func() bool { return k.restricted(line) }},
		fires("KaisenLineRestrictedMonthly", "critical"),
		stage{"no longer near", func() bool { return m.series(`ALERTS{alertname="KaisenLineNearCap",line_no="`+line+`"}`) == 0 }},
		message("page firing KaisenLineRestrictedMonthly critical"))
	if m.telephone.heard("page resolved KaisenLineNearCap critical", line) {
		t.Error("of a line that is throttled it was told that it is no longer near its cap")
	}
	follow(t, "topped up", func() { k.topUp(line) },
		stage{"order carried out", func() bool { return k.truth(line)[0].Traffic[0].Restriction == "none" }},
		stage{"metric", func() bool { return !k.restricted(line) }},
		stage{"no longer firing", func() bool { return !m.fires("KaisenLineRestrictedMonthly", "critical", line) }},
		message("page resolved KaisenLineRestrictedMonthly critical"))
	onlyThat(t, m.telephone.received(), line)
}

// onlyThat checks that nobody was notified of anything else, or twice.
func onlyThat(t *testing.T, messages []message, line string) {
	t.Helper()
	var pages []string
	for _, m := range messages {
		t.Logf("%s: %s", m.what(), m.Annotations["description"])
		if m.Labels["line_no"] != line {
			t.Errorf("a message about something else: %s %v", m.what(), m.Labels)
		}
		if m.receiver == "page" {
			pages = append(pages, m.what())
		}
	}
	// Prometheus repeats for a quarter of an hour that the line is no longer near, and the throttle, which keeps that unsaid, is over before.
	if over := slices.Index(pages, "page resolved KaisenLineNearCap critical"); over >= 2 {
		pages = slices.Delete(pages, over, over+1)
	}
	want := []string{
		"page firing KaisenLineNearCap critical", "page firing KaisenLineRestrictedMonthly critical",
		"page resolved KaisenLineRestrictedMonthly critical",
	}
	if !slices.Equal(pages, want) {
		t.Errorf("pages:\n%s\nwant:\n%s", strings.Join(pages, "\n"), strings.Join(want, "\n"))
	}
}
