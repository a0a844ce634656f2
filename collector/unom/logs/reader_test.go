package logs

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"kaisen/collector"
	"kaisen/collector/collectortest"
	"kaisen/collector/unom/api"
	"kaisen/schema"
)

var logEpoch = time.Date(2026, 5, 10, 12, 0, 0, 0, tokyo)

// burst is n rows of some lines in the seconds from start.
func burst(n int, start time.Time, seconds, lines int) []api.Authentication {
	rows := make([]api.Authentication, n)
	for i := range rows {
		rows[i] = api.Authentication{LineNo: fmt.Sprintf("090%08d", i%lines), At: start.Add(time.Duration(i%seconds) * time.Second),
			Type: schema.SessionDomestic, Result: schema.AuthOK}
	}
	return rows
}

// counted is a log with its rows numbered as the table has them, in a comparable order.
func counted(rows []api.Authentication) []string {
	times := map[string]int{}
	var out []string
	for _, row := range rows {
		text := fmt.Sprintf("%s %s %s %s", row.At.UTC().Format(time.DateTime), row.LineNo, row.Type, row.Result)
		out = append(out, fmt.Sprintf("%s #%d", text, times[text]))
		times[text]++
	}
	slices.Sort(out)
	return out
}

func stored(rows []schema.Authentication) []string {
	var out []string
	for _, row := range rows {
		out = append(out, fmt.Sprintf("%s %s %s %s #%d", row.EventTime.UTC().Format(time.DateTime), row.LineNo,
			row.SessionType, row.Result, row.Ordinal))
	}
	slices.Sort(out)
	return out
}

func TestDenseLogsArriveWhole(t *testing.T) {
	dense := slices.Concat(burst(7200, logEpoch.Add(-3*time.Hour), 7200, 50), burst(3000, logEpoch, 600, 50), // a row in every second
		burst(1350, logEpoch.Add(15*time.Minute), 3, 1), burst(1150, logEpoch.Add(20*time.Minute), 1, 300), burst(1, logEpoch.Add(20*time.Minute+time.Second), 1, 1))
	for n := range 8 {
		exclusive, inclusive, pointless := n&1 != 0, n&2 != 0, n&4 != 0
		t.Run(fmt.Sprintf("start outside %v, end inside %v, point refused %v", exclusive, inclusive, pointless), func(t *testing.T) {
			c := &fakeCarrier{log: dense, exclusive: exclusive, inclusive: inclusive, pointless: pointless, now: logEpoch.Add(time.Hour)}
			sink := &collectortest.Sink{}
			u := newAccount(c, sink, nil)
			if err := sweepOnce(t, u, "authentications").Err(); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(counted(dense), stored(sink.All().Authentications)); diff != "" {
				t.Fatalf("rows (-carrier +stored):\n%s", diff)
			}
			if err := sweepOnce(t, u, "authentications").Err(); err != nil {
				t.Fatal(err)
			}
			if n := len(sink.All().Authentications); n != len(dense) {
				t.Errorf("%d rows after a second run, want %d: something was written twice", n, len(dense))
			}
		})
	}
}

// Whatever the log holds, wherever windows end, whether the store fails, rows come late or kaisen starts anew: each
// row is written exactly once, and no watermark is ahead of its rows.
func TestEveryLogRowExactlyOnce(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		c := &fakeCarrier{exclusive: rapid.Bool().Draw(rt, "start outside"), inclusive: rapid.Bool().Draw(rt, "end inside"), pointless: rapid.Bool().Draw(rt, "point refused"), now: logEpoch}
		sink := &collectortest.Sink{}
		u := newAccount(c, sink, func(jobs map[string]collector.JobConfig) {
			jobs["authentications"] = collector.JobConfig{Interval: time.Minute, Lookback: 24 * time.Hour}
		})
		c.log = burst(rapid.IntRange(0, 2500).Draw(rt, "old"), logEpoch.Add(-2*time.Hour), rapid.IntRange(1, 7000).Draw(rt, "over seconds"), 7)
		for range rapid.IntRange(1, 5).Draw(rt, "runs") {
			sink.Fail = nil
			if rapid.IntRange(0, 3).Draw(rt, "store") == 0 {
				left := rapid.IntRange(0, 3).Draw(rt, "writes")
				sink.Fail = func() error {
					if left--; left < 0 {
						return errors.New("the store is away")
					}
					return nil
				}
			}
			sweepOnce(t, u, "authentications")
			for _, mark := range sink.All().Watermarks {
				if mark.Watermark.After(c.now) {
					rt.Fatalf("watermark %s is ahead of the carrier's %s", mark.Watermark, c.now)
				}
			}
			if rapid.Bool().Draw(rt, "restart") {
				u = newAccount(c, sink, func(jobs map[string]collector.JobConfig) {
					jobs["authentications"] = collector.JobConfig{Interval: time.Minute, Lookback: 24 * time.Hour}
				})
				rows := sink.All()
				c.guess.Store(int64(rapid.IntRange(-3600, 200*24*3600).Draw(rt, "clock off")) * int64(time.Second))
				u.Restore(schema.State{Lines: rows.Lines, Authentications: rows.Authentications, Watermarks: rows.Watermarks})
			}
			late := time.Duration(rapid.IntRange(0, 9000).Draw(rt, "late")) * time.Second
			c.log = append(c.log, burst(rapid.IntRange(0, 1500).Draw(rt, "new"), c.now.Add(-late), rapid.IntRange(1, 300).Draw(rt, "in seconds"), 11)...)
			c.now = c.now.Add(time.Duration(rapid.IntRange(300, 3600).Draw(rt, "pass")) * time.Second)
		}
		sink.Fail = nil
		for range 2 { // the first may go by a slow clock, and leave the newest to the next
			if err := sweepOnce(t, u, "authentications").Err(); err != nil {
				rt.Fatal(err)
			}
		}
		if diff := cmp.Diff(counted(c.log), stored(sink.All().Authentications)); diff != "" {
			rt.Fatalf("rows (-carrier +stored):\n%s", diff)
		}
	})
}

func TestOneUnreadableSecondCostsOneSecond(t *testing.T) {
	rows := burst(200, logEpoch, 200, 5)
	for n := range 4 {
		for bad := logEpoch.Add(70 * time.Second); bad.Before(logEpoch.Add(80 * time.Second)); bad = bad.Add(time.Second) {
			c := &fakeCarrier{log: rows, exclusive: n&1 != 0, inclusive: n&2 != 0, malformed: map[int64]bool{bad.Unix(): true}, now: logEpoch.Add(time.Hour)}
			sink := &collectortest.Sink{}
			u := newAccount(c, sink, nil)
			if err := sweepOnce(t, u, "authentications").Err(); err != nil {
				t.Fatal(err)
			}
			want := slices.DeleteFunc(slices.Clone(rows), func(row api.Authentication) bool { return row.At.Equal(bad) })
			if diff := cmp.Diff(counted(want), stored(sink.All().Authentications)); diff != "" {
				t.Errorf("start outside %v, end inside %v: rows (-carrier +stored):\n%s", c.exclusive, c.inclusive, diff)
			}
			if read, gap := u.readers[0].ReadTo(); !gap.Equal(bad.Add(time.Second)) || !read.Equal(c.now) {
				t.Errorf("start outside %v, end inside %v: read to %s with rows lost before %s", c.exclusive, c.inclusive, read, gap)
			}
			found := sink.All().DeadLetters
			if len(found) == 0 || string(found[len(found)-1].Payload) != "torn" {
				t.Errorf("dead letters: %+v; want the answer that could not be read", found)
			}
		}
	}
}

func TestFirstRunGoesBackAsFarAsTheCarrierAnswers(t *testing.T) {
	c := &fakeCarrier{now: logEpoch, log: burst(1, logEpoch.Add(-30*24*time.Hour+6*time.Minute), 1, 1)}
	sink := &collectortest.Sink{}
	if err := sweepOnce(t, newAccount(c, sink, nil), "authentications").Err(); err != nil {
		t.Fatal(err)
	}
	if n := len(sink.All().Authentications); n != 1 {
		t.Errorf("%d rows, want the one of 30 days ago", n)
	}
}

// TestWatermarkOfTheFuture: a log whose watermark is ahead of the carrier's clock is read from its beginning, and its
// watermark comes back.
func TestWatermarkOfTheFuture(t *testing.T) {
	for _, ahead := range []time.Duration{4 * 24 * time.Hour, 74 * 365 * 24 * time.Hour} {
		f := &fakeCarrier{now: logEpoch, log: burst(500, logEpoch.Add(-20*24*time.Hour), 19*24*3600, 5)}
		sink := new(collectortest.Sink)
		u := newAccount(f, sink, func(jobs map[string]collector.JobConfig) {
			jobs["authentications"] = collector.JobConfig{Interval: time.Minute, Lookback: 30 * 24 * time.Hour}
		})
		u.Restore(schema.State{Watermarks: []schema.LogWatermark{{Source: "hq", ContractID: contract, Log: "authentications",
			Watermark: logEpoch.Add(ahead), ObservedAt: logEpoch.Add(ahead)}}})
		for range 2 {
			if err := sweepOnce(t, u, "authentications").Err(); err != nil {
				t.Fatal(err)
			}
		}
		rows := sink.All()
		if n := len(rows.Authentications); n != 500 {
			t.Errorf("%s ahead: %d rows of 500", ahead, n)
		}
		if n := len(rows.Watermarks); n == 0 || !rows.Watermarks[n-1].Watermark.Equal(logEpoch) {
			t.Errorf("%s ahead: watermarks %v", ahead, rows.Watermarks)
		}
	}
}
