package clickhouse_test

import (
	"slices"
	"testing"
	"time"

	"kaisen/schema"
)

// TestEpisodes: this month's restrictions of each line and scope; one that the first answer of all shows, and does not date, began
// then or before.
func TestEpisodes(t *testing.T) {
	db := migrated(t)
	now := time.Now().Truncate(time.Second)
	sample := func(line string, scope schema.Scope, ago time.Duration, restriction schema.Restriction, began time.Duration) schema.TrafficSample {
		s := schema.TrafficSample{LineKey: schema.LineKey{Source: "hq", ContractID: "N123456789", LineNo: line}, Scope: scope, Restriction: restriction,
			ObservedAt: now.Add(-ago), ReceivedAt: now.Add(-ago)}
		if began > 0 {
			s.MonthlyLimitStart = schema.Some(now.Add(-began).Truncate(time.Minute))
		}
		return s
	}
	const none, monthly = schema.RestrictionNone, schema.RestrictionMonthly
	b := schema.Batch{Traffic: []schema.TrafficSample{
		sample("unseen", "line", 9*time.Second, monthly, 0), sample("unseen", "line", 3*time.Second, monthly, 0),
		sample("seen", "line", 9*time.Second, none, 0), sample("seen", "line", 3*time.Second, monthly, 0),
		sample("dated", "line", 9*time.Second, monthly, 3*time.Minute),
		sample("over", "line", 9*time.Second, monthly, 0), sample("over", "line", time.Second, none, 0),
		sample("over long ago", "line", 40*24*time.Hour, monthly, 0), sample("over long ago", "line", 39*24*time.Hour, none, 0),
		sample("group", "data_share", 9*time.Second, none, 0), sample("group", "data_share", 3*time.Second, monthly, 0),
		sample("free", "line", 9*time.Second, none, 0),
	}}
	if err := db.Insert(t.Context(), &b); err != nil {
		t.Fatal(err)
	}
	rows, err := db.Episodes(t.Context(), "hq")
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, row := range rows {
		text := row.LineNo + " " + string(row.Scope) + " " + string(row.Restriction)
		if row.AtLeast {
			text += " at least"
		}
		if text += " since " + now.Sub(row.StartedAt).Round(time.Second).String(); row.EndedAt.Known {
			text += " until " + now.Sub(row.EndedAt.V).String()
		}
		got = append(got, text)
	}
	dated := now.Sub(now.Add(-3 * time.Minute).Truncate(time.Minute)).String()
	want := []string{"dated line monthly since " + dated, "group data_share monthly since 3s", "over line monthly at least since 9s until 1s", "seen line monthly since 3s", "unseen line monthly at least since 9s"}
	if !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	if rows, err := db.Episodes(t.Context(), "branch"); err != nil || len(rows) > 0 {
		t.Errorf("another source has %d, error %v", len(rows), err)
	}
}
