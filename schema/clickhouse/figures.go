package clickhouse

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/sourcegraph/conc/pool"

	"kaisen/schema"
)

// A line has more days and months than all else that a start reads. The database puts those of each line into one text, since a row
// takes clickhouse-go longer than its thirty numbers take us; and they are handed on as they come, since as rows they would take 350 MB
// of 100,000 lines.

// figures are all that is read of a line and scope: numbers with blanks between them, first the time of the earliest answer, in Unix
// milliseconds, then, for each period, its day, its bytes, and how long after that time it was told.
type figures struct {
	schema.LineKey
	Scope   schema.Scope `column:"scope"`
	Figures []byte       `column:"figures"`
}

// figuresSQL reads a table of periods, the column of which names their first day, as far as it says so.
func figuresSQL(table, period, and string) string {
	return `(SELECT source, contract_id, line_no, scope, min(at) AS first,
    concat(toString(first), ' ', arrayStringConcat(arrayMap((p, b, t) -> concat(toString(p), ' ', toString(b), ' ', toString(t - first)),
        groupArray(period), groupArray(bytes), groupArray(at)), ' ')) AS figures
FROM (SELECT source, contract_id, line_no, scope, toUInt16(` + period + `) AS period, bytes, toUnixTimestamp64Milli(observed_at) AS at
    FROM ` + table + ` FINAL WHERE source = {source:String} AND ` + and + ` AND ` + ownLines + `)
GROUP BY source, contract_id, line_no, scope
ORDER BY source, contract_id, line_no, scope
SETTINGS optimize_aggregation_in_order = 1)`
}

// newest is the last day known that is not of the future, which only a wrong clock has told of; where all are, the carrier's
// clock is not ours, and it is the last of all.
func newest(day string) string {
	return "if(min(" + day + ") <= today() + 2, maxIf(" + day + ", " + day + " <= today() + 2), max(" + day + "))"
}

// figuresTogether is how many periods are handed on together.
const figuresTogether = 16 << 10

// Figures reads what the lines of a source's part used on the newest 33 days and in the newest 4 months that are known of the source, which
// is the carrier's calendar and not this machine's: 33 days hold the 31 of an answer and two nights of doubt. It hands them on in states
// that have nothing else, in parts that are used again once take has returned: those of a line and scope together, in their order. An
// error of take ends it.
func (db *DB) Figures(ctx context.Context, source string, take func(schema.State) error) error {
	var one sync.Mutex
	locked := func(st schema.State) error {
		one.Lock()
		defer one.Unlock()
		return take(st)
	}
	reads := pool.New().WithContext(ctx).WithCancelOnError().WithFirstError()
	reads.Go(func(ctx context.Context) error {
		sql := figuresSQL("traffic_daily", "day", "day > (SELECT "+newest("day")+" FROM traffic_daily WHERE source = {source:String}) - 33")
		return eachPeriod(ctx, db, source, sql, func(of *figures, p period) schema.TrafficDaily {
			return schema.TrafficDaily{LineKey: of.LineKey, Scope: of.Scope, Day: p.first, Bytes: p.bytes, ObservedAt: p.told}
		}, func(rows []schema.TrafficDaily) error { return locked(schema.State{Daily: rows}) })
	})
	reads.Go(func(ctx context.Context) error {
		sql := figuresSQL("traffic_monthly", "month", "month > addMonths((SELECT "+newest("month")+" FROM traffic_monthly WHERE source = {source:String}), -4)")
		return eachPeriod(ctx, db, source, sql, func(of *figures, p period) schema.TrafficMonthly {
			return schema.TrafficMonthly{LineKey: of.LineKey, Scope: of.Scope, Month: p.first, Bytes: p.bytes, ObservedAt: p.told}
		}, func(rows []schema.TrafficMonthly) error { return locked(schema.State{Monthly: rows}) })
	})
	if err := reads.Wait(); err != nil {
		return fmt.Errorf("figures of source %s: %w", source, err)
	}
	return nil
}

// period is a day or a month.
type period struct {
	first schema.Date
	bytes uint64
	told  time.Time
}

// eachPeriod reads periods, makes rows of them, and has them taken.
func eachPeriod[R any](ctx context.Context, db *DB, source, sql string, rowOf func(*figures, period) R, take func([]R) error) error {
	var of figures
	var periods []period
	var rows []R
	var none []figures
	view := newTable("figures", schema.RowsIn(&none))
	err := view.each(ctx, db, &of, func() (err error) {
		periods = of.periods(periods[:0])
		for _, p := range periods {
			rows = append(rows, rowOf(&of, p))
		}
		if len(rows) < figuresTogether {
			return nil
		}
		err = take(rows)
		rows = rows[:0]
		return err
	}, names{}, view.selectFrom(sql), append(db.part.args(), clickhouse.Named("source", source))...)
	if err == nil && len(rows) > 0 {
		err = take(rows)
	}
	return err
}

// periods appends those of the text, in their order.
func (f *figures) periods(to []period) []period {
	text := f.Figures
	first := cutNumber(&text)
	for len(text) > 0 {
		p := period{first: schema.Date(cutNumber(&text)), bytes: cutNumber(&text)}
		p.told = time.UnixMilli(int64(first + cutNumber(&text)))
		to = append(to, p)
	}
	slices.SortFunc(to, func(a, b period) int { return cmp.Compare(a.first, b.first) })
	return to
}

// cutNumber takes the first number off a text of them; a negative one as its complement. The database has written them.
func cutNumber(text *[]byte) (n uint64) {
	digits, rest, _ := bytes.Cut(*text, []byte{' '})
	*text = rest
	negative := len(digits) > 0 && digits[0] == '-'
	if negative {
		digits = digits[1:]
	}
	for _, digit := range digits {
		n = 10*n + uint64(digit-'0')
	}
	if negative {
		return -n
	}
	return n
}
