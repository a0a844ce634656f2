package app

import (
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"kaisen/collector/unom"
	"kaisen/exporter/fleet"
	"kaisen/internal/config"
	"kaisen/schema"
	"kaisen/schema/clickhouse"
)

const gb = 1_000_000_000

// moment is a fleet of one account at one time: its carrier's clock says the 15th of a month, in the middle of which there is
// something to forecast, and kaisen received the answers just now, or long ago.
type moment struct {
	schema.Batch
	carrier, now time.Time
	lines        int
}

// The contracts: of lines on their own, of a pool that is throttled, and of one that is near its cap.
const (
	ownContract, throttledPool, nearPool = "N000000001", "N000000002", "N000000003"
	thresholdLine                        = "09000000099"
)

// line adds one of the inventory. Stale ones have answers of two hours ago.
func (m *moment) line(contract string, edit func(*schema.Line)) schema.LineKey {
	m.lines++
	l := schema.Line{LineKey: schema.LineKey{Source: "hq", ContractID: contract, LineNo: fmt.Sprintf("090%08d", m.lines)}, State: schema.LineActive,
		Origin: schema.OriginList, PlanCode: "P1", FirstSeen: m.carrier, LastSeen: m.carrier, ObservedAt: m.carrier}
	if edit != nil {
		edit(&l)
	}
	m.Lines = append(m.Lines, l)
	return l.LineKey
}

// told adds an answer, that came so long ago.
func (m *moment) told(key schema.LineKey, scope schema.Scope, used, left uint64, restriction schema.Restriction, ago time.Duration) {
	m.Traffic = append(m.Traffic, schema.TrafficSample{LineKey: key, Scope: scope, ObservedAt: m.carrier.Add(-ago), ReceivedAt: m.now.Add(-ago),
		MonthBytes: schema.Some(used), TodayBytes: schema.Some[uint64](0), RemainingBytes: schema.Some(left), Restriction: restriction})
}

// own adds a line on its own with an answer, and a month behind it in which it used so much a day.
func (m *moment) own(used, left uint64, restriction schema.Restriction, ago time.Duration, daily uint64) schema.LineKey {
	key := m.line(ownContract, nil)
	m.told(key, schema.ScopeLine, used, left, restriction, ago)
	for day := 1; day <= 30; day++ {
		m.Daily = append(m.Daily, schema.TrafficDaily{LineKey: key, Scope: schema.ScopeLine, Day: schema.DateOf(m.carrier).AddDays(-day), Bytes: daily, ObservedAt: m.carrier})
	}
	return key
}

// pool adds a share group. Its last member has no figures at all, and the one before it an old answer that says otherwise.
func (m *moment) pool(contract string, members int, used, left uint64, restriction schema.Restriction) {
	for i := range members {
		key := m.line(contract, func(l *schema.Line) { l.DataShare = schema.Some(schema.ShareRegistered) })
		m.Members = append(m.Members, schema.DataShareMember{LineKey: key, Status: schema.ShareRegistered, Member: true, ObservedAt: m.carrier})
		switch i {
		case members - 1:
			continue
		case members - 2:
			m.told(key, schema.ScopeDataShare, used/2, used/2+left, schema.RestrictionNone, 2*time.Hour)
		default:
			m.told(key, schema.ScopeDataShare, used, left, restriction, time.Minute)
		}
		m.told(key, schema.ScopeLine, used/uint64(members), 0, schema.RestrictionNone, time.Minute)
	}
}

// newMoment is a fleet in which everything is that people disagreed about, and how many lines there are in each condition.
func newMoment(t *testing.T) (m *moment, want map[string]int) {
	m = &moment{carrier: time.Date(2026, 5, 15, 10, 0, 0, 0, tokyo(t)), now: time.Now().Truncate(time.Second)}
	m.Products = []schema.Product{{Source: "hq", ContractID: ownContract, ProductCode: "P1", CourseType: schema.CourseBasic, ObservedAt: m.carrier},
		{Source: "hq", ContractID: ownContract, ProductCode: "P0", CourseType: schema.CourseZero, ObservedAt: m.carrier}}
	const fresh, stale = time.Minute, 2 * time.Hour
	none, monthly := schema.RestrictionNone, schema.RestrictionMonthly
	for range 5 {
		m.own(20*gb, 0, monthly, fresh, gb)
	}
	m.own(17*gb, 3*gb, schema.RestrictionRecent, fresh, gb)                                                       // restricted with something left
	m.own(10*gb, 10*gb, schema.RestrictionMonthlyAndRecent, fresh, gb)                                            // with much of it
	m.pool(throttledPool, 5, 100*gb, 0, monthly)                                                                  // 12
	m.own(20*gb, 0, none, fresh, gb)                                                                              // near: nothing left, not restricted yet
	m.own(17*gb, 3*gb, none, fresh, gb)                                                                           // near, and will run out
	m.own(19*gb, gb, none, fresh, 1000)                                                                           // near, and lasts
	m.own(15*gb, 9*gb, none, fresh, gb)                                                                           // will run out, not near
	m.pool(nearPool, 3, 90*gb, 10*gb, none)                                                                       // near, all three
	m.own(20*gb, 0, monthly, stale, gb)                                                                           // unknown, was restricted
	m.own(17*gb, 3*gb, none, stale, gb)                                                                           // unknown, was near and running out
	m.own(5*gb, 15*gb, schema.RestrictionUnknown, fresh, 1000)                                                    // unknown, by a code that no document has
	m.own(1*gb, 19*gb, none, fresh, 1000)                                                                         // fine
	m.told(m.line(ownContract, func(l *schema.Line) { l.PlanCode = "P0" }), schema.ScopeLine, gb, 0, none, fresh) // has no volume
	for _, state := range []schema.LineState{schema.LineRemoved, schema.LineNotFound} {
		m.told(m.line(ownContract, func(l *schema.Line) { l.State = state }), schema.ScopeLine, 20*gb, 0, monthly, fresh)
	}
	m.told(m.line(ownContract, func(l *schema.Line) { l.LineNo = thresholdLine }), schema.ScopeLine, 15*gb, 5*gb, none, fresh) // near by its own threshold, will run out by the month's use: no day of it is known
	return m, map[string]int{"restricted": 12, "near_cap": 7, "will_run_out": 3, "silent": 4, "unknown": 3}
}

// surface is where somebody reads how many lines are in a condition.
type surface struct {
	name  string
	count map[string]string // by condition; one that is missing is not told there
}

// TestOneCountEverywhere: at one moment the page, its lists and files, SQL, gauges, dashboards and alerts count the same lines.
func TestOneCountEverywhere(t *testing.T) {
	t.Parallel()
	r := newFixture(t, nil)
	r.forecasts = true
	m, want := newMoment(t)
	r.store(&m.Batch)
	source := &r.cfg.Sources[0]
	source.Settings, source.Jobs = &unom.Settings{Contracts: []string{ownContract, throttledPool, nearPool}}, map[string]config.Job{}
	for job := range config.DefaultSource(unom.Kind()).Jobs {
		source.Jobs[job] = config.Job{}
	}
	r.cfg.Exporter.StaleAfter = config.Duration(45 * time.Minute)
	r.cfg.LabelsFile = filepath.Join(t.TempDir(), "lines.csv")
	if err := os.WriteFile(r.cfg.LabelsFile, []byte("contract_id,line_no,near_cap_percent\n"+ownContract+","+thresholdLine+",30\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	at := run(t, r.app())
	r.eventually("the forecast is shown, and the line's threshold stored", func() bool {
		return strings.Contains(get(t, at+"/metrics"), "kaisen_line_exhaustion_timestamp_seconds{") && strings.Contains(get(t, at+"/metrics"), "kaisen_line_near_cap_ratio{") &&
			r.query("SELECT count() FROM stale_after FINAL WHERE seconds = 2700")[0] != "0" && r.query("SELECT count() FROM line_names FINAL")[0] == "1"
	})
	metrics := get(t, at+"/metrics")
	surfaces := slices.Concat(pageSurfaces(t, at), r.sqlSurfaces(), r.panelSurfaces(), prometheusSurfaces(t, metrics, want))
	conditions := []string{"restricted", "near_cap", "will_run_out", "silent", "unknown"}
	table := fmt.Sprintf("%-46s %s\n", "", strings.Join(conditions, "  "))
	for _, s := range surfaces {
		table += fmt.Sprintf("%-46s", s.name)
		for _, condition := range conditions {
			got, told := s.count[condition]
			table += fmt.Sprintf(" %*s ", len(condition), got)
			if told && got != fmt.Sprint(want[condition]) {
				t.Errorf("%s: %s lines %s, want %d", s.name, got, condition, want[condition])
			}
		}
		table += "\n"
	}
	t.Log("\n" + table)
}

// store writes rows as the collectors' are written.
func (r *fixture) store(b *schema.Batch) {
	r.t.Helper()
	cfg := clickhouse.DefaultConfig()
	cfg.DSN = r.dsn
	db, err := clickhouse.Open(r.t.Context(), cfg, clickhouse.NewMetrics(prometheus.NewRegistry()), slog.New(slog.DiscardHandler))
	if err != nil {
		r.t.Fatal(err)
	}
	defer db.Close()
	if err := db.Migrate(r.t.Context()); err != nil {
		r.t.Fatal(err)
	}
	if err := db.Insert(r.t.Context(), b); err != nil {
		r.t.Fatal(err)
	}
}

// listOf is the page's list of a condition.
func listOf(condition string) string {
	switch condition {
	case "near_cap":
		return fleet.ListNear
	case "will_run_out":
		return fleet.ListOut
	}
	return condition
}
