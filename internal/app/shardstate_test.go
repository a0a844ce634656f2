package app

import (
	"cmp"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"

	"kaisen/collector"
	"kaisen/internal/chdb/chdbtest"
	"kaisen/schema"
	"kaisen/schema/clickhouse"
)

// openPart opens a database as one of several kaisens does.
func openPart(t testing.TB, dsn string, shard collector.Shard) *clickhouse.DB {
	t.Helper()
	return openPartWith(t, clickhouse.Config{DSN: dsn, Part: clickhouse.Part(shard)})
}

func openPartWith(t testing.TB, cfg clickhouse.Config) *clickhouse.DB {
	t.Helper()
	db, err := clickhouse.Open(t.Context(), cfg, clickhouse.NewMetrics(prometheus.NewRegistry()), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

// ownPart is what a part needs of a whole state, as Shard.Owns says: its own lines, and of logs their rows and the whole logs of
// its own contracts.
func ownPart(state schema.State, shard collector.Shard) schema.State {
	state.Lines = owned(state.Lines, shard)
	state.Names = owned(state.Names, shard)
	state.Members = owned(state.Members, shard)
	state.Traffic = owned(state.Traffic, shard)
	state.Sessions = owned(state.Sessions, shard)
	state.Daily = owned(state.Daily, shard)
	state.Monthly = owned(state.Monthly, shard)
	state.Authentications = ownedLog(state.Authentications, shard)
	state.SessionEvents = ownedLog(state.SessionEvents, shard)
	return state
}

func owned[R interface{ Key() schema.LineKey }](rows []R, shard collector.Shard) []R {
	return slices.DeleteFunc(slices.Clone(rows), func(row R) bool { return !shard.Owns(row.Key().LineNo) })
}

func ownedLog[R interface{ Key() schema.LineKey }](rows []R, shard collector.Shard) []R {
	return slices.DeleteFunc(slices.Clone(rows), func(row R) bool { return !shard.Owns(row.Key().LineNo) && !shard.Owns(row.Key().ContractID) })
}

// randomFleet is rows of some lines of five contracts, with numbers of every length, and of lines that only a log has.
func randomFleet(r *rand.Rand, lines int, at time.Time) (b schema.Batch) {
	for contract := range 5 {
		for _, log := range []string{"authentications", "session_events"} {
			b.Watermarks = append(b.Watermarks, schema.LogWatermark{Source: "hq", ContractID: fmt.Sprintf("N%d", contract), Log: log, Watermark: at, ObservedAt: at})
		}
	}
	for range lines {
		number := fmt.Sprintf("090%08d", r.IntN(1e8))
		if r.IntN(4) == 0 { // a carrier may tell anything
			number = "é番" + fmt.Sprint(r.Uint64())[:1+r.IntN(18)]
		}
		key := schema.LineKey{Source: "hq", ContractID: fmt.Sprintf("N%d", r.IntN(5)), LineNo: number}
		for i := range 3 {
			event := at.Add(-time.Duration(r.IntN(5*3600)) * time.Second)
			b.Authentications = append(b.Authentications, schema.Authentication{LineKey: key, EventTime: event, SessionType: schema.SessionDomestic,
				Result: []schema.AuthResult{schema.AuthOK, schema.AuthNG}[r.IntN(2)], Ordinal: uint16(i), ObservedAt: at})
			b.SessionEvents = append(b.SessionEvents, schema.SessionEvent{LineKey: key, EventTime: event, SessionType: schema.SessionDomestic,
				Event: schema.SessionStart, Ordinal: uint16(i), ObservedAt: at})
		}
		if r.IntN(10) == 0 {
			continue
		}
		b.Lines = append(b.Lines, schema.Line{LineKey: key, State: schema.LineActive, Origin: schema.OriginList, FirstSeen: at, LastSeen: at, ObservedAt: at})
		b.Names = append(b.Names, schema.LineName{LineKey: key, Name: "n" + number, ObservedAt: at})
		b.Members = append(b.Members, schema.DataShareMember{LineKey: key, Status: schema.ShareRegistered, ObservedAt: at})
		b.Sessions = append(b.Sessions, schema.SessionSample{LineKey: key, SessionType: schema.SessionDomestic, ObservedAt: at, ReceivedAt: at})
		for ago := range 6 {
			was := at.Add(-time.Duration(ago) * time.Hour)
			for _, scope := range []schema.Scope{schema.ScopeLine, schema.ScopeDataShare} {
				b.Traffic = append(b.Traffic, schema.TrafficSample{LineKey: key, Scope: scope, ObservedAt: was, ReceivedAt: was,
					MonthBytes: schema.Some(uint64(9000 - 1000*ago)), TodayBytes: schema.Some(uint64(9000 - 1000*ago)),
					Restriction: []schema.Restriction{schema.RestrictionNone, schema.RestrictionMonthly}[r.IntN(2)]})
			}
			b.Daily = append(b.Daily, schema.TrafficDaily{LineKey: key, Scope: schema.ScopeLine, Day: schema.DateOf(at).AddDays(-ago), Bytes: uint64(ago), ObservedAt: at})
			b.Monthly = append(b.Monthly, schema.TrafficMonthly{LineKey: key, Scope: schema.ScopeLine, Month: schema.DateOf(at).AddMonths(-ago), Bytes: uint64(ago), ObservedAt: at})
		}
	}
	return b
}

// What a part is told by the database is what it would keep of all that the database has, whatever lines are called: the database
// and the collectors agree on whose a line is.
func TestAPartReadsItsOwnLines(t *testing.T) {
	dsn := chdbtest.StartFrom(t, migrate)
	whole := openPart(t, dsn, collector.Shard{})
	at := time.Now().Truncate(24 * time.Hour).Add(-12 * time.Hour) // the samples are all of one day
	b := randomFleet(rand.New(rand.NewPCG(1, 15)), 200, at)
	if err := whole.Insert(t.Context(), &b); err != nil {
		t.Fatal(err)
	}
	type memory struct {
		State   schema.State
		Logged  []schema.LineKey
		Samples []schema.TrafficSample
		Hours   []schema.LineHours
		Ahead   []schema.LineForecast
		Past    []schema.RestrictionEpisode
	}
	byLine := func(a, b schema.LineKey) int {
		return cmp.Or(cmp.Compare(a.ContractID, b.ContractID), cmp.Compare(a.LineNo, b.LineNo))
	}
	read := func(db *clickhouse.DB) (m memory) {
		t.Helper()
		var errs [7]error
		m.State, errs[0] = db.State(t.Context(), "hq", time.Hour)
		m.Logged, errs[1] = db.LogLines(t.Context(), "hq", at.Add(-24*time.Hour))
		errs[2] = db.LastSamples(t.Context(), "hq", 3, func(row *schema.TrafficSample) { m.Samples = append(m.Samples, *row) })
		m.Hours, errs[3] = db.LineHours(t.Context(), "hq", at.Location())
		m.Ahead, errs[4] = db.Forecast(t.Context(), "hq")
		m.Past, errs[5] = db.Episodes(t.Context(), "hq")
		errs[6] = db.Figures(t.Context(), "hq", func(part schema.State) error {
			m.State.Append(part)
			return nil
		})
		for _, err := range errs {
			if err != nil {
				t.Fatal(err)
			}
		}
		slices.SortFunc(m.Logged, byLine)
		slices.SortFunc(m.Hours, func(a, b schema.LineHours) int {
			return cmp.Or(byLine(a.LineKey, b.LineKey), cmp.Compare(a.Scope, b.Scope))
		})
		slices.SortFunc(m.Ahead, func(a, b schema.LineForecast) int { return byLine(a.LineKey, b.LineKey) })
		return m
	}
	all := read(whole)
	if len(all.State.Lines) < 150 || len(all.State.Authentications) < 150 || len(all.Samples) < 450 || len(all.Hours) < 150 ||
		len(all.Ahead) < 150 || len(all.Past) < 150 {
		t.Fatalf("the test needs more: %d lines, %d rows of a log, %d samples, hours of %d, %d forecasts, %d episodes",
			len(all.State.Lines), len(all.State.Authentications), len(all.Samples), len(all.Hours), len(all.Ahead), len(all.Past))
	}
	for index := 1; index <= 2; index++ {
		shard := collector.Shard{Index: index, Count: 2}
		db := openPart(t, dsn, shard)
		want := memory{ownPart(all.State, shard), owned(all.Logged, shard), owned(all.Samples, shard), owned(all.Hours, shard), owned(all.Ahead, shard),
			slices.DeleteFunc(slices.Clone(all.Past), func(e schema.RestrictionEpisode) bool { return e.Scope == schema.ScopeLine && !shard.Owns(e.LineNo) })}
		if diff := gocmp.Diff(want, read(db)); diff != "" {
			t.Errorf("part %d: %s", index, diff)
		}
		rows, err := db.LogRows(t.Context(), "hq", "N1", "authentications", at.Add(-24*time.Hour), at)
		of := slices.DeleteFunc(slices.Clone(b.Authentications), func(row schema.Authentication) bool { return row.ContractID != "N1" || row.EventTime.Equal(at) })
		if err != nil || len(rows.Authentications) != len(of) {
			t.Errorf("part %d: %d rows of a log that is read by contract, want all %d: %v", index, len(rows.Authentications), len(of), err)
		}
	}
}
