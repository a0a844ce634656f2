package unom

import (
	"context"
	"fmt"
	"os"
	"slices"
	"sort"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"kaisen/collector"
	"kaisen/collector/carrier"
	"kaisen/collector/unom/api"
	"kaisen/collector/unom/readings"
	"kaisen/internal/racetest"
	"kaisen/schema"
)

// counting is a network of several contracts with the same lines, the first of them members of a share group, which counts what
// it is asked.
type counting struct {
	*network
	members int
	rows    []api.SessionEvent // the session log

	mu sync.Mutex
	n  map[string]int
}

func newCounting(lines, members int, byStart bool, until time.Duration) *counting {
	c := &counting{network: newNetwork(lines), members: members, n: map[string]int{}}
	for i := range lines {
		start := time.Time{}
		for _, row := range c.events(i, c.began.Add(until)) {
			if row.Event == schema.SessionStart {
				start = row.At
			} else if byStart {
				row.At = start
			}
			c.rows = append(c.rows, row)
		}
	}
	slices.SortStableFunc(c.rows, func(a, b api.SessionEvent) int { return a.At.Compare(b.At) })
	return c
}

func (c *counting) count(operation string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.n[operation]++
}

func (c *counting) Lines(context.Context, string) (carrier.Answer[[]api.Line], error) {
	c.count("lines")
	return answered(c.fakeCarrier, c.lines), nil
}

// figures are the same at all times of all lines.
func (c *counting) figures(number string) (carrier.Answer[api.Traffic], error) {
	t := api.Traffic{LineNo: number, Restriction: schema.RestrictionNone, Remaining: schema.Some[uint64](1 << 30)}
	for i := range t.Days {
		t.Days[i] = schema.Some[uint64](1)
	}
	for i := range t.Months {
		t.Months[i] = schema.Some[uint64](31)
	}
	return answered(c.fakeCarrier, t), nil
}

func (c *counting) Traffic(_ context.Context, _, number string) (carrier.Answer[api.Traffic], error) {
	c.count("traffic")
	return c.figures(number)
}

func (c *counting) DataShareTraffic(_ context.Context, _, number string) (carrier.Answer[api.Traffic], error) {
	c.count("data_share_traffic")
	return c.figures(number)
}

func (c *counting) DataShare(context.Context, string) (carrier.Answer[[]api.ShareMember], error) {
	c.count("data_share")
	if c.members == 0 {
		return carrier.Answer[[]api.ShareMember]{}, &carrier.Error{Kind: api.KindNoShareGroup, Reason: api.ReasonNoShareGroup, Status: 404, ObservedAt: c.Now()}
	}
	members := make([]api.ShareMember, c.members)
	for i := range members {
		members[i] = api.ShareMember{LineNo: lineNo(i), Status: schema.ShareRegistered}
	}
	return answered(c.fakeCarrier, members), nil
}

func (c *counting) Session(_ context.Context, _, number string) (carrier.Answer[api.Session], error) {
	c.count("session")
	var i int
	_, _ = fmt.Sscanf(number[3:], "%d", &i)
	is := c.truth(i, c.Now())
	answer := api.Session{LineNo: number, Type: schema.SessionDomestic, Connected: schema.Some(is.Connected)}
	if is.Roaming {
		answer.Type = schema.SessionRoaming
	}
	return answered(c.fakeCarrier, answer), nil
}

func (c *counting) Sessions(_ context.Context, _ string, q api.LogQuery) (carrier.Answer[[]api.SessionEvent], error) {
	c.count("sessions")
	at := func(when time.Time) int {
		return sort.Search(len(c.rows), func(i int) bool { return !c.rows[i].At.Before(when) })
	}
	from, to := at(q.Start), at(earlier(q.End, c.Now()))
	return answered(c.fakeCarrier, c.rows[from:min(max(from, to), from+api.MaxRows)]), nil
}

func (c *counting) Authentications(context.Context, string, api.LogQuery) (carrier.Answer[[]api.Authentication], error) {
	c.count("authentications")
	return answered[[]api.Authentication](c.fakeCarrier, nil), nil
}

// askedAnHour is what is asked an hour, by operation, over a day that begins some hours after the start.
func askedAnHour(t *testing.T, contracts, lines, members int, log bool) map[string]float64 {
	hours := map[string]float64{}
	synctest.Test(t, func(t *testing.T) {
		warm, measured := 8*time.Hour, 24*time.Hour
		if contracts > 1 { // it takes so many lines as long to show less
			warm, measured = 4*time.Hour, 4*time.Hour
		}
		c := newCounting(lines, members, !log, warm+measured+time.Hour)
		var found []schema.CarrierFinding
		u := newUnom(c, discarding{}, func(cfg *settings) {
			for _, job := range []string{JobContract, JobProducts, JobOrders} {
				delete(cfg.Jobs, job)
			}
			for _, job := range []string{JobSessions, JobAuthentications} {
				cfg.Jobs[job] = collector.JobConfig{Interval: 5 * time.Minute, Lookback: time.Hour}
			}
			cfg.Contracts = nil
			for i := range contracts {
				id := fmt.Sprintf("N%09d", i)
				cfg.Contracts = append(cfg.Contracts, id)
				found = append(found, schema.CarrierFinding{ContractID: id, Operation: "data_share_traffic", Reading: readings.ShareFigures, Value: readings.ShareFiguresGroup, ObservedAt: c.began})
			}
		})
		u.Restore(schema.State{Findings: found})
		defer start(t, u)()
		time.Sleep(warm)
		c.mu.Lock()
		clear(c.n)
		c.mu.Unlock()
		time.Sleep(measured)
		c.mu.Lock()
		defer c.mu.Unlock()
		for operation, n := range c.n {
			hours[operation] = float64(n) / measured.Hours()
		}
	})
	return hours
}

// discarding is a sink that keeps nothing.
type discarding struct{}

func (discarding) Write(context.Context, schema.Batch) error { return nil }

// costs is what a fleet of so many lines asks an hour, before (each line is asked by calls 03 and 26 each interval) and after, with and
// without a tenth of its lines in share groups. A contract has at most 1,000 lines.
func costs(t *testing.T, lines int) (table string, before, after []float64) {
	operations := []string{"traffic", "data_share", "data_share_traffic", "session", "sessions", "authentications", "lines"}
	var text strings.Builder
	fmt.Fprintf(&text, "%7s %8s %7s", "lines", "members", "")
	for _, operation := range operations {
		fmt.Fprintf(&text, " %18s", operation)
	}
	fmt.Fprintf(&text, " %10s\n", "all")
	row := func(lines, members int, when string, hours map[string]float64) (sum float64) {
		fmt.Fprintf(&text, "%7d %8d %7s", lines, members, when)
		for _, operation := range operations {
			sum += hours[operation]
			fmt.Fprintf(&text, " %18.1f", hours[operation])
		}
		fmt.Fprintf(&text, " %10.1f\n", sum)
		return sum
	}
	contracts := max(1, lines/1000)
	without := askedAnHour(t, contracts, lines/contracts, 0, false)
	for _, part := range []int{0, 10} {
		members := lines / contracts * part / 100
		now := askedAnHour(t, contracts, lines/contracts, members, true)
		was := map[string]float64{"data_share": now["data_share"], "data_share_traffic": now["data_share_traffic"]}
		for _, operation := range []string{"traffic", "session", "sessions", "authentications", "lines"} {
			was[operation] = without[operation]
		}
		before = append(before, row(lines, members*contracts, "before", was))
		after = append(after, row(lines, members*contracts, "after", now))
	}
	return text.String(), before, after
}

// What a fleet asks an hour, measured in virtual time. The table with 10,000 lines is in the package's README:
// KAISEN_COSTS=1 go test ./collector/unom -run TestWhatAFleetAsksAnHour -v
func TestWhatAFleetAsksAnHour(t *testing.T) {
	racetest.Skip(t)
	sizes := []int{50}
	if os.Getenv("KAISEN_COSTS") != "" {
		sizes = []int{50, 1000, 10_000}
	}
	for _, lines := range sizes {
		table, before, after := costs(t, lines)
		t.Log("requests an hour\n" + table)
		for i := range before {
			if saved := 1 - after[i]/before[i]; saved < 0.3 {
				t.Errorf("row %d: %.0f requests an hour, and %.0f before", i, after[i], before[i])
			}
		}
	}
}
