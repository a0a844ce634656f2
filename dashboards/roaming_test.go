package dashboards

import (
	"log/slog"
	"strings"
	"testing"
	"time"

	promclient "github.com/prometheus/client_golang/prometheus"

	"kaisen/internal/chdb/chdbtest"
	"kaisen/schema"
	ch "kaisen/schema/clickhouse"
)

// TestHoursAbroad: a session that ends on the hour has nothing to do with the hour that begins, in the panel and in the question of
// kaisen query --examples.
func TestHoursAbroad(t *testing.T) {
	dsn := chdbtest.StartHTTP(t)
	db, err := ch.Open(t.Context(), ch.Config{DSN: dsn}, ch.NewMetrics(promclient.NewRegistry()), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := db.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	japan := time.FixedZone("JST", 9*3600)
	now := time.Now().In(japan)
	ten := time.Date(now.Year(), now.Month(), now.Day()-2, 10, 0, 0, 0, japan)
	var batch schema.Batch
	for line, session := range map[string][2]time.Duration{
		"1": {0, time.Hour}, "2": {30 * time.Minute, time.Hour + time.Second}, "3": {59 * time.Minute, 2 * time.Hour}, "4": {time.Hour, time.Hour}, "5": {0, time.Second},
	} {
		k := schema.LineKey{Source: "unom", ContractID: "N123456789", LineNo: line}
		for i, event := range []schema.SessionEventKind{schema.SessionStart, schema.SessionStop} {
			batch.SessionEvents = append(batch.SessionEvents, schema.SessionEvent{LineKey: k, EventTime: ten.Add(session[i]), SessionType: schema.SessionRoaming, Event: event, ObservedAt: ten.Add(3 * time.Hour)})
		}
		for n := range 36 { // an answer every ten minutes, from 8 o'clock
			at := ten.Add(time.Duration(n-12) * 10 * time.Minute)
			used := schema.Some(uint64(n+1) << 20)
			batch.Traffic = append(batch.Traffic, schema.TrafficSample{LineKey: k, Scope: schema.ScopeLine, ObservedAt: at, ReceivedAt: at, MonthBytes: used, TodayBytes: used, Restriction: schema.RestrictionNone})
		}
	}
	if err := db.Insert(t.Context(), &batch); err != nil {
		t.Fatal(err)
	}
	examples, err := schema.Examples()
	if err != nil {
		t.Fatal(err)
	}
	asked := map[string]string{"example 4": strings.TrimSuffix(strings.TrimSpace(examples[3].SQL), ";")}
	a := asking{from: ten.Add(-24 * time.Hour), to: now, values: map[string][]string{"source": {"unom"}, "contract": {"N123456789"}}, all: map[string]bool{}}
	for _, m := range installed(t) {
		for _, p := range m.pictures() {
			if p.Title == "Used while abroad" {
				asked["the panel"] = a.sql(t, p.Targets[0].RawSQL)
			}
		}
	}
	if len(asked) != 2 {
		t.Fatalf("asked %v", asked)
	}
	for what, sql := range asked {
		got, err := chdbtest.AskHTTP(dsn, "SELECT line_no, hours FROM ("+sql+") ORDER BY line_no")
		if want := "1\t1\n2\t2\n3\t2\n4\t1\n5\t1\n"; err != nil || got != want {
			t.Errorf("%s: %q, %v, want %q", what, got, err, want)
		}
	}
}
