package app

import (
	"fmt"
	"log/slog"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"kaisen/internal/chdb/chdbtest"
	"kaisen/schema"
	kaisendb "kaisen/schema/clickhouse"
)

// drawer is a line that draws on a share group, or has, and what call 09 told it.
type drawer struct {
	line      string
	now       time.Time // of its last answer
	gone      bool      // it is no member any more
	days      int       // how many closed days it was told of
	use       int64     // MB on its usual day: its own under reading line, else the group's
	month     uint64
	remaining *uint64
}

// day is what the drawer was told of a day: less on weekends, and no day like another.
func (d drawer) day(day schema.Date) uint64 {
	bytes := uint64(d.use) * 1e6 * uint64(60+int64(day)*7919%83) / 100
	if w := day.Time().Weekday(); w == time.Saturday || w == time.Sunday {
		bytes /= 3
	}
	return bytes
}

// rows is what the store has of the drawer.
func (d drawer) rows(contract string) schema.Batch {
	key := schema.LineKey{Source: "hq", ContractID: contract, LineNo: d.line}
	today := schema.DateOf(d.now)
	b := schema.Batch{
		Members: []schema.DataShareMember{{LineKey: key, Status: schema.ShareRegistered, Member: !d.gone, ObservedAt: d.now}},
		Traffic: []schema.TrafficSample{{LineKey: key, Scope: schema.ScopeDataShare, ObservedAt: d.now, ReceivedAt: d.now, MonthBytes: schema.Some(d.month),
			TodayBytes: schema.Some(d.day(today)), Restriction: schema.RestrictionNone}},
	}
	if d.remaining != nil {
		b.Traffic[0].RemainingBytes = schema.Some(*d.remaining)
	}
	for ago := range d.days + 1 {
		day := today.AddDays(-ago)
		b.Daily = append(b.Daily, schema.TrafficDaily{LineKey: key, Scope: schema.ScopeDataShare, Day: day, Bytes: d.day(day), ObservedAt: d.now})
	}
	return b
}

// drawnPool is a share group of a contract's, and what of it counts.
type drawnPool struct {
	contract string
	byLine   bool
	drawers  []drawer
	counts   []int // which of them the days are of: all whose figures are added up, or one
	now      time.Time
	month    uint64
	volumes  *uint64 // what is left of the members' own volumes together; nil: they share one
}

// known is what the model works from: the group as a line that is alone in its contract.
func (p drawnPool) known() known {
	k := known{contract: p.contract, now: p.now, month: p.month, remaining: p.drawers[0].remaining, days: map[schema.Date]uint64{}}
	if p.volumes != nil {
		k.remaining = p.volumes
	}
	for _, i := range p.counts {
		d := p.drawers[i]
		for ago := range d.days + 1 {
			day := schema.DateOf(d.now).AddDays(-ago)
			if p.byLine {
				k.days[day] += d.day(day)
			} else {
				k.days[day] = d.day(day)
			}
		}
	}
	return k
}

// storedPools is a database that has the groups, over HTTP.
func storedPools(t *testing.T, pools ...drawnPool) *fixture {
	t.Helper()
	var b schema.Batch
	for _, p := range pools {
		for _, d := range p.drawers {
			b.Append(d.rows(p.contract))
		}
		if p.byLine {
			b.Findings = append(b.Findings, schema.CarrierFinding{Source: "hq", ContractID: p.contract, Operation: "data_share_traffic",
				Reading: "share_figures", Value: "line", ObservedAt: p.now})
		}
	}
	return stored(t, b)
}

// stored is a database that has the rows, over HTTP.
func stored(t *testing.T, b schema.Batch) *fixture {
	t.Helper()
	r := &fixture{t: t, dsn: chdbtest.StartHTTPFrom(t, migrate)}
	db, err := kaisendb.Open(t.Context(), kaisendb.Config{DSN: r.dsn}, kaisendb.NewMetrics(prometheus.NewRegistry()), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := db.Insert(t.Context(), &b); err != nil {
		t.Fatal(err)
	}
	return r
}

// byContract asks once for all contracts: the statement's first column says whose each row is.
func (r *fixture) byContract(sql string) map[string][]string {
	r.t.Helper()
	rows := map[string][]string{}
	for _, row := range r.query(sql) {
		contract, rest, _ := strings.Cut(row, "\t")
		rows[contract] = append(rows[contract], rest)
	}
	return rows
}

const poolForecastSQL = `SELECT contract_id, month, month_bytes, remaining_bytes, days_of_history, month_end_bytes, month_end_bytes_low, month_end_bytes_high,
	exhaustion_at, exhaustion_at_early, exhaustion_at_late, quota_bytes, own_volumes FROM pool_forecast`

func TestPoolForecastIsWhatItsDefinitionSays(t *testing.T) {
	t.Parallel()
	at := func(day, hour int) time.Time { return time.Date(2026, 5, day, hour, 0, 0, 0, tokyo(t)) }
	gb := func(n uint64) *uint64 { n *= 1e9; return &n }
	noon, minute := at(12, 12), time.Minute
	pools := map[string]drawnPool{
		"group": {"N000000001", false, []drawer{
			{"1", noon, false, 60, 900, 9e9, gb(8)},
			{"2", noon.Add(-minute), false, 60, 900, 9e9, gb(8)},
		}, []int{0}, noon, 9e9, nil},
		"group, and who was told of its first weeks has been removed": {"N000000002", false, []drawer{
			{"1", noon, false, 20, 900, 9e9, gb(40)},
			{"2", at(2, 12), true, 45, 900, 2e9, gb(47)},
		}, []int{0, 1}, noon, 9e9, nil},
		"line": {"N000000003", true, []drawer{
			{"1", noon, false, 60, 400, 4e9, gb(3)},
			{"2", noon.Add(-minute), false, 60, 100, 1e9, gb(3)},
			{"3", noon.Add(-minute), false, 9, 300, 2e9, gb(3)},
		}, []int{0, 1, 2}, noon, 7e9, nil},
		"line, without the use of who was removed": {"N000000004", true, []drawer{
			{"1", noon, false, 60, 400, 4e9, gb(6)},
			{"2", noon.Add(-minute), true, 60, 5000, 50e9, gb(6)},
		}, []int{0}, noon, 4e9, nil},
		"line, volumes of their own": {"N000000012", true, []drawer{
			{"1", noon, false, 60, 400, 4e9, gb(8)},
			{"2", noon.Add(-minute), false, 60, 100, 1e9, gb(3)},
		}, []int{0, 1}, noon, 5e9, gb(11)},
		"no allowance":                       {"N000000005", false, []drawer{{"1", noon, false, 60, 900, 9e9, nil}}, []int{0}, noon, 9e9, nil},
		"one member, line":                   {"N000000006", true, []drawer{{"1", noon, false, 60, 900, 9e9, gb(12)}}, []int{0}, noon, 9e9, nil},
		"one member, group":                  {"N000000007", false, []drawer{{"1", noon, false, 60, 900, 9e9, gb(12)}}, []int{0}, noon, 9e9, nil},
		"used up":                            {"N000000008", false, []drawer{{"1", noon, false, 60, 900, 9e9, gb(0)}}, []int{0}, noon, 9e9, nil},
		"no history":                         {"N000000009", false, []drawer{{"1", noon, false, 0, 900, 4e8, gb(5)}}, []int{0}, noon, 4e8, nil},
		"no history, installed in the month": {"N000000013", false, []drawer{{"1", noon, false, 0, 900, 9e9, gb(5)}}, []int{0}, noon, 9e9, nil},
		"two days, installed in the month":   {"N000000014", false, []drawer{{"1", noon, false, 2, 900, 9e9, gb(5)}}, []int{0}, noon, 9e9, nil},
		"the month's turn":                   {"N000000010", false, []drawer{{"1", at(1, 4), false, 60, 900, 1e8, gb(20)}}, []int{0}, at(1, 4), 1e8, nil},
		"the turn, line, one not asked since": {"N000000011", true, []drawer{
			{"1", at(1, 4), false, 60, 400, 1e8, gb(10)},
			{"2", at(1, 0).Add(-minute), false, 60, 100, 3e9, gb(1)},
		}, []int{0, 1}, at(1, 4), 1e8, nil},
	}
	var all []drawnPool
	for _, p := range pools {
		all = append(all, p)
	}
	forecasts := storedPools(t, all...).byContract(poolForecastSQL)
	for name, p := range pools {
		t.Run(name, func(t *testing.T) {
			rows := forecasts[p.contract]
			isForecast(t, rows, p.known())
			if own := strings.HasSuffix(rows[0], "\ttrue"); own != (p.volumes != nil) {
				t.Errorf("volumes of their own: %t", own)
			}
		})
	}
}

// isForecast compares the only row of a view with what the model makes of the same.
func isForecast(t *testing.T, rows []string, k known) {
	t.Helper()
	if len(rows) != 1 {
		t.Fatalf("%d rows: %q", len(rows), rows)
	}
	view, want := strings.Split(rows[0], "\t"), outlooks([]known{k})[0]
	volume := `\N`
	if k.remaining != nil {
		volume = fmt.Sprint(k.month + *k.remaining)
	}
	if head := fmt.Sprint("2026-05-01 ", k.month, " ", null(k.remaining), " ", want.days); strings.Join(view[:4], " ") != head || view[10] != volume {
		t.Errorf("%v, expected %s, and a volume of %s", view, head, volume)
	}
	for i, bytes := range []float64{want.end, want.low, want.high} {
		var got float64
		if _, err := fmt.Sscan(view[4+i], &got); err != nil || math.Abs(got-bytes) > 1+1e-9*bytes {
			t.Errorf("figure %d of the month's end is %s, expected %.0f", i, view[4+i], bytes)
		}
	}
	for i, at := range []time.Time{want.at, want.early, want.late} {
		if !sameTime(view[7+i], at) {
			t.Errorf("time %d is %s, expected %s", i, view[7+i], at)
		}
	}
}

// Until the carrier's figures turn after midnight they are of the month before, which is over; and who has no group has no row.
func TestPoolForecastBeforeTheFiguresTurn(t *testing.T) {
	last := time.Date(2026, 4, 30, 23, 50, 0, 0, tokyo(t))
	left := uint64(2e9)
	d := drawer{"1", last, false, 60, 900, 25e9, &left}
	turned := storedPools(t, drawnPool{"N000000001", false, []drawer{d}, nil, last, 25e9, nil})
	turned.query(`INSERT INTO traffic_samples SELECT * REPLACE ('2026-05-01 00:10:00' AS observed_at) FROM traffic_samples`)
	want := []string{"2026-04-01\t25000000000\t25000000000\t25000000000\t25000000000\t\\N"}
	turned.same("pool_forecast", "SELECT month, month_bytes, month_end_bytes, month_end_bytes_low, month_end_bytes_high, exhaustion_at FROM pool_forecast", want)

	d.gone = true
	if rows := storedPools(t, drawnPool{"N000000001", false, []drawer{d}, nil, last, 25e9, nil}).query("SELECT * FROM pool_forecast"); len(rows) > 0 {
		t.Errorf("a group without members: %q", rows)
	}
	if rows := storedPools(t).query("SELECT * FROM pool_forecast"); len(rows) > 0 {
		t.Errorf("an empty database: %q", rows)
	}
}
