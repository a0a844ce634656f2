package report

import (
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"kaisen/internal/chdb/chdbtest"
	"kaisen/schema"
	"kaisen/schema/clickhouse"
)

// checkRestricted compares the restricted time of each line with line_months, which begins at a sample, and with restriction_episodes, which go on
// to the sample after the month.
func (q quarter) checkRestricted(t *testing.T, r *Report) {
	t.Helper()
	of := make(map[string]Maybe)
	for _, l := range r.Lines {
		if l.There {
			of[l.identity.LineNo] = l.RestrictedSeconds
		}
	}
	lines, more := strings.Split(q.ask(t, `SELECT m.line_no, m.restricted_seconds, ifNull(e.seconds, 0)
FROM (SELECT * FROM line_months WHERE month = MONTH) AS m
LEFT JOIN
(
    SELECT line_no, scope = 'data_share' AS pooled, sum(greatest(0, dateDiff('second', greatest(started_at, toDateTime64(MONTH, 3, 'Asia/Tokyo')),
        least(ifNull(ended_at, now64(3)), toDateTime64(addMonths(MONTH, 1), 3, 'Asia/Tokyo'))))) AS seconds
    FROM restriction_episodes GROUP BY line_no, pooled
) AS e ON e.line_no = m.line_no AND e.pooled = m.pooled SETTINGS join_use_nulls = 1`, r.Month), "\n"), 0
	for _, row := range lines {
		var line string
		var counted, dated uint64
		if _, err := fmt.Sscan(row, &line, &counted, &dated); err != nil {
			t.Fatalf("%q: %v", row, err)
		}
		if got := of[line]; !got.Known || got.N < counted || got.N > dated+1 {
			t.Errorf("%s: restricted %+v, line_months says %d, restriction_episodes %d", line, got, counted, dated)
		}
		if of[line].N > counted {
			more++
		}
	}
	if len(lines) != len(of) || more == 0 {
		t.Errorf("%d lines of %d, of %d it is known that they were restricted before a sample showed it", len(lines), len(of), more)
	}
}

// A carrier that tells since when a line is restricted is believed from the first answer on: the month in which kaisen is installed has
// the hours of before, as restriction_episodes has, and the month before its own.
func TestRestrictedSinceBeforeTheFirstSample(t *testing.T) {
	dsn := chdbtest.StartHTTP(t)
	cfg := clickhouse.DefaultConfig()
	cfg.DSN = dsn
	db, err := clickhouse.Open(t.Context(), cfg, clickhouse.NewMetrics(prometheus.NewRegistry()), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := db.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	q := quarter{dsn: dsn, db: db}
	may := time.Date(2026, 5, 1, 0, 0, 0, 0, time.FixedZone("JST", 9*3600))
	for _, line := range []string{"1", "2", "3", "4", "5", "6"} {
		q.ask(t, `INSERT INTO lines (source, contract_id, line_no, data_share, state, first_seen, last_seen, observed_at)
			SELECT 'hq', 'N1', '`+line+`', if('`+line+`' IN ('4', '5'), 'registered', 'none'), 'active', '2026-05-28 10:00:00', '2026-05-31 00:00:00', '2026-05-31 00:00:00'`, may)
		q.ask(t, `INSERT INTO traffic_monthly (source, contract_id, line_no, scope, month, bytes, observed_at)
			SELECT 'hq', 'N1', '`+line+`', arrayJoin(if('`+line+`' IN ('4', '5'), ['line', 'data_share'], ['line'])), addMonths(MONTH, -arrayJoin([0, 1])), 7, '2026-05-31 00:00:00'`, may)
	}
	for _, sample := range []string{
		"'1', 'line', '2026-05-28 10:00:00', 'monthly', '2026-05-13 15:30:00'", "'1', 'line', '2026-05-28 10:18:00', 'monthly', '2026-05-13 15:30:00'",
		"'2', 'line', '2026-05-28 10:00:00', 'recent', '2026-04-29 00:00:00'", "'2', 'line', '2026-05-28 11:00:00', 'none', NULL", // since April
		"'3', 'line', '2026-05-28 10:00:00', 'none', NULL", "'3', 'line', '2026-05-28 11:00:00', 'recent', '2026-05-28 10:40:00'",
		"'3', 'line', '2026-05-28 12:00:00', 'monthly', '2026-05-28 11:50:00'", "'3', 'line', '2026-05-28 13:00:00', 'none', NULL", // one after the other
		"'4', 'data_share', '2026-05-28 10:00:00', 'monthly', '2026-05-28 08:00:00'", "'4', 'data_share', '2026-05-28 10:30:00', 'none', NULL",
		"'5', 'data_share', '2026-05-28 10:10:00', 'monthly', '2026-05-28 08:00:00'", "'5', 'data_share', '2026-05-28 10:40:00', 'none', NULL",
		"'6', 'line', '2026-05-28 10:00:00', 'monthly', NULL", "'6', 'line', '2026-05-28 11:00:00', 'monthly', NULL", // nothing told
	} {
		q.ask(t, `INSERT INTO traffic_samples (source, contract_id, line_no, scope, observed_at, restriction, monthly_limit_start, daily_limit_start)
			SELECT 'hq', 'N1', line_no, scope, observed_at, restriction, if(restriction = 'monthly', since, NULL), if(restriction = 'recent', since, NULL)
			FROM values('line_no String, scope String, observed_at DateTime64(3, ''Asia/Tokyo''), restriction String, since Nullable(DateTime(''Asia/Tokyo''))', (`+sample+`))`, may)
	}
	check := func(when string) {
		t.Helper()
		for month, want := range untoldByHand(may) {
			r, err := Read(t.Context(), db, Options{Month: month, Now: may.AddDate(0, 0, 30)})
			if err != nil {
				t.Fatal(err)
			}
			for _, l := range r.Lines {
				if l.RestrictedSeconds != want.lines[l.identity.LineNo] {
					t.Errorf("%s, %s, line %s: restricted %+v, want %+v", when, day(month), l.identity.LineNo, l.RestrictedSeconds, want.lines[l.identity.LineNo])
				}
			}
			if len(r.Lines) != 6 || len(r.Pools) != 1 || r.Pools[0].RestrictedSeconds != want.pool {
				t.Errorf("%s, %s: %d lines, pools %+v", when, day(month), len(r.Lines), r.Pools)
			}
		}
	}
	check("from samples")
	q.ask(t, "TRUNCATE TABLE month_fills", may) // as if its last sample had come ten minutes ago
	if anew, err := db.CloseMonth(t.Context(), clickhouse.Month{Date: schema.DateOf(may), Of: clickhouse.Samples}); err != nil || !anew {
		t.Fatalf("closed %v, error %v", anew, err)
	}
	check("closed")
	q.ask(t, "TRUNCATE TABLE traffic_samples", may)
	check("without samples")
}

// restrictedByHand is what lines and the share group of a month are restricted.
type restrictedByHand struct {
	lines map[string]Maybe
	pool  Maybe
}

// untoldByHand is what a person works out of TestRestrictedSinceBeforeTheFirstSample.
func untoldByHand(may time.Time) map[time.Time]restrictedByHand {
	const day, hour, minute = 86_400, 3600, 60
	return map[time.Time]restrictedByHand{
		may: {map[string]Maybe{
			"1": {true, 14*day + 18*hour + 48*minute, true}, "2": {true, 27*day + 11*hour, false}, "3": {true, 2*hour + 20*minute, true},
			"4": {true, 2*hour + 30*minute, true}, "5": {true, 2*hour + 40*minute, true}, "6": {true, hour, true},
		}, Maybe{Known: true, N: 2*hour + 30*minute}},
		may.AddDate(0, -1, 0): {map[string]Maybe{"2": {true, 2 * day, true}}, Maybe{}},
	}
}
