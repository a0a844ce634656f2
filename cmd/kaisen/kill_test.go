package main

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"kaisen/internal/envtest"
	"kaisen/internal/simulator"
)

// The embedded engine is killed again and again while rows arrive: it is back within seconds, and every answer that
// the carrier gave is in the tables.
func TestNoRowIsLostWhenTheEngineIsKilled(t *testing.T) {
	cfg := simulator.DefaultConfig()
	cfg.Lines, cfg.Contracts, cfg.ShareLines = 60, 2, 6
	cfg.Start, cfg.Speed = time.Date(2026, 5, 20, 14, 30, 0, 0, time.UTC), 60
	carrier, err := simulator.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	s := startService(t, carrier)
	for range envtest.Number(t, "KAISEN_ENGINE_KILLS", 5) {
		victim := s.engine()
		if victim == 0 {
			t.Fatal("no engine to kill")
		}
		if err := syscall.Kill(victim, syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
		killed := time.Now()
		s.eventually("the engine is back", func() bool { return len(s.query("SELECT 1")) == 1 && s.engine() != victim })
		t.Logf("back after %s", time.Since(killed).Round(time.Millisecond))
		s.eventually("rows arrive again", s.arriving("traffic_samples"))
	}
	stop, since := 0.0, cfg.Start.Add(-12*time.Hour).Unix()
	if err := carrier.SetClock(simulator.ClockChange{Speed: &stop}); err != nil {
		t.Fatal(err)
	}
	var missing, more []string
	var logs string
	for deadline := time.Now().Add(2 * time.Minute); ; <-time.After(50 * time.Millisecond) {
		missing, more = compared(served(carrier), s.query("SELECT DISTINCT contract_id, line_no, scope, toUnixTimestamp(observed_at) FROM traffic_samples"))
		logs = cmp.Diff(logged(carrier, since), s.query(fmt.Sprintf("SELECT contract_id, line_no, toUnixTimestamp(event_time), result, ordinal FROM authentications FINAL WHERE event_time >= %d", since)))
		if whole := len(missing)+len(more)+len(logs) == 0; whole || time.Now().After(deadline) {
			break
		}
	}
	if len(missing)+len(more)+len(logs) > 0 {
		t.Errorf("answers that are not stored: %.2000q\nsamples of no answer: %.2000q\nauthentications (-carrier +ClickHouse):\n%.3000s\n%s\n%s",
			missing, more, logs, s.get("http://"+s.http+"/-/ready"), s.log.String())
	}
	if doubled := s.query("SELECT count() - uniqExact(source, contract_id, line_no, scope, observed_at) FROM traffic_samples FINAL"); doubled[0] != "0" {
		t.Errorf("%s samples are there twice through FINAL", doubled[0])
	}
}

// served lists the traffic answers that the carrier gave, each second of a line once.
func served(carrier *simulator.Carrier) []string {
	var rows []string
	for _, a := range carrier.Served().Traffic {
		rows = append(rows, fmt.Sprintf("%s\t%s\t%s\t%d", a.ContractID, a.LineNo, a.Scope, a.At.Unix()))
	}
	slices.Sort(rows)
	return slices.Compact(rows)
}

// compared are the answers that are not stored, and what is stored beside them and beside what an answer tells the other members of a
// share group.
func compared(served, stored []string) (missing, more []string) {
	answers, there := make(map[string]bool, len(served)), make(map[string]bool, len(stored))
	for _, answer := range served {
		answers[answer] = true
	}
	for _, row := range stored {
		if there[row] = true; !answers[row] && !strings.Contains(row, "\tdata_share\t") {
			more = append(more, row)
		}
	}
	for _, answer := range served {
		if !there[answer] {
			missing = append(missing, answer)
		}
	}
	return missing, more
}

// logged lists the authentications that the carrier has, from a time on.
func logged(carrier *simulator.Carrier, since int64) []string {
	var rows []string
	for l := range carrier.Truth(simulator.TruthQuery{}) {
		for _, row := range l.Authentications {
			if row.Time.Unix() < since {
				continue
			}
			rows = append(rows, fmt.Sprintf("%s\t%s\t%d\t%s\t%d", l.ContractID, l.LineNo, row.Time.Unix(), row.Result, row.Ordinal))
		}
	}
	slices.Sort(rows)
	return rows
}

// kaisen itself is killed again and again, at any moment: while it starts, while it replays what it could not store,
// while rows arrive. Afterwards days and logs equal the carrier's truth, and every sample that it had acknowledged,
// which is what its gauges showed, is there, once.
func TestNothingIsLostWhenKaisenIsKilled(t *testing.T) {
	midnight := simulator.DefaultConfig()
	midnight.Lines, midnight.Contracts, midnight.ShareLines = 40, 2, 6
	midnight.Start, midnight.Speed = time.Date(2026, 5, 20, 14, 56, 0, 0, time.UTC), 60
	month := midnight // with a carrier that fails, and whose figures turn late
	month.Seed, month.Start, month.Speed, month.TurnDelay = 77, time.Date(2026, 5, 31, 14, 53, 0, 0, time.UTC), 120, 10*time.Minute
	month.Faults = "500:0.02,drop:0.01,cut:0.01,malformed:0.005,html:0.005,429:0.01:1s,token-death:0.002"
	for name, cfg := range map[string]simulator.Config{"about a midnight": midnight, "about a month's turn": month} {
		t.Run(name, func(t *testing.T) { nothingIsLost(t, cfg) })
	}
}

func nothingIsLost(t *testing.T, cfg simulator.Config) {
	carrier, err := simulator.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	s := newService(t, carrier)
	nothingIsLostOf(t, carrier, cfg, s, envtest.Number(t, "KAISEN_KILLS", 6), s.kill)
}

// nothingIsLostOf ends a service in some way again and again, and compares what it has stored with the carrier's truth. Every second
// time it has acknowledged something before, since it was started; the other times it ends at any moment, also while it starts.
func nothingIsLostOf(t *testing.T, carrier *simulator.Carrier, cfg simulator.Config, s *service, ends int, end func()) {
	t.Helper()
	acknowledged := map[string]bool{}
	for round := range ends {
		began := carrier.Now().Unix()
		s.start()
		switch round % 4 {
		case 0, 2: // a gauge follows its sample to the disk, which takes as long as the machine is busy
			s.eventually("a sample is acknowledged that is of this life", func() bool { return s.observed(acknowledged) > began })
		case 1:
			s.eventually("ready", s.ready)
		}
		for until := time.Now().Add(rand.N(3 * time.Second)); time.Now().Before(until); <-time.After(rand.N(100 * time.Millisecond)) {
			s.observed(acknowledged)
		}
		end()
	}
	stop, since := 0.0, cfg.Start.Add(-12*time.Hour).Unix()
	// Right after a midnight kaisen may not know yet which day a figure is of.
	if err := carrier.SetClock(simulator.ClockChange{Advance: "4h", Speed: &stop}); err != nil {
		t.Fatal(err)
	}
	s.start()
	t.Cleanup(s.stop)
	oldest := carrier.Now().AddDate(0, 0, -29).Format(time.DateOnly)
	for _, table := range []struct {
		name string
		want []string
		sql  string
	}{
		{"traffic_daily", days(carrier, oldest), "SELECT contract_id, line_no, scope, day, bytes FROM traffic_daily FINAL WHERE day >= '" + oldest + "'"},
		{"authentications", logged(carrier, since), fmt.Sprintf("SELECT contract_id, line_no, toUnixTimestamp(event_time), result, ordinal FROM authentications FINAL WHERE event_time >= %d", since)},
		{"session_events", sessions(carrier, since), fmt.Sprintf("SELECT contract_id, line_no, toUnixTimestamp(event_time), event, ordinal FROM session_events FINAL WHERE event_time >= %d", since)},
	} {
		var got []string
		for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline) && !cmp.Equal(table.want, got); <-time.After(50 * time.Millisecond) {
			got = s.query(table.sql)
		}
		if diff := cmp.Diff(table.want, got); diff != "" || len(got) == 0 {
			t.Errorf("%s (-carrier +ClickHouse):\n%.3000s", table.name, diff)
		}
		t.Logf("%s: %d rows equal the carrier's", table.name, len(got))
	}
	there := map[string]bool{}
	for _, row := range s.query("SELECT DISTINCT line_no, toUnixTimestamp(observed_at) FROM traffic_samples WHERE scope = 'line'") {
		there[row] = true
	}
	for row := range acknowledged {
		if !there[row] {
			t.Errorf("the sample %q was acknowledged and is lost", row)
		}
	}
	if doubled := s.query("SELECT count() - uniqExact(source, contract_id, line_no, scope, observed_at) FROM traffic_samples FINAL"); doubled[0] != "0" {
		t.Errorf("%s samples are there twice through FINAL", doubled[0])
	}
	t.Logf("ended %d times; %d acknowledged samples seen, %d stored", ends, len(acknowledged), len(there))
	if len(acknowledged) == 0 {
		t.Error("no sample was ever acknowledged; the test proves nothing")
	}
}

// observed notes the samples that the gauges show, and returns when the newest of them was observed; nothing while nobody answers.
func (s *service) observed(into map[string]bool) (newest int64) {
	response, err := http.Get("http://" + s.http + "/metrics")
	if err != nil {
		return 0
	}
	defer response.Body.Close()
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(response.Body)
	if err != nil {
		return 0 // cut off
	}
	for _, m := range families["kaisen_line_observed_timestamp_seconds"].GetMetric() {
		labels := map[string]string{}
		for _, pair := range m.GetLabel() {
			labels[pair.GetName()] = pair.GetValue()
		}
		if labels["job"] == "traffic" {
			at := int64(m.GetGauge().GetValue())
			into[fmt.Sprintf("%s\t%d", labels["line_no"], at)] = true
			newest = max(newest, at)
		}
	}
	return newest
}

// days lists what lines and their groups used, day by day.
func days(carrier *simulator.Carrier, oldest string) []string {
	var rows []string
	for l := range carrier.Truth(simulator.TruthQuery{}) {
		for _, traffic := range l.Traffic {
			for _, day := range traffic.Daily {
				if day.Date >= oldest {
					rows = append(rows, fmt.Sprintf("%s\t%s\t%s\t%s\t%d", l.ContractID, l.LineNo, traffic.Scope, day.Date, day.Bytes))
				}
			}
		}
	}
	slices.Sort(rows)
	return rows
}

// sessions lists the starts and ends that the carrier has, from a time on.
func sessions(carrier *simulator.Carrier, since int64) []string {
	var rows []string
	for l := range carrier.Truth(simulator.TruthQuery{}) {
		for _, row := range l.SessionEvents {
			if row.Time.Unix() >= since {
				rows = append(rows, fmt.Sprintf("%s\t%s\t%d\t%s\t%d", l.ContractID, l.LineNo, row.Time.Unix(), row.Event, row.Ordinal))
			}
		}
	}
	slices.Sort(rows)
	return rows
}
