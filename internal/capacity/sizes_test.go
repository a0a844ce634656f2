package capacity

import (
	"bytes"
	"fmt"
	"math"
	"testing"
	"time"

	"kaisen/exporter/exposition"
	"kaisen/exporter/fleet"
	"kaisen/internal/config"
	"kaisen/schema"
)

// scraped is how many series and bytes a scrape of a fleet has, plain and compressed, of each line.
func scraped(t *testing.T, lines int, scopes ...schema.Scope) (series, plain, zipped float64) {
	t.Helper()
	f := fleet.New(fleet.DefaultConfig())
	now := time.Now()
	var forecasts []schema.LineForecast
	for i := range lines {
		key := schema.LineKey{Source: "hq", ContractID: fmt.Sprintf("N%09d", 100000000+i/1000), LineNo: fmt.Sprintf("090%08d", 10000000+7*i)}
		n := uint64(i)
		rows := schema.Batch{
			Lines: []schema.Line{{LineKey: key, State: schema.LineActive, ObservedAt: now, PlanCode: "T3001328", Access: "lte", SIMType: "標準SIM",
				DeviceName: "UNO SIM LTE SIM", DataShare: schema.Opt[schema.ShareStatus]{V: schema.ShareRegistered, Known: len(scopes) > 1}}},
			Sessions:        []schema.SessionSample{{LineKey: key, ObservedAt: now, ReceivedAt: now, SessionType: schema.SessionDomestic, Connected: schema.Some(i%2 == 0)}},
			Authentications: []schema.Authentication{{LineKey: key, Result: schema.AuthOK, SessionType: schema.SessionDomestic, EventTime: now, ObservedAt: now}},
			SessionEvents:   []schema.SessionEvent{{LineKey: key, Event: schema.SessionStart, SessionType: schema.SessionDomestic, EventTime: now, ObservedAt: now}},
		}
		for _, scope := range scopes {
			rows.Traffic = append(rows.Traffic, schema.TrafficSample{LineKey: key, Scope: scope, ObservedAt: now, ReceivedAt: now,
				MonthBytes: schema.Some(n * 7919 * 104729 % 7e9), TodayBytes: schema.Some(n * 1299709 % 3e8), RemainingBytes: schema.Some(n * 15485863 % 7e9),
				LimitStatus1: schema.Some[uint8](0), LimitStatus2: schema.Some[uint8](0), Restriction: schema.RestrictionNone})
		}
		f.Write(rows)
		forecasts = append(forecasts, schema.LineForecast{LineKey: key, Month: schema.DateOf(now).Month(), MonthBytes: rows.Traffic[0].MonthBytes.V,
			QuotaBytes: schema.Some[uint64](7e9), Days: 29, MonthEndBytes: n * 49979687 % 9e9, MonthEndLow: n * 49979687 % 8e9, MonthEndHigh: n * 49979687 % 1e10,
			ExhaustionAt: schema.Some(now.Add(time.Duration(n) * time.Minute)), ExhaustionEarly: schema.Some(now.Add(time.Duration(n) * 50 * time.Second)),
			ExhaustionLate: schema.Some(now.Add(time.Duration(n) * 70 * time.Second))})
	}
	f.Forecast("hq", forecasts)
	f.Exposition().Render()
	var text, packed bytes.Buffer
	if err := f.Exposition().Write(&text, exposition.Text, false, nil); err != nil {
		t.Fatal(err)
	}
	if err := f.Exposition().Write(&packed, exposition.Text, true, nil); err != nil {
		t.Fatal(err)
	}
	n := 0
	for row := range bytes.Lines(text.Bytes()) {
		if row[0] != '#' {
			n++
		}
	}
	per := float64(lines)
	return float64(n) / per, float64(text.Len()) / per, float64(packed.Len()) / per
}

// What a plan says of series and scrapes is what the exporter shows, to a tenth.
func TestSizesAreTheExporters(t *testing.T) {
	series, plain, zipped := scraped(t, 10_000, schema.ScopeLine)
	withShare, plainShare, zippedShare := scraped(t, 10_000, schema.ScopeLine, schema.ScopeDataShare)
	for _, size := range []struct {
		name      string
		said, has float64
	}{
		{"series of a line", lineSeries, series}, {"bytes of a line", lineText, plain}, {"zipped bytes of a line", lineZipped, zipped},
		{"series more of a member", memberSeries, withShare - series}, {"bytes more of a member", memberText, plainShare - plain},
		{"zipped bytes more of a member", memberZipped, zippedShare - zipped},
	} {
		t.Logf("%s: %.1f", size.name, size.has)
		if math.Abs(size.said-size.has) > size.has/10 {
			t.Errorf("%s: %.0f are said, %.1f are shown", size.name, size.said, size.has)
		}
	}
}

// Memory is that of a whole process, as it was measured of 30,000 and of 100,000 lines in the first sweep; a database elsewhere takes none.
func TestMemoryIsThatOfAWholeProcess(t *testing.T) {
	for lines, measured := range map[int]float64{30_000: 582e6, 100_000: 1_605e6} {
		cfg := config.DefaultConfig()
		s := sizesOf(&Plan{Lines: lines}, &cfg, 1)
		if off := s.ProcessMemory/measured - 1; math.Abs(off) > 0.15 {
			t.Errorf("%d lines: %.0f MB, measured %.0f", lines, s.ProcessMemory/1e6, measured/1e6)
		}
		if off := s.EngineMemory/700e6 - 1; math.Abs(off) > 0.15 {
			t.Errorf("%d lines: %.0f MB of the engine", lines, s.EngineMemory/1e6)
		}
		cfg.Store.Kind = config.StoreClickHouse
		if s := sizesOf(&Plan{Lines: lines}, &cfg, 1); s.EngineMemory != 0 {
			t.Errorf("%.0f MB of an engine that there is not", s.EngineMemory/1e6)
		}
	}
}
