package unom

import (
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"kaisen/collector"
	"kaisen/collector/collectortest"
	"kaisen/collector/unom/api"
	"kaisen/schema"
)

// What an earlier process knew may come while the jobs run: it is laid below what was seen meanwhile, and what changed in
// between is told.
func TestMemoryThatComesLate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &fakeCarrier{lines: listed(3), contractAnswers: &contractAnswers{}}
		for i := range 3 {
			c.used(lineNo(i), 1)
		}
		c.contractAnswers.accepting = []api.Order{placed(1, api.OrderConfirmed)}
		c.contractAnswers.details = map[string]api.OrderDetail{orderID(1): items(api.OrderConfirmed)}
		for i := range 2 {
			c.log = append(c.log, api.Authentication{LineNo: lineNo(i), At: time.Now().Add(-10 * 24 * time.Hour), Type: schema.SessionDomestic, Result: schema.AuthOK})
		}
		c.now = time.Time{}
		sink := &collectortest.Sink{}
		u := newUnom(c, sink, func(cfg *settings) {
			for job := range cfg.Jobs {
				cfg.Jobs[job] = collector.JobConfig{Interval: 15 * time.Minute, Lookback: time.Hour}
			}
		})
		stop := sync.OnceFunc(start(t, u))
		defer stop()
		time.Sleep(20 * time.Minute)
		if n := len(sink.All().Authentications); n != 0 {
			t.Fatalf("%d rows of a log of ten days ago", n)
		}

		long := time.Now().Add(-30 * 24 * time.Hour)
		key := func(i int) schema.LineKey {
			return schema.LineKey{Source: "hq", ContractID: contract, LineNo: lineNo(i)}
		}
		order := u.orders[contract].orders[orderID(1)].row
		order.FirstSeen, order.StatusSince = long, long
		u.Restore(schema.State{
			Lines: []schema.Line{
				{LineKey: key(0), State: schema.LineActive, Origin: schema.OriginList, PlanCode: "T3001328", FirstSeen: long, LastSeen: long, ObservedAt: long},
				{LineKey: key(1), State: schema.LineActive, Origin: schema.OriginList, PlanCode: "old", FirstSeen: long, LastSeen: long, ObservedAt: long},
				{LineKey: key(7), State: schema.LineActive, Origin: schema.OriginList, PlanCode: "T3001328", FirstSeen: long, LastSeen: long, ObservedAt: long},
			},
			Traffic:    []schema.TrafficSample{{LineKey: key(0), Scope: schema.ScopeLine, ReceivedAt: long}},
			Orders:     []schema.Order{order},
			Watermarks: []schema.LogWatermark{{Source: "hq", ContractID: contract, Log: "authentications", Watermark: time.Now().Add(-11 * 24 * time.Hour)}},
		})
		asked := c.calls("order ")
		time.Sleep(40 * time.Minute)

		rows := sink.All()
		last := map[string]schema.Line{}
		for _, row := range rows.Lines {
			last[row.LineNo] = row
		}
		for i, first := range map[int]bool{0: true, 1: true, 2: false, 7: true} {
			if got := last[lineNo(i)].FirstSeen; got.Equal(long) != first {
				t.Errorf("line %d: first seen %s", i, got)
			}
		}
		var told []string
		for _, change := range rows.LineChanges {
			told = append(told, change.Field+" "+change.Old+"→"+change.New)
		}
		if len(told) != 2 || told[0] != "plan_code old→T3001328" || told[1] != "state active→removed" || last[lineNo(7)].State != schema.LineRemoved {
			t.Errorf("changes %v; want the plan, and the line that left", told)
		}
		stop()
		if got := u.orders[contract].orders[orderID(1)].row; !got.FirstSeen.Equal(long) || !got.StatusSince.Equal(long) || c.calls("order ") != asked {
			t.Errorf("order first seen %s, in its status since %s, asked about %d times more", got.FirstSeen, got.StatusSince, c.calls("order ")-asked)
		}
		if len(rows.Authentications) != 2 {
			t.Errorf("%d rows of the log between the watermark and the start, want 2", len(rows.Authentications))
		}
		if polled, _ := u.fleet.get(contract, lineNo(0)); time.Since(polled.LastPolled(askTraffic)) > time.Hour {
			t.Error("a poll of long ago counts more than one since")
		}
	})
}
