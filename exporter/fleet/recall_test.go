package fleet

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"kaisen/exporter/fleet/fleettest"
	"kaisen/schema"
)

// TestRestrictionsSurviveARestart: since when they hold is what it was before, and what nobody saw begin says so.
func TestRestrictionsSurviveARestart(t *testing.T) {
	now := time.Now().Truncate(time.Second)
	ago := func(hours int) time.Time { return now.Add(-time.Duration(hours) * time.Hour) }
	row := func(restriction schema.Restriction, from, until int, atLeast bool) schema.RestrictionEpisode {
		r := schema.RestrictionEpisode{LineKey: fleettest.LineKey("1"), Scope: schema.ScopeLine, Restriction: restriction, StartedAt: ago(from), AtLeast: atLeast}
		if until >= 0 {
			r.EndedAt = schema.Some(ago(until))
		}
		return r
	}
	recent, monthly := schema.RestrictionRecent, schema.RestrictionMonthly
	at := func(code uint8, from, until int, atLeast bool) episode {
		e := episode{restriction: code, atLeast: atLeast, from: ago(from).UnixMilli()}
		if until >= 0 {
			e.until = ago(until).UnixMilli()
		}
		return e
	}
	for _, test := range []struct {
		name   string
		answer schema.Restriction // an hour ago, the first since the start
		began  int                // when it says that it began; 0: it does not
		past   []schema.RestrictionEpisode
		want   []episode
	}{
		{"goes on", monthly, 0, []schema.RestrictionEpisode{row(recent, 30, 20, false), row(monthly, 10, -1, false)}, []episode{at(1, 30, 20, false), at(2, 10, -1, false)}},
		{"goes on, and nobody saw it begin", monthly, 0, []schema.RestrictionEpisode{row(monthly, 10, -1, true)}, []episode{at(2, 10, -1, true)}},
		{"goes on, and the answer dates it", monthly, 12, []schema.RestrictionEpisode{row(monthly, 12, -1, false)}, []episode{at(2, 12, -1, false)}},
		{"has become another", monthly, 0, []schema.RestrictionEpisode{row(recent, 10, -1, false)}, []episode{at(1, 10, 1, false), at(2, 1, -1, true)}},
		{"is over", schema.RestrictionNone, 0, []schema.RestrictionEpisode{row(recent, 10, -1, false)}, []episode{at(1, 10, 1, false)}},
		{"nothing was stored", monthly, 0, nil, []episode{at(2, 1, -1, true)}},
	} {
		t.Run(test.name, func(t *testing.T) {
			f := New(DefaultConfig())
			answer := fleettest.Answer("1", schema.ScopeLine)
			answer.ObservedAt, answer.Restriction = ago(1), test.answer
			if test.began > 0 {
				answer.MonthlyLimitStart = schema.Some(ago(test.began))
			}
			f.Restore(schema.State{Traffic: []schema.TrafficSample{answer}})
			f.RestoreEpisodes(test.past)
			if diff := cmp.Diff(test.want, f.find(answer.LineKey).episodes.all, cmp.AllowUnexported(episode{})); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// TestUnseenBeginning: what began while nobody looked began at least then.
func TestUnseenBeginning(t *testing.T) {
	f := New(staleConfig())
	before, after := fleettest.Answer("1", schema.ScopeLine), fleettest.Answer("1", schema.ScopeLine)
	before.Restriction = schema.RestrictionNone
	before.ObservedAt, before.ReceivedAt = before.ObservedAt.Add(-46*time.Minute), before.ReceivedAt.Add(-46*time.Minute)
	f.Write(fleettest.Traffic(before))
	f.Write(fleettest.Traffic(after))
	if found, _ := f.Search(Query{Most: 1}, time.Now()); len(found) != 1 || !found[0].SinceAtLeast {
		t.Errorf("%+v", found)
	}
}
