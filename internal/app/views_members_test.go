package app

import (
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"

	"kaisen/exporter/fleet"
	"kaisen/internal/chdb/chdbtest"
	"kaisen/schema"
	"kaisen/schema/clickhouse"
)

// anyFleet is a contract whose lines are in groups or not, restricted or not, by what either call told of them, just now or long ago.
func anyFleet(source string, r *rand.Rand) (b schema.Batch) {
	now := time.Now().Truncate(time.Millisecond)
	some := func(values ...uint64) schema.Opt[uint64] {
		if n := r.IntN(len(values) + 1); n < len(values) {
			return schema.Some(values[n])
		}
		return schema.Opt[uint64]{}
	}
	for _, job := range []string{"traffic", "data_share"} {
		b.StaleAfter = append(b.StaleAfter, schema.StaleAfter{Source: source, Job: job, Seconds: 45 * 60, ObservedAt: now})
	}
	for i, course := range []schema.CourseType{schema.CourseUnknown, schema.CourseZero, schema.CourseBasic} {
		b.Products = append(b.Products, schema.Product{Source: source, ContractID: "N1", ProductCode: fmt.Sprint("P", i), CourseType: course, ObservedAt: now})
	}
	if r.IntN(3) > 0 {
		b.Findings = []schema.CarrierFinding{{Source: source, ContractID: "N1", Operation: "data_share_traffic", Reading: "share_figures",
			Value: []string{"group", "line"}[r.IntN(2)], ObservedAt: now}}
	}
	for i := range 1 + r.IntN(8) {
		key := schema.LineKey{Source: source, ContractID: "N1", LineNo: fmt.Sprint("0900000000", i)}
		share := []schema.ShareStatus{"", "", schema.ShareReserved, schema.ShareRegistered, schema.ShareRegistered, schema.ShareRemovalReserved}[r.IntN(6)]
		line := schema.Line{LineKey: key, State: schema.LineActive, Origin: schema.OriginList, PlanCode: fmt.Sprint("P", r.IntN(4)),
			DataShare: schema.Opt[schema.ShareStatus]{V: share, Known: share != ""}, FirstSeen: now, LastSeen: now, ObservedAt: now}
		if r.IntN(6) == 0 {
			line.State = schema.LineRemoved
		}
		b.Lines = append(b.Lines, line)
		told := func(scope schema.Scope) {
			at := now.Add(-time.Duration(i) * time.Second)
			if r.IntN(5) == 0 { // stale
				at = at.Add(-2 * time.Hour)
			}
			b.Traffic = append(b.Traffic, schema.TrafficSample{LineKey: key, Scope: scope, ObservedAt: at, ReceivedAt: at, MonthBytes: some(0, 100, 100), TodayBytes: some(10),
				RemainingBytes: some(0, 0, 20, 30, 900), Restriction: schema.Restrictions()[max(0, r.IntN(8)-3)]})
		}
		if r.IntN(5) > 0 {
			told(schema.ScopeLine)
		}
		if share != "" {
			b.Members = append(b.Members, schema.DataShareMember{LineKey: key, Status: share, Member: true, ObservedAt: now})
			if share.InPool() && r.IntN(4) > 0 {
				told(schema.ScopeDataShare)
			}
		}
	}
	return b
}

// The gauges and the page, line_status and near_cap_lines count the same lines as restricted, near their cap, unknown and silent,
// whatever the calls told; and the pools have used the same.
func TestViewsAndGaugesCountTheSameLines(t *testing.T) {
	cfg := clickhouse.DefaultConfig()
	cfg.DSN = chdbtest.StartHTTPFrom(t, migrate)
	db, err := clickhouse.Open(t.Context(), cfg, clickhouse.NewMetrics(prometheus.NewRegistry()), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	f, r := fleet.New(fleet.DefaultConfig()), rand.New(rand.NewPCG(12, 10))
	var all schema.Batch
	for i := range 200 {
		b := anyFleet(fmt.Sprintf("s%03d", i), r)
		f.Write(b)
		all.Append(b)
	}
	if err := db.Insert(t.Context(), &all); err != nil {
		t.Fatal(err)
	}
	var page, counted []string
	restricted, near := 0, 0
	for _, c := range f.Conditions(time.Now()) {
		counted = append(counted, fmt.Sprint(c.Source, " ", c.Restricted, " ", c.NearCap, " ", c.Unknown, " ", c.Silent, " ", c.Restricted+c.NearCap))
		restricted, near = restricted+c.Restricted, near+c.NearCap
	}
	if restricted < 100 || near < 50 {
		t.Fatalf("%d restricted and %d near their cap: the test proves less than it should", restricted, near)
	}
	o := f.Overview(time.Now())
	if o.ThrottledLines() != restricted || o.NearCap != near {
		t.Errorf("the page counts %d and %d, the gauges %d and %d", o.ThrottledLines(), o.NearCap, restricted, near)
	}
	for _, p := range o.Pools {
		page = append(page, fmt.Sprint(p.Source, " ", p.Month, " ", p.Remaining, " ", p.Restriction))
	}
	slices.Sort(page)
	ask := func(sql string) []string {
		t.Helper()
		answer, err := db.Query(t.Context(), sql, "TSV")
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Close()
		text, err := io.ReadAll(answer)
		if err != nil {
			t.Fatal(err)
		}
		return strings.Split(strings.TrimSpace(strings.ReplaceAll(string(text), "\t", " ")), "\n")
	}
	got := ask(`SELECT s.source, s.throttled, s.near, s.unsure, s.mute, n.lines FROM
(SELECT source, countIf(restricted) AS throttled, countIf(near_cap) AS near, countIf(unknown) AS unsure, countIf(silent) AS mute FROM line_status GROUP BY source) AS s
LEFT JOIN (SELECT source, count() AS lines FROM near_cap_lines GROUP BY source) AS n ON n.source = s.source ORDER BY source`)
	if diff := cmp.Diff(counted, got); diff != "" {
		t.Errorf("restricted, near, unknown, silent, near_cap_lines (-fleet +ClickHouse):\n%s", diff)
	}
	pools := ask(`SELECT source, if(isNull(month_bytes), '{0 false}', '{' || toString(month_bytes) || ' true}'), if(isNull(remaining_bytes), '{0 false}', '{' || toString(remaining_bytes) || ' true}'),
    restriction FROM data_share_pools WHERE observed_at IS NOT NULL ORDER BY source`)
	if diff := cmp.Diff(page, pools); diff != "" {
		t.Errorf("pools (-fleet +ClickHouse):\n%s", diff)
	}
}
