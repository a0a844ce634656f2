package logs

import (
	stdcmp "cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"kaisen/collector"
	"kaisen/collector/carrier"
	"kaisen/collector/collectortest"
	"kaisen/collector/unom/api"
	"kaisen/collector/unom/readings"
	"kaisen/schema"
)

// readingsOf is one way to read the document of the logs.
type readingsOf struct{ stop, reach, end, empty string }

// meaning is a carrier whose logs are as one reading of the document has them.
type meaning struct {
	*fakeCarrier
	readingsOf
	happened []happened
	requests int
	span     time.Duration // how long a window may be; 0: as long as it likes
	broken   bool          // every query is refused
	page     bool          // a 404 is a gateway's page
	wait     time.Duration // for a request's turn, and its answer; 0: 200 ms
}

// happened is a row, and since when it is in the log.
type happened struct {
	row   api.SessionEvent
	since time.Time
}

// edge is the first second that is answered for.
func (m *meaning) edge() time.Time {
	at := time.Now().Add(-30 * 24 * time.Hour).In(tokyo)
	day := time.Date(at.Year(), at.Month(), at.Day(), 0, 0, 0, 0, tokyo)
	switch m.reach {
	case readings.LogReachCalendar:
		return day
	case readings.LogReachCalendarShort:
		return day.AddDate(0, 0, 1)
	}
	return at
}

// query answers as call 05 does, as far as it was found out.
func (m *meaning) query(q api.LogQuery) ([]api.SessionEvent, int, string, error) {
	m.requests++
	time.Sleep(stdcmp.Or(m.wait, 200*time.Millisecond)) // the edge moves on under way
	refusal := &carrier.Error{Kind: carrier.KindInvalidRequest, Reason: api.ReasonOtherBadRequest, Status: 400, Code: "400", Message: "Bad Request", ObservedAt: time.Now()}
	if m.broken || m.span > 0 && q.End.Sub(q.Start) > m.span || q.Start.Before(m.edge().Truncate(time.Second)) || q.End.Before(q.Start) {
		return nil, 0, "", refusal
	}
	var rows []api.SessionEvent
	for _, h := range m.happened {
		at := h.row.At
		inside := m.since(at, q.Start) && (at.Before(q.End) || m.end == readings.LogEndInside && at.Equal(q.End))
		if inside && !h.since.After(time.Now()) && len(rows) < api.MaxRows && (q.LineNo == "" || q.LineNo == h.row.LineNo) {
			rows = append(rows, h.row)
		}
	}
	if len(rows) > 0 {
		return rows, 200, "", nil
	}
	switch m.empty {
	case readings.Empty400:
		return nil, 0, "", refusal
	case readings.Empty404:
		err := &carrier.Error{Kind: carrier.KindNotFound, Reason: api.ReasonOtherNotFound, Status: 404, Code: "404", Message: "Not Found", ObservedAt: time.Now()}
		if m.page {
			err.Code, err.Message = "", ""
		}
		return nil, 0, "", err
	case readings.Empty204:
		return nil, 204, "", nil
	case readings.EmptyMissing:
		return nil, 200, `{}`, nil
	case readings.EmptyNull:
		return nil, 200, `{"searchList":null}`, nil
	}
	return nil, 200, `{"searchList":[]}`, nil
}

func (m *meaning) Sessions(_ context.Context, _ string, q api.LogQuery) (carrier.Answer[[]api.SessionEvent], error) {
	rows, status, body, err := m.query(q)
	return carrier.Answer[[]api.SessionEvent]{Value: rows, Status: status, Payload: []byte(body),
		ObservedAt: time.Now().Truncate(time.Second), ReceivedAt: time.Now()}, err
}

// live makes the sessions of some lines, from 40 days ago to some days from now. Each lasts minutes to days.
func (m *meaning) live(rnd *rand.Rand, lines int, until time.Duration) {
	begin := time.Now().Add(-40 * 24 * time.Hour).Truncate(time.Second)
	for i := range lines {
		for at := begin.Add(time.Duration(rnd.IntN(24*3600)) * time.Second); at.Before(time.Now().Add(until)); {
			lasts := time.Duration(rnd.IntN(3*3600)) * time.Second
			if rnd.IntN(3) == 0 {
				lasts = time.Duration(rnd.IntN(6*24*3600)) * time.Second
			}
			if rnd.IntN(10) == 0 {
				lasts = 0
			}
			row := api.SessionEvent{LineNo: lineNo(i), At: at, Type: schema.SessionDomestic, Event: schema.SessionStart}
			m.happened = append(m.happened, happened{row, at})
			row.Event = schema.SessionStop
			if m.stop == readings.StopTimeOwn {
				row.At = at.Add(lasts)
			}
			late := time.Duration(0)
			if rnd.IntN(20) == 0 { // a few rows come late
				late = time.Duration(rnd.IntN(10*3600)) * time.Second
			}
			m.happened = append(m.happened, happened{row, at.Add(lasts + late)})
			at = at.Add(lasts + time.Duration(rnd.IntN(20*3600))*time.Second)
		}
	}
	slices.SortFunc(m.happened, func(a, b happened) int { return a.row.At.Compare(b.row.At) })
}

func eventText(line string, at time.Time, event schema.SessionEventKind) string {
	return fmt.Sprintf("%s %s %s", at.UTC().Format(time.DateTime), line, event)
}

// Under every reading of stop time, reach, start, end and empty answers, each row that the carrier answered for is stored exactly
// once, also those that enter the log long after their time, also over restarts; and what is found is right.
func TestLogsUnderEveryReading(t *testing.T) {
	const interval, lasts = 30 * time.Minute, 4 * 24 * time.Hour
	seed := uint64(0)
	for _, stop := range []string{readings.StopTimeOwn, readings.StopTimeStart} {
		for _, reach := range []string{readings.LogReachSeconds, readings.LogReachCalendar, readings.LogReachCalendarShort} {
			for _, end := range []string{readings.LogEndInside, readings.LogEndOutside} {
				for _, empty := range []string{readings.EmptyList, readings.EmptyNull, readings.EmptyMissing, readings.Empty204, readings.Empty400, readings.Empty404} {
					seed++
					is, start := readingsOf{stop, reach, end, empty}, (seed+seed/6)%2 == 0
					t.Run(fmt.Sprintf("%s %s %s %s, start outside %v", stop, reach, end, empty, start), func(t *testing.T) {
						synctest.Test(t, func(t *testing.T) { underReading(t, is, start, seed, interval, lasts) })
					})
				}
			}
		}
	}
}

// TestReachWhereRequestsWait: which reading holds is found, or nothing, where a request waits for minutes for its turn.
func TestReachWhereRequestsWait(t *testing.T) {
	for _, reach := range []string{readings.LogReachSeconds, readings.LogReachCalendar, readings.LogReachCalendarShort} {
		for _, wait := range []time.Duration{90 * time.Second, 10 * time.Minute, 40 * time.Minute, 3 * time.Hour} {
			t.Run(fmt.Sprint(reach, " ", wait), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					m := &meaning{fakeCarrier: &fakeCarrier{}, readingsOf: readingsOf{readings.StopTimeOwn, reach, readings.LogEndInside, readings.EmptyList}, wait: wait}
					m.live(rand.New(rand.NewPCG(1, 12)), 6, time.Hour)
					sink := &collectortest.Sink{}
					u := newAccount(m, sink, func(jobs map[string]collector.JobConfig) {
						jobs["sessions"] = collector.JobConfig{Interval: time.Hour, Lookback: 30 * 24 * time.Hour}
					})
					_ = sweepOnce(t, u, "sessions").Err() // with such waits it may not come to its end
					found := ""
					for _, f := range sink.All().Findings {
						if f.Reading == readings.LogReach {
							found = f.Value + ": " + f.Evidence
						}
					}
					if nobodyCanSay := reach != readings.LogReachCalendar && wait > 2*time.Hour; !strings.HasPrefix(found, reach+":") && (found != "" || !nobodyCanSay) {
						t.Errorf("found %q", found)
					}
				})
			})
		}
	}
}

func underReading(t *testing.T, is readingsOf, startOutside bool, seed uint64, interval, lasts time.Duration) {
	rnd := rand.New(rand.NewPCG(seed, 12))
	time.Sleep(time.Duration(seed) * 997 * time.Second) // any time of the day
	m := &meaning{fakeCarrier: &fakeCarrier{exclusive: startOutside}, readingsOf: is}
	m.live(rnd, 6, lasts-36*time.Hour)
	sink := &collectortest.Sink{}
	made := func() *account {
		return newAccount(m, sink, func(jobs map[string]collector.JobConfig) {
			jobs["sessions"] = collector.JobConfig{Interval: interval, Lookback: 30 * 24 * time.Hour}
		})
	}
	u, first := made(), m.edge()
	began, sweeps := time.Now(), 0
	for time.Since(began) < lasts {
		sweeps++
		if err := sweepOnce(t, u, "sessions").Err(); err != nil {
			t.Fatalf("after %s: %v", time.Since(began), err)
		}
		if rnd.IntN(40) == 0 {
			u = made()
			rows := sink.All()
			u.Restore(schema.State{Lines: rows.Lines, SessionEvents: recent(rows), Watermarks: rows.Watermarks[len(rows.Watermarks)-1:], Findings: rows.Findings})
		}
		time.Sleep(interval)
	}
	rows := sink.All()
	var want, got []string
	fresh := map[string]bool{} // what came within the last lap need not be there
	for _, h := range m.happened {
		text := eventText(h.row.LineNo, h.row.At, h.row.Event)
		if fresh[text] = fresh[text] || time.Since(h.since) < 25*time.Hour; !fresh[text] && !h.row.At.Before(first.Add(time.Minute)) {
			want = append(want, text)
		}
	}
	for _, row := range rows.SessionEvents {
		text := eventText(row.LineNo, row.EventTime, row.Event)
		if !fresh[text] && !row.EventTime.Before(first.Add(time.Minute)) {
			got = append(got, text)
		}
	}
	slices.Sort(want)
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("rows (-carrier +stored):\n%s", diff)
	}
	found := map[string]string{}
	for _, f := range rows.Findings {
		found[f.Reading] = f.Value
	}
	wanted := map[string]string{readings.StopTime: is.stop, readings.LogReach: is.reach, readings.LogEnd: is.end, readings.EmptyAnswer: is.empty}
	if diff := cmp.Diff(wanted, found); diff != "" {
		t.Errorf("findings (-is +found):\n%s", diff)
	}
	if m.requests > 3*sweeps {
		t.Errorf("%d requests in %d sweeps", m.requests, sweeps)
	}
}

// recent are the rows that a start reads from the store.
func recent(rows schema.Batch) (events []schema.SessionEvent) {
	since := rows.Watermarks[len(rows.Watermarks)-1].Watermark.Add(-collector.LogOverlap - time.Hour)
	for _, row := range rows.SessionEvents {
		if !row.EventTime.Before(since) {
			events = append(events, row)
		}
	}
	return events
}
