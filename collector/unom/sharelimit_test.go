package unom

import (
	"testing"
	"testing/synctest"
	"time"

	"kaisen/collector/carrier"
	"kaisen/collector/collectortest"
	"kaisen/collector/unom/api"
	"kaisen/collector/unom/readings"
	"kaisen/schema"
)

// restrict makes the carrier tell a member another restriction than the others.
func (p *sharePool) restrict(own map[string]schema.Restriction) {
	tell := p.shareTraffic
	p.shareTraffic = func(lineNo string) (carrier.Answer[api.Traffic], error) {
		answer, err := tell(lineNo)
		p.mu.Lock()
		defer p.mu.Unlock()
		answer.Value.Restriction = schema.RestrictionNone
		if is, has := own[lineNo]; has {
			answer.Value.Restriction = is
		}
		return answer, err
	}
}

// A member with a restriction of its own: the figures are the group's still, but each is asked from then on, and has what it
// was told; never what another was.
func TestAMembersOwnRestriction(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const members = 12
		p, sink := newPool(members, ofGroup), &collectortest.Sink{}
		own := map[string]schema.Restriction{}
		p.restrict(own)
		u := watchPool(p, sink)
		stop := start(t, u)
		defer stop()
		time.Sleep(3 * shareInterval)
		if value, _ := found(sink, readings.ShareFigures); value != readings.ShareFiguresGroup {
			t.Fatalf("found %q", value)
		}
		p.mu.Lock()
		own[lineNo(5)] = schema.RestrictionRecent
		p.mu.Unlock()
		time.Sleep(members * shareInterval) // each has had its turn
		if value, _ := found(sink, readings.ShareLimit); value != readings.ShareLimitLine {
			t.Fatalf("found %q", value)
		}
		was, began := p.sharesAsked(), time.Now()
		time.Sleep(4 * shareInterval)
		if n := p.sharesAsked() - was; n < 3*members || n > 5*members {
			t.Errorf("%d requests in 4 intervals, want %d", n, 4*members)
		}
		for _, row := range sink.All().Traffic {
			if is := row.Restriction == schema.RestrictionRecent; row.ObservedAt.After(began) && is != (row.LineNo == lineNo(5)) {
				t.Errorf("%s of %s", row.Restriction, row.LineNo)
			}
			if row.Restriction == schema.RestrictionRecent && row.LineNo != lineNo(5) {
				t.Errorf("another member has its restriction at %s", row.ObservedAt)
			}
		}
	})
}

// A group that is throttled while its pair is asked is no member with a restriction of its own.
func TestAGroupThatIsThrottledBetweenTwoAnswers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const members = 12
		p, sink := newPool(members, ofGroup), &collectortest.Sink{}
		tell, soon, left := p.shareTraffic, false, 1
		p.shareTraffic = func(lineNo string) (carrier.Answer[api.Traffic], error) {
			answer, err := tell(lineNo)
			p.mu.Lock()
			defer p.mu.Unlock()
			answer.Value.Restriction = schema.RestrictionNone
			if soon {
				left--
			}
			if left < 0 {
				answer.Value.Restriction = schema.RestrictionMonthly
			}
			return answer, err
		}
		u := watchPool(p, sink)
		stop := start(t, u)
		defer stop()
		time.Sleep(3 * shareInterval)
		p.mu.Lock()
		soon = true
		p.mu.Unlock()
		time.Sleep(3 * shareInterval)
		if value, _ := found(sink, readings.ShareLimit); value != "" {
			t.Errorf("found %q", value)
		}
		latest := map[string]schema.Restriction{}
		for _, row := range sink.All().Traffic {
			latest[row.LineNo] = row.Restriction
		}
		for i := range members {
			if latest[lineNo(i)] != schema.RestrictionMonthly {
				t.Errorf("member %d is %s", i, latest[lineNo(i)])
			}
		}
	})
}
