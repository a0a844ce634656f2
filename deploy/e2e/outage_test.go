package e2e

import (
	"fmt"
	"net/http"
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

	// exportedLines are ten times as many as make a storm; what a thousand cost Prometheus, three seconds are short for.
	exportedLines = 210
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
		lines := map[string]int{manyContract: exportedLines - 10, fewContract: 10}[contract]
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

// TestAnOutageIsNoNewsOfLines: 190 lines of a contract are throttled and five of another; kaisen is down for half an
// hour, and then the carrier. Nobody hears of a line that it is over, or anew; what changed meanwhile is told once.
func TestAnOutageIsNoNewsOfLines(t *testing.T) {
	if testing.Short() {
		t.Skip("takes six minutes")
	}
	t.Parallel() // it does little but wait
	kaisen := &exported{}
	inTime(t, kaisen, func(t *testing.T, l *timeline) {
		kaisen.set(func() {
			kaisen.many, kaisen.few = 0, 0
			kaisen.carrier, kaisen.heard, kaisen.labels = true, true, `,name="camera"`
		})
		l.await("kaisen:line_heard:last10m", exportedLines)
		l.pass("Prometheus starts, and misses kaisen at first", 8)
		l.expect("nothing is throttled", l.pass("nothing is throttled", 5))
		kaisen.set(func() { kaisen.many, kaisen.few = 190, 5 })
		l.await(throttled, 195)
		l.pass("lines are throttled", 8)

		kaisen.set(func() { kaisen.down = true })
		got := l.pass("kaisen is down", 30)
		l.firing("kaisen is down", 195)
		kaisen.set(func() { kaisen.down, kaisen.few = false, 4 }) // one was topped up meanwhile
		l.expect("kaisen was down", append(got, l.pass("kaisen is back", 12)...), "page: 1 firing KaisenAbsent", "page: 1 resolved KaisenAbsent",
			"page-of-a-contract: 1 resolved KaisenLineRestrictedMonthly N000000000, 4 firing KaisenLineRestrictedMonthly N000000000")
		l.firing("kaisen is back", 194)

		kaisen.set(func() { kaisen.carrier = false })
		got = l.pass("the carrier fails", 10)
		kaisen.set(func() { kaisen.heard = false }) // figures are stale after three intervals
		got = append(got, l.pass("the carrier fails on", 20)...)
		l.firing("the carrier fails", 194)
		kaisen.set(func() { kaisen.carrier, kaisen.heard = true, true })
		l.expect("the carrier had failed", append(got, l.pass("the carrier is back", 12)...), "page: 1 firing KaisenCarrierFailing", "page: 1 resolved KaisenCarrierFailing")

		kaisen.set(func() { kaisen.many = 193 })
		l.expect("three more", l.pass("three more", 12), "storm-digest: 1 firing KaisenLineStormGrows N123456789")
		l.firing("three more", 197)
	})
}
