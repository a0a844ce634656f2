package app

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"kaisen/internal/config"
	"kaisen/internal/racetest"
	"kaisen/internal/simulator"
)

// 3,000 rows in ten minutes and 1,150 in one second are three and more times what one answer holds. For an hour, and while
// kaisen goes on, there is a row in every second, so that none is missed unseen where two windows meet.
func TestDenseLogsArriveWholeWhateverTheStartAndEndSecond(t *testing.T) {
	t.Parallel()
	for _, start := range []string{"inside", "outside"} {
		for _, end := range []string{"outside", "inside"} {
			t.Run("start second "+start+", end second "+end, func(t *testing.T) {
				r := newFixture(t, func(c *simulator.Config) { c.Readings = map[string]string{"log_start": start, "log_end": end} })
				now, contract := r.sim.Now(), r.sim.Contracts()[0]
				for _, log := range []string{"authentications", "session_events"} {
					r.inject(
						everySecond(contract, log, now.Add(-2*time.Hour), now.Add(-time.Hour)),
						simulator.Event{Contract: contract, Log: log, Count: 3000, From: now.Add(-40 * time.Minute), To: now.Add(-30 * time.Minute)},
						simulator.Event{Contract: contract, Log: log, Count: 1150, From: now.Add(-20 * time.Minute), To: now.Add(-20 * time.Minute)})
				}
				r.sweep()
				r.holdsTheTruth()

				// A steady run, late rows, hours after their time, and a restart in between.
				for range 3 {
					from := r.sim.Now()
					r.advance(20 * time.Second)
					for _, log := range []string{"authentications", "session_events"} {
						r.inject(everySecond(contract, log, from, r.sim.Now()))
					}
					r.sweep()
				}
				r.inject(simulator.Event{Contract: contract, Log: "authentications", Count: 40, From: now.Add(-90 * time.Minute), To: now.Add(-20 * time.Minute)})
				r.advance(time.Minute)
				r.sweep()
				r.holdsTheTruth()
			})
		}
	}
}

// everySecond is a row of a log in each second of [from, to).
func everySecond(contract, log string, from, to time.Time) simulator.Event {
	return simulator.Event{Contract: contract, Log: log, Count: int(to.Sub(from) / time.Second), From: from, To: to.Add(-time.Second)}
}

// The figures turn ten minutes after midnight, and at the end of a month too: asked every few minutes, by a kaisen
// that keeps running and by one that starts anew each time, no byte lands on a wrong day or month.
func TestMidnightAndMonthsEndWithFiguresThatTurnLate(t *testing.T) {
	t.Parallel()
	for _, restart := range []bool{false, true} {
		t.Run(fmt.Sprintf("restarted each time %v", restart), func(t *testing.T) {
			r := newFixture(t, func(c *simulator.Config) {
				c.Start = time.Date(2026, 5, 30, 23, 52, 0, 0, tokyo(t))
				c.TurnDelay = 10 * time.Minute
				c.Lines, c.Contracts = 15, 1
			})
			for name, job := range r.cfg.Sources[0].Jobs {
				if name == "session" || name == "authentications" || name == "sessions" {
					job.Interval = 0
					r.cfg.Sources[0].Jobs[name] = job
				}
			}
			if restart {
				r.threeNights(func() { r.sweep() })
			} else {
				r.sweeping(r.threeNights)
			}
		})
	}
}

// threeNights asks often about each midnight, from two questions before it to three after the figures turn, and about noon.
func (r *fixture) threeNights(sweep func()) {
	r.t.Helper()
	for day := range 3 { // 31 May and 1 June begin in the first two nights
		for range 8 {
			sweep()
			r.noByteOnAWrongDay()
			r.advance(4 * time.Minute)
		}
		r.advance(time.Duration(11) * time.Hour)
		sweep()
		want := truthOf(r.sim)
		oldest := r.sim.Now().AddDate(0, 0, -30).Format(time.DateOnly)
		r.same(fmt.Sprintf("days at noon of night %d", day), selectDaily+" WHERE day >= '"+oldest+"'", want.daily)
		r.same("months", selectMonthly+" WHERE month >= '"+r.sim.Now().AddDate(0, -2, 0).Format("2006-01")+"-01'", want.monthly)
		r.advance(13*time.Hour - 32*time.Minute)
	}
}

// noByteOnAWrongDay compares every day and month that is stored: the closed ones are exact, the open one is not more
// than it came to.
func (r *fixture) noByteOnAWrongDay() {
	r.t.Helper()
	truth := make(map[string]uint64)
	for l := range r.sim.Truth(simulator.TruthQuery{Days: 40}) {
		for _, traffic := range l.Traffic {
			for _, day := range traffic.Daily {
				truth[l.LineNo+"\t"+traffic.Scope+"\t"+day.Date] = day.Bytes
			}
		}
	}
	today := r.sim.Now().Format(time.DateOnly)
	yesterday := r.sim.Now().AddDate(0, 0, -1).Format(time.DateOnly)
	for _, row := range r.query("SELECT line_no, scope, day, bytes FROM traffic_daily FINAL") {
		cut := strings.LastIndex(row, "\t")
		key, day := row[:cut], row[strings.LastIndex(row[:cut], "\t")+1:cut]
		var bytes uint64
		fmt.Sscan(row[cut+1:], &bytes)
		if open := day == today || day == yesterday; bytes != truth[key] && !(open && bytes < truth[key]) {
			r.t.Errorf("%s: stored %d bytes for %s, the truth is %d", r.sim.Now(), bytes, key, truth[key])
		}
	}
}

// A scrape is served from memory: a thousand of them ask the carrier nothing, are clean, and hold no series for what
// the carrier did not say.
func TestScrapesAskTheCarrierNothing(t *testing.T) {
	t.Parallel()
	r := newFixture(t, func(c *simulator.Config) { c.Lines = 150 }) // enough for some that are paid by use
	a, address := r.start()
	before := r.sim.Stats().Requests
	var text string
	for range racetest.Fewer(1000, 100) {
		text = get(t, address+"/metrics")
	}
	if after := r.sim.Stats().Requests; fmt.Sprint(after) != fmt.Sprint(before) {
		t.Errorf("the carrier was asked during the scrapes: %v, before %v", after, before)
	}
	promtool(t, text)
	r.nullIsNoSeries(text)
	if err := a.ready(); err != nil {
		t.Errorf("not ready after a sweep: %v", err)
	}
}

// start runs the fixture's app until the end of the test, and waits for the first sweep of every job.
func (r *fixture) start() (*App, string) {
	r.t.Helper()
	jobs := strconv.Itoa(len(r.cfg.Sources[0].Jobs))
	for name, job := range r.cfg.Sources[0].Jobs {
		job.Interval = config.Duration(time.Hour)
		r.cfg.Sources[0].Jobs[name] = job
	}
	a := r.app()
	address := run(r.t, a)
	r.eventually("every line polled", func() bool {
		return strings.Count(get(r.t, address+"/metrics"), "kaisen_line_observed_timestamp_seconds{") >= 2*140 &&
			r.query("SELECT uniqExact(job) FROM sweeps")[0] == jobs
	})
	return a, address
}

// get asks without compression, which costs more than all else where a test asks again and again.
func get(t testing.TB, address string) string {
	t.Helper()
	request, err := http.NewRequestWithContext(context.WithoutCancel(t.Context()), http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Accept-Encoding", "identity")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

// promtool runs the check that Prometheus itself would want.
func promtool(t testing.TB, text string) {
	t.Helper()
	check := exec.Command("promtool", "check", "metrics")
	check.Stdin = strings.NewReader(text)
	if out, err := check.CombinedOutput(); err != nil || len(out) > 0 {
		t.Errorf("promtool check metrics: %v\n%s\n(make test fetches promtool where it is missing)", err, out)
	}
}

// nullIsNoSeries looks at the lines that are paid by use: the carrier has no remaining volume for them.
func (r *fixture) nullIsNoSeries(text string) {
	r.t.Helper()
	checked := 0
	for l := range r.sim.Truth(simulator.TruthQuery{}) {
		for _, traffic := range l.Traffic {
			series := fmt.Sprintf(`kaisen_line_remaining_bytes{source="hq",contract_id="%s",line_no="%s",scope="%s"}`, l.ContractID, l.LineNo, traffic.Scope)
			if has := strings.Contains(text, series); has != (traffic.RemainingBytes != nil) {
				r.t.Errorf("%s: shown %v, told %v", series, has, traffic.RemainingBytes != nil)
			}
			if traffic.RemainingBytes == nil {
				checked++
			}
		}
	}
	if checked == 0 {
		r.t.Error("no line without a remaining volume: the test proves nothing")
	}
}

// After a restart the gauges are there before the carrier was asked, with the time of its answers.
func TestGaugesComeBackFromClickHouse(t *testing.T) {
	r := newFixture(t, nil)
	r.sweep()
	r.server.CloseClientConnections()
	r.server.Close() // the carrier is away: whatever is shown now comes from ClickHouse
	a := r.app()
	address := run(t, a)
	want := fmt.Sprintf("kaisen_line_observed_timestamp_seconds{source=\"hq\",contract_id=\"%s\"", r.sim.Contracts()[0])
	r.eventually("the gauges are back", func() bool { return strings.Contains(get(t, address+"/metrics"), want) })
	text := get(t, address+"/metrics")
	told := fmt.Sprintf(",job=\"traffic\"} %s\n", formatSeconds(r.sim.Now()))
	if n := strings.Count(text, told); n != 30 {
		t.Errorf("%d lines with the time at which the carrier told (%q), want 30", n, told)
	}
}
