package e2e

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"
)

// exported is what a kaisen shows of two contracts: many throttled lines in the one, few in the other.
type exported struct {
	mu       sync.Mutex
	many     int
	few      int
	down     bool   // it cannot be scraped
	carrier  bool   // the carrier answers
	heard    bool   // lines have figures that are not stale
	labels   string // of kaisen_line_info, from labels_file
	answered int    // requests that went well
	failed   int
}

const (
	manyContract = "N123456789"
	fewContract  = "N000000000"
)

func (e *exported) set(change func()) {
	e.mu.Lock()
	defer e.mu.Unlock()
	change()
}

func (e *exported) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.down {
		http.Error(w, "down", http.StatusServiceUnavailable)
		return
	}
	if e.carrier {
		e.answered++
	} else {
		e.failed++
	}
	fmt.Fprintf(w, "kaisen_rate_limit_requests_per_second{source=\"hq\"} 5\nkaisen_job_behind_seconds{source=\"hq\",job=\"lines\"} 0\n")
	fmt.Fprintf(w, "kaisen_api_requests_total{source=\"hq\",operation=\"traffic\",code=\"200\"} %d\n", e.answered)
	fmt.Fprintf(w, "kaisen_api_requests_total{source=\"hq\",operation=\"traffic\",code=\"timeout\"} %d\n", e.failed)
	for contract, throttled := range map[string]int{manyContract: e.many, fewContract: e.few} {
		lines := map[string]int{manyContract: 1090, fewContract: 10}[contract]
		fmt.Fprintf(w, "kaisen_lines{source=\"hq\",contract_id=%q,state=\"active\"} %d\n", contract, lines)
		for i := range lines {
			line := fmt.Sprintf(`source="hq",contract_id=%q,line_no="090%s%04d"`, contract, contract[6:], i)
			fmt.Fprintf(w, "kaisen_line_info{%s,plan_code=\"T3000001\",data_share=\"none\"%s} 1\n", line, e.labels)
			if !e.heard {
				continue
			}
			fmt.Fprintf(w, "kaisen_line_observed_timestamp_seconds{%s,job=\"traffic\"} %d\n", line, time.Now().Unix())
			for _, state := range []string{"none", "monthly"} {
				holds := 0
				if (state == "monthly") == (i < throttled) {
					holds = 1
				}
				fmt.Fprintf(w, "kaisen_line_restriction{%s,scope=\"line\",restriction=%q} %d\n", line, state, holds)
			}
		}
	}
}

// TestAnOutageIsNoNewsOfLines: 1,080 lines of a contract are throttled and five of another; kaisen is down for half an
// hour, and then the carrier. Nobody hears of a line that it is over, or anew; what changed meanwhile is told once.
func TestAnOutageIsNoNewsOfLines(t *testing.T) {
	if testing.Short() {
		t.Skip("takes six minutes")
	}
	t.Parallel() // it does little but wait
	kaisen := &exported{carrier: true, heard: true, labels: `,name="camera"`}
	server := httptest.NewServer(kaisen)
	t.Cleanup(server.Close)
	m, box := startQuick(t, strings.TrimPrefix(server.URL, "http://"))
	told := 0
	pass := func(what string, minutes int) []letter {
		t.Helper()
		<-time.After(time.Duration(minutes) * minute)
		got := box.since(told)
		told += len(got)
		t.Logf("%s: %d minutes, %d messages", what, minutes, len(got))
		for _, l := range got {
			t.Logf("  minute %.1f: %s (%d bytes)", float64(l.at)/float64(minute), l.what(), l.bytes)
			if len(l.alerts) < 10 {
				for _, a := range l.alerts {
					t.Logf("    %s", a.Annotations["description"])
				}
			}
		}
		return got
	}
	expect := func(got []letter, want ...string) {
		t.Helper()
		var all []string
		for _, l := range got {
			all = append(all, l.what())
		}
		if strings.Join(all, "\n") != strings.Join(want, "\n") {
			t.Errorf("messages:\n%s\nwant:\n%s", strings.Join(all, "\n"), strings.Join(want, "\n"))
		}
	}
	for deadline := time.Now().Add(maxWait); m.series("kaisen:line_heard:last10m") < 1100; {
		if <-time.After(pause); time.Now().After(deadline) {
			t.Fatal("Prometheus does not know the lines")
		}
	}
	pass("Prometheus starts, and misses kaisen at first", 8)
	expect(pass("nothing is throttled", 5))
	kaisen.set(func() { kaisen.many, kaisen.few = 1080, 5 })
	firing := func() int { return m.series(`ALERTS{alertstate="firing",alertname="KaisenLineRestrictedMonthly"}`) }
	for deadline := time.Now().Add(maxWait); firing() != 1085; {
		if <-time.After(pause); time.Now().After(deadline) {
			t.Fatalf("%d lines fire, want 1085", firing())
		}
	}
	pass("lines are throttled", 8)

	kaisen.set(func() { kaisen.down = true })
	got := pass("kaisen is down", 30)
	if n := firing(); n != 1085 {
		t.Errorf("%d lines fire while kaisen is down, want 1085", n)
	}
	kaisen.set(func() { kaisen.down, kaisen.few = false, 4 }) // one was topped up meanwhile
	expect(append(got, pass("kaisen is back", 12)...), "page: 1 firing KaisenAbsent", "page: 1 resolved KaisenAbsent",
		"page-of-a-contract: 1 resolved KaisenLineRestrictedMonthly N000000000, 4 firing KaisenLineRestrictedMonthly N000000000")
	if n := firing(); n != 1084 {
		t.Errorf("%d lines fire afterwards, want 1084", n)
	}

	kaisen.set(func() { kaisen.carrier = false })
	got = pass("the carrier fails", 10)
	kaisen.set(func() { kaisen.heard = false }) // figures are stale after three intervals
	got = append(got, pass("the carrier fails on", 20)...)
	if n := firing(); n != 1084 {
		t.Errorf("%d lines fire while the carrier fails, want 1084", n)
	}
	kaisen.set(func() { kaisen.carrier, kaisen.heard = true, true })
	expect(append(got, pass("the carrier is back", 12)...), "page: 1 firing KaisenCarrierFailing", "page: 1 resolved KaisenCarrierFailing")

	kaisen.set(func() { kaisen.many = 1083 })
	expect(pass("three more", 12), "storm-digest: 1 firing KaisenLineStormGrows N123456789")
	if n := firing(); n != 1087 {
		t.Errorf("%d lines fire in the end, want 1087", n)
	}
}
