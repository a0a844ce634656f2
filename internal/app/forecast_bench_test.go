package app

import (
	"fmt"
	"log/slog"
	"maps"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"kaisen/internal/chdb/chdbtest"
	"kaisen/schema"
	kaisendb "kaisen/schema/clickhouse"
)

// BenchmarkForecast cuts histories in May and June 2026, at ten in the morning of several days, asks line_forecast how the
// month will end, and compares with how it did. It reports
//
//	%err, naive-%err          mean absolute error of month_end_bytes, relative to each line's month
//	%of-bytes, naive-%of-bytes  sum of the absolute errors, relative to all bytes: large lines count for more
//	%in-band                  months that ended within the 80 % band
//
// naive is the straight line: what the month has brought so far, over the part of it that is gone. On the simulator's
// history the forecast has to be better by both measures on each day, or the benchmark fails; the other histories
// are there to show where it is good and where it is not.
func BenchmarkForecast(b *testing.B) {
	var whole marks
	simulator, days := simulated(b), []int{5, 10, 15, 20, 25}
	for _, day := range days {
		b.Run(fmt.Sprintf("simulator/day=%d", day), func(b *testing.B) {
			var m marks
			for b.Loop() {
				m = backtest(b, simulator, day)
			}
			m.report(b)
			if m.err >= m.naiveErr || m.missed >= m.naiveMissed {
				b.Errorf("the forecast is no better than a straight line: %+v", m)
			}
			whole.add(m)
		})
	}
	b.Run("simulator/all", func(b *testing.B) { whole.report(b) })
	others := rhythms()
	for _, name := range slices.Sorted(maps.Keys(others)) {
		b.Run(name, func(b *testing.B) {
			h := invented(name, others[name], tokyo(b))
			var m marks
			for b.Loop() {
				m = backtest(b, h, days...)
			}
			m.report(b)
		})
	}
}

// marks is how good forecasts were, in sums over lines.
type marks struct {
	lines, inBand              float64
	err, naiveErr              float64 // relative to each line's month
	missed, naiveMissed, bytes float64
}

func (m *marks) add(other marks) {
	m.lines += other.lines
	m.inBand += other.inBand
	m.err += other.err
	m.naiveErr += other.naiveErr
	m.missed += other.missed
	m.naiveMissed += other.naiveMissed
	m.bytes += other.bytes
}

func (m *marks) report(b *testing.B) {
	b.ReportMetric(0, "ns/op") // mostly the time to load the histories
	b.ReportMetric(100*m.err/m.lines, "%err")
	b.ReportMetric(100*m.naiveErr/m.lines, "naive-%err")
	b.ReportMetric(100*m.missed/m.bytes, "%of-bytes")
	b.ReportMetric(100*m.naiveMissed/m.bytes, "naive-%of-bytes")
	b.ReportMetric(100*m.inBand/m.lines, "%in-band")
}

// backtested is the forecast of a line's month, and how the month ended.
type backtested struct {
	month                 uint64
	end, low, high, truth float64
}

// marks compares with the truth and with a straight line, when a part of the month is gone.
func (f backtested) marks(elapsed float64) marks {
	off, naive := math.Abs(f.end-f.truth), math.Abs(float64(f.month)/elapsed-f.truth)
	m := marks{lines: 1, err: off / f.truth, naiveErr: naive / f.truth, missed: off, naiveMissed: naive, bytes: f.truth}
	if f.low-1 <= f.truth && f.truth <= f.high+1 {
		m.inBand = 1
	}
	return m
}

// backtest cuts a history at ten in the morning of days of two months.
func backtest(b *testing.B, h history, days ...int) (sum marks) {
	for _, month := range []time.Month{time.May, time.June} {
		for _, day := range days {
			at := func(month time.Month, day, hour int) time.Time {
				return time.Date(2026, month, day, hour, 0, 0, 0, tokyo(b))
			}
			now, first, next := at(month, day, 10), at(month, 1, 0), at(month+1, 1, 0)
			for _, f := range forecastsAt(b, h, now) {
				if f.truth > 0 { // else an error has no measure
					sum.add(f.marks(float64(now.Sub(first)) / float64(next.Sub(first))))
				}
			}
		}
	}
	return sum
}

// forecastsAt stores what was observed of a history until a time, in a database of its own, and asks the view.
func forecastsAt(b *testing.B, h history, now time.Time) []backtested {
	r := &fixture{t: b, dsn: chdbtest.StartHTTP(b)}
	db, err := kaisendb.Open(b.Context(), kaisendb.Config{DSN: r.dsn}, kaisendb.NewMetrics(prometheus.NewRegistry()), slog.New(slog.DiscardHandler))
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	if err := db.Migrate(b.Context()); err != nil {
		b.Fatal(err)
	}
	var batch schema.Batch
	lines := map[string]pastLine{}
	for _, l := range h.lines {
		l.key.Source = h.name
		lines[l.key.LineNo] = l
		batch.Append(l.rows(now))
	}
	if err := db.Insert(b.Context(), &batch); err != nil {
		b.Fatal(err)
	}
	var all []backtested
	for _, row := range r.query("SELECT line_no, month_bytes, month_end_bytes, month_end_bytes_low, month_end_bytes_high FROM line_forecast") {
		var line string
		var f backtested
		if _, err := fmt.Sscan(strings.ReplaceAll(row, "\t", " "), &line, &f.month, &f.end, &f.low, &f.high); err != nil {
			b.Fatalf("%q: %v", row, err)
		}
		f.truth = float64(lines[line].month(schema.DateOf(now).Month()))
		all = append(all, f)
	}
	return all
}

// rows is what the store would have of the line.
func (l pastLine) rows(now time.Time) schema.Batch {
	t := l.at(now)
	line := schema.Line{LineKey: l.key, State: schema.LineActive, Origin: schema.OriginList, FirstSeen: now, LastSeen: now, ObservedAt: now}
	if l.start > 0 {
		line.StartDate = schema.Some(l.start)
	}
	if l.member {
		line.DataShare = schema.Some(schema.ShareRegistered)
	}
	rows := schema.Batch{Lines: []schema.Line{line}, Traffic: []schema.TrafficSample{{LineKey: l.key, Scope: schema.ScopeLine,
		ObservedAt: now, ReceivedAt: now, MonthBytes: schema.Some(t.month), TodayBytes: schema.Some(t.daily[0]),
		RemainingBytes: t.remaining, Restriction: schema.RestrictionNone}}}
	for ago, bytes := range t.daily {
		rows.Daily = append(rows.Daily, schema.TrafficDaily{LineKey: l.key, Scope: schema.ScopeLine,
			Day: schema.DateOf(now).AddDays(-ago), Bytes: bytes, ObservedAt: now})
	}
	return rows
}
