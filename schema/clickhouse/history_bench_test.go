package clickhouse_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"kaisen/internal/chdb/chdbtest"
	"kaisen/internal/envtest"
	"kaisen/schema/clickhouse"
)

// history is a fleet's past, made by the database itself: quarter hours in which lines are idle, or use a random
// amount that follows the hours of the day, polled with some seconds of jitter. It is harder to compress than real
// lines, most of which sleep.
type history struct{ lines, days int }

// historyOf is how much past BenchmarkHistory makes: a month of 1,000 lines, or KAISEN_HISTORY_DAYS of KAISEN_HISTORY_LINES.
func historyOf(b *testing.B) history {
	return history{lines: envtest.Number(b, "KAISEN_HISTORY_LINES", 1000), days: envtest.Number(b, "KAISEN_HISTORY_DAYS", 30)}
}

// samplesSQL fills traffic_samples with the days from one to another before today, of some lines from one on.
const samplesSQL = `
INSERT INTO traffic_samples (source, contract_id, line_no, scope, observed_at, received_at, month_bytes, today_bytes, remaining_bytes,
    limit_status1, limit_status2, restriction, limit_cause)
WITH toUInt64(toStartOfDay(now('Asia/Tokyo'), 'Asia/Tokyo')) - %[2]d * 86400 AS begin, used AS
(
    SELECT line, begin + step * 900 + line %% 900 + cityHash64(step, line, 'late') %% 4 AS at,
        toDate(toDateTime(at, 'Asia/Tokyo')) AS day, toHour(toDateTime(at, 'Asia/Tokyo')) AS hour,
        cityHash64(line, step) AS h,
        if(h %% 10 < 3 + (hour BETWEEN 7 AND 20) * 4, (intDiv(h, 256) %% 2000000) * (1 + line %% 7), 0) AS bytes
    FROM (SELECT %[4]d + number %% %[1]d AS line, intDiv(number, %[1]d) AS step FROM numbers(%[1]d * 96 * (%[2]d - %[3]d)))
), counted AS
(
    SELECT line, at, h, sum(bytes) OVER (PARTITION BY line, toStartOfMonth(day) ORDER BY at) AS month,
        sum(bytes) OVER (PARTITION BY line, day ORDER BY at) AS today
    FROM used
)
SELECT 'hq', 'N' || leftPad(toString(line %% 5), 9, '0'), '090' || leftPad(toString(line), 8, '0'), 'line',
    toDateTime64(at, 3), toDateTime64(at + (h %% 3 = 0), 3), month, today,
    if(line %% 10 = 0, NULL, greatest(0, 7000000000 - toInt64(month))),
    0, month > 7000000000, if(month > 7000000000, 'monthly', 'none'), ''
FROM counted
SETTINGS max_threads = 2`

// eventsSQL fills session_events likewise: two sessions a day, of some seconds to some hours, and of a few lines to some days; of a hundredth
// the start or the stop is lost, and one line of forty is abroad now and then.
const eventsSQL = `
INSERT INTO session_events (source, contract_id, line_no, event_time, session_type, event, observed_at)
WITH toUnixTimestamp(toStartOfDay(now('Asia/Tokyo'), 'Asia/Tokyo')) - %[2]d * 86400 AS begin
SELECT 'hq', 'N' || leftPad(toString(line %% 5), 9, '0'), '090' || leftPad(toString(line), 8, '0'), toDateTime(row.1, 'Asia/Tokyo'),
    if(line %% 40 = 0 AND h %% 7 < 2, 'roaming', 'domestic'), row.2, toDateTime64(row.1 + 5400, 3)
FROM
(
    SELECT number %% %[1]d AS line, intDiv(number, %[1]d) AS half, cityHash64(line, half, 'session') AS h,
        begin + half * 43200 + h %% 20000 AS began,
        began + 1 + multiIf(h %% 11 = 0, intDiv(h, 1000) %% 250, line %% 97 = 0 AND h %% 5 = 0, intDiv(h, 1000) %% 400000, intDiv(h, 1000) %% 22000) AS ended,
        arrayFilter(row -> row.2 != 'none' AND row.1 < toUnixTimestamp(now()),
            [(began, if(intDiv(h, 7777) %% 100 = 0, 'none', 'start')), (ended, if(intDiv(h, 333) %% 100 = 0, 'none', 'stop'))]) AS rows
    FROM numbers(%[1]d * 2 * (%[2]d - %[3]d))
)
ARRAY JOIN rows AS row
SETTINGS max_threads = 2`

// The other tables follow from the samples.
const (
	historyDaysSQL = `INSERT INTO traffic_daily (source, contract_id, line_no, scope, day, bytes, observed_at)
SELECT source, contract_id, line_no, scope, toDate(observed_at) AS day, max(today_bytes), max(observed_at) FROM traffic_samples GROUP BY ALL`
	historyMonthsSQL = `INSERT INTO traffic_monthly (source, contract_id, line_no, scope, month, bytes, observed_at)
SELECT source, contract_id, line_no, scope, toStartOfMonth(observed_at) AS month, max(month_bytes), max(observed_at) FROM traffic_samples GROUP BY ALL`
	historyLinesSQL = `INSERT INTO lines (source, contract_id, line_no, state, origin, plan_code, access, data_share, first_seen, last_seen, observed_at)
SELECT source, contract_id, line_no, 'active', 'list', 'T3001328', 'lte', 'none', min(observed_at), max(observed_at), max(observed_at)
FROM traffic_latest FINAL GROUP BY ALL`
)

// make fills the database, a calendar month at a time: the windows of a whole year would not fit into memory.
func (h history) make(b *testing.B, ask func(string) string) {
	b.Helper()
	for from := h.days; from > 0; {
		until := max(0, from-daysLeftOfMonth(time.Now().In(tokyo).AddDate(0, 0, -from)))
		for line := 0; line < h.lines; line += 1000 {
			ask(fmt.Sprintf(samplesSQL, min(1000, h.lines-line), from, until, line))
		}
		ask(fmt.Sprintf(eventsSQL, h.lines, from, until))
		from = until
	}
	for _, sql := range []string{historyDaysSQL, historyMonthsSQL, historyLinesSQL, "OPTIMIZE TABLE traffic_samples FINAL",
		"OPTIMIZE TABLE traffic_latest FINAL", "OPTIMIZE TABLE traffic_daily FINAL", "OPTIMIZE TABLE session_events FINAL"} {
		ask(sql)
	}
}

// daysLeftOfMonth counts a day and those after it in its month.
func daysLeftOfMonth(day time.Time) int {
	return day.AddDate(0, 1, -day.Day()).Day() - day.Day() + 1
}

// BenchmarkHistory measures what a fleet's past takes on the disk, and how long the usual questions take once it is
// warm, and prints which of them hold the 300 ms that are promised for a year of 10,000 lines. KAISEN_HISTORY_DAYS=365 makes a year of a
// thousand lines, 35 million samples, and with KAISEN_HISTORY_LINES=10000 ten times that.
func BenchmarkHistory(b *testing.B) {
	h := historyOf(b)
	cfg := clickhouse.DefaultConfig()
	engine := chdbtest.StartOwn(b)
	cfg.DSN, cfg.Timeout = engine.HTTP(engine.Database(b)), 30*time.Minute // as kaisen query asks
	db := openWith(b, cfg)
	if err := db.Migrate(b.Context()); err != nil {
		b.Fatal(err)
	}
	ask := func(sql string) string { return query(b, db, sql) }
	h.make(b, ask)
	closeMonths(b, db, ask)
	b.Run("disk", func(b *testing.B) {
		for b.Loop() {
		}
		b.ReportMetric(0, "ns/op")
		b.ReportMetric(float64(h.lines), "lines")
		b.ReportMetric(float64(h.days), "days")
		for _, row := range strings.Split(strings.TrimSpace(ask(bytesSQL)), "\n") {
			name, value, _ := strings.Cut(row, "\t")
			perRow, err := strconv.ParseFloat(value, 64)
			if err != nil {
				b.Fatal(err)
			}
			b.ReportMetric(perRow, name+"-B/row")
		}
	})
	askHistory(b, ask)
}

// closeMonths closes all months that are over, as if their samples were long there.
func closeMonths(b *testing.B, db *clickhouse.DB, ask func(string) string) {
	b.Helper()
	ask("TRUNCATE TABLE month_fills")
	months, err := db.MonthsToClose(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	began := time.Now()
	for _, month := range months {
		if _, err := db.CloseMonth(b.Context(), month); err != nil {
			b.Fatal(err)
		}
	}
	b.Logf("%d months closed in %v", len(months), time.Since(began).Round(time.Second))
}

// askHistory measures each of the usual questions.
func askHistory(b *testing.B, ask func(string) string) {
	for _, question := range historyQuestions() {
		b.Run(question.name, func(b *testing.B) {
			ask(question.sql) // warm
			for b.Loop() {
				ask(question.sql)
			}
			took := float64(b.Elapsed().Microseconds()) / 1000 / float64(b.N)
			b.ReportMetric(took, "ms/op")
			b.ReportMetric(took/300, "of-300ms")
		})
	}
}

// bytesSQL is what a sample takes, in all and by column.
const bytesSQL = `
SELECT 'all', round(sum(bytes_on_disk) / sum(rows), 2) FROM system.parts
WHERE database = currentDatabase() AND active AND table = 'traffic_samples'
UNION ALL
SELECT column, round(sum(column_data_compressed_bytes) / sum(rows), 3) FROM system.parts_columns
WHERE database = currentDatabase() AND active AND table = 'traffic_samples' GROUP BY column`

type historyQuestion struct{ name, sql string }

func historyQuestions() []historyQuestion {
	const one = "source = 'hq' AND contract_id = 'N000000003' AND line_no = '09000000123'"
	return []historyQuestion{
		{"line_status", "SELECT * FROM line_status"},
		{"near_cap_lines", "SELECT * FROM near_cap_lines"},
		{"line_forecast", "SELECT * FROM line_forecast"},
		{"one_line_30_days", "SELECT observed_at, month_bytes, remaining_bytes FROM traffic_samples FINAL WHERE " + one + " AND observed_at > now() - INTERVAL 30 DAY ORDER BY observed_at"},
		{"one_line_30_days_hourly", "SELECT hour, bytes FROM traffic_hourly WHERE " + one + " AND hour > now() - INTERVAL 30 DAY ORDER BY hour"},
		{"fleet_month", "SELECT day, sum(bytes) FROM traffic_daily FINAL WHERE day > today() - 31 GROUP BY day ORDER BY day"},
		{"fleet_month_from_samples", "SELECT toDate(observed_at) AS day, count(), max(today_bytes) FROM traffic_samples WHERE observed_at > now() - INTERVAL 30 DAY GROUP BY day"},
		{"fleet_closed_month_hourly", "SELECT hour, sum(bytes) FROM traffic_hourly WHERE month = addMonths(toStartOfMonth(today()), -1) GROUP BY hour ORDER BY hour"},
		{"fleet_month_hourly", "SELECT hour, sum(bytes) FROM traffic_hourly WHERE month = toStartOfMonth(today()) GROUP BY hour ORDER BY hour"},
		{"restriction_episodes", "SELECT toStartOfMonth(started_at) AS month, count(), sum(duration_seconds) FROM restriction_episodes GROUP BY month ORDER BY month"},
		{"restriction_episodes_one_line", "SELECT * FROM restriction_episodes WHERE " + one},
		{"data_share_pools", "SELECT * FROM data_share_pools"},
		{"session_durations", "SELECT outcome, count() FROM session_durations GROUP BY outcome"},
		{"session_durations_day", "SELECT line_no, countIf(duration_seconds < 300) FROM session_durations WHERE started_at > now() - INTERVAL 1 DAY GROUP BY line_no"},
		{"session_durations_open", "SELECT * FROM session_durations WHERE outcome IN ('open', 'lost_stop') ORDER BY started_at LIMIT 100"},
		{"session_durations_one_line", "SELECT * FROM session_durations WHERE " + one},
		{"plan_fit", "SELECT verdict, count() FROM plan_fit GROUP BY verdict"},
		{"forecast_results", "SELECT days_left, count() FROM forecast_results GROUP BY days_left"},
	}
}
