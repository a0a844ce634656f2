package schedule

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"kaisen/schema"
)

// TestBackoff: after a first failure, which may be chance, failing is asked two, four and eight intervals later.
func TestBackoff(t *testing.T) {
	p := planner(t, Job{Name: "traffic", Interval: 10 * time.Minute})
	p.Add(start(), 0, Spec{})
	var gaps []time.Duration
	last, n := start(), 0
	drive(p, start(), start().Add(8*time.Hour), func(h Target, at time.Time) {
		if n++; n <= 6 {
			p.Answered(at, h, using(at, 0))
		} else {
			gaps = append(gaps, at.Sub(last))
			p.Failed(at, h)
		}
		last = at
	})
	want := []time.Duration{10 * time.Minute, 10 * time.Minute, 20 * time.Minute, 40 * time.Minute, 80 * time.Minute, 80 * time.Minute}
	if !slices.Equal(gaps[:min(len(gaps), 6)], want) {
		t.Errorf("gaps %v, want %v", gaps, want)
	}
}

// TestHurry: what a person asks for is next, but of two questions at most one is such.
func TestHurry(t *testing.T) {
	p := planner(t, Job{Name: "traffic", Interval: time.Minute})
	p.SetBudget(start(), 1)
	for range 100 {
		p.Add(start(), 0, Spec{})
	}
	var others, same int
	var was bool
	drive(p, start(), start().Add(100*time.Second), func(h Target, at time.Time) {
		is := h == 7 || h == 8
		if is && was { // once it may be one's own turn
			same++
		}
		if was = is; !is {
			others++
		}
		p.Answered(at, h, using(at, 0))
		p.Hurry(7)
		p.Hurry(8)
	})
	if others < 49 || others > 52 || same > 1 {
		t.Errorf("%d of 101 questions were the others', %d hurried ones in a row", others, same)
	}
}

// TestDailyBudget is spread over the day, and holds until it ends.
func TestDailyBudget(t *testing.T) {
	p := planner(t, Job{Name: "traffic", Interval: time.Minute})
	p.SetBudget(start(), 5)
	end := start().Add(24 * time.Hour)
	p.SetDaily(start(), 1000, end)
	for range 50 {
		p.Add(start(), 0, Spec{})
	}
	var half, whole, after int
	drive(p, start(), end.Add(time.Hour), func(h Target, at time.Time) {
		switch {
		case at.Before(start().Add(12 * time.Hour)):
			half++
			fallthrough
		case at.Before(end):
			whole++
		default:
			after++
		}
		p.Answered(at, h, using(at, 0))
	})
	if whole > 1000 || whole < 990 || half < 480 || half > 520 || after < 1000 {
		t.Errorf("%d by noon, %d on the day, %d in the hour after", half, whole, after)
	}
}

// TestStateSurvives: an exported target that is imported is due when it was, for the same reason.
func TestStateSurvives(t *testing.T) {
	for _, rate := range []float64{0, 8000} {
		testStateSurvives(t, rate)
	}
}

func testStateSurvives(t *testing.T, rate float64) {
	t.Helper()
	p := planner(t, Job{Name: "traffic", Interval: 15 * time.Minute})
	h := p.Add(start(), 0, Spec{})
	end := start().Add(20 * time.Hour)
	drive(p, start(), end, func(h Target, at time.Time) { p.Answered(at, h, using(at, rate)) })
	other := planner(t, Job{Name: "traffic", Interval: 15 * time.Minute})
	other.fleet, other.price.worth = p.fleet, p.price.worth
	again := other.Add(end, 0, Spec{})
	other.Import(end, again, p.Export(h))
	if diff := cmp.Diff(p.Export(h), other.Export(again)); diff != "" {
		t.Errorf("-was +is:\n%s", diff)
	}
	was, is := p.Reason(h), other.Reason(again)
	if was.Class != is.Class || was.Due.Sub(is.Due).Abs() > 5*time.Second {
		t.Errorf("%+v, was %+v", is, was)
	}
}

// TestRestoreFromHistory: a line whose database knows that it is about to run out is not taken for a new one.
func TestRestoreFromHistory(t *testing.T) {
	p := planner(t, Job{Name: "traffic", Interval: time.Hour})
	const rate = 1 << 30 / 86400 / 2
	now := start().Add(14 * time.Hour) // 38 hours into the month, of 48 that the volume lasts; near at 38.4
	var samples []Answer
	for i := range 4 {
		samples = append(samples, using(now.Add(time.Duration(i-4)*time.Hour), rate))
	}
	h := p.Add(now, 0, Spec{})
	p.Restore(now, h, History{Samples: samples})
	if r := p.Reason(h); r.Class != Urgent && r.Class != Watch || r.Due.After(now) {
		t.Errorf("%+v, due in %s", r, r.Due.Sub(now))
	}
	fresh := p.Add(now, 0, Spec{})
	p.Restore(now, fresh, History{})
	if r := p.Reason(fresh); r.Class != Fresh {
		t.Errorf("without a history: %+v", r)
	}
}

// TestRestoredSilence: a line that had not used a byte for days wakes when it uses some after a restart, as it would have without.
func TestRestoredSilence(t *testing.T) {
	p := planner(t, Job{Name: "traffic", Interval: time.Hour})
	now := start().Add(14 * time.Hour)
	silent := func(at time.Time) Answer {
		a := using(at, 0)
		a.Days[2] = 1 << 20
		return a
	}
	h := p.Add(now, 0, Spec{})
	p.Restore(now, h, History{Samples: []Answer{silent(now.Add(-2 * time.Hour)), silent(now.Add(-time.Hour)), silent(now)}})
	if hours := p.Export(h).Silent; hours != 14+48 {
		t.Errorf("silent for %g hours", hours)
	}
	woken := silent(now.Add(time.Hour))
	woken.Month, woken.Today = woken.Month+1<<20, 1<<20
	p.Answered(now.Add(time.Hour), h, woken)
	if r := p.Reason(h); r.Class != Waking {
		t.Errorf("%s", r.Class)
	}
}

// TestPools: a member has its pool's reason, and no urgency of its own.
func TestPools(t *testing.T) {
	p := planner(t, Job{Name: "traffic", Interval: time.Hour}, Job{Name: "data_share", Interval: time.Hour})
	pool := p.Add(start(), 1, Spec{})
	line := p.Add(start(), 0, Spec{Member: true, Pool: pool})
	asked := map[Target]int{}
	drive(p, start(), start().Add(24*time.Hour), func(h Target, at time.Time) {
		asked[h]++
		p.Answered(at, h, using(at, 6_500)) // near its cap within the day
	})
	if asked[pool] < 2*asked[line] {
		t.Errorf("the pool was asked %d times, its member %d", asked[pool], asked[line])
	}
	if r := p.Reason(line); !r.Pool || r.Left != p.Reason(pool).Left {
		t.Errorf("member: %+v", r)
	}
}

// TestSharesFlowOn: what a job with a share does not need is the others'.
func TestSharesFlowOn(t *testing.T) {
	p := planner(t, Job{Name: "traffic", Interval: time.Minute, Share: 1}, Job{Name: "data_share", Interval: time.Minute, Share: 1})
	p.SetBudget(start(), 1)
	for i := range 1001 {
		p.Add(start(), min(1, i/1000), Spec{})
	}
	s := p.Summary(start())
	if s.Jobs[1].Bound != 4*time.Minute {
		t.Errorf("one pool has a bound of %s", s.Jobs[1].Bound)
	}
	if bound := s.Jobs[0].Bound.Seconds(); bound < 2000 || bound > 2020 {
		t.Errorf("a thousand lines have a bound of %.0f s", bound)
	}
}

// An answer without figures changes nothing of what is known, and shows no crossing: the next one that has some does, and its delay is by
// the carrier's clock, which may be another than the planner's and run at another speed.
func TestCrossingsAreByTheCarriersClock(t *testing.T) {
	own := time.Date(2026, 11, 10, 12, 0, 0, 0, DefaultConfig().Zone)
	const speed, month = 60, 1 << 30
	carriers := func(at time.Time) time.Time { return own.AddDate(0, 0, 3).Add(speed * at.Sub(own)) }
	config := DefaultConfig()
	config.Jobs = []Job{{Name: "traffic", Interval: 15 * time.Minute}}
	p, err := New(config)
	if err != nil {
		t.Fatal(err)
	}
	h := p.Add(own, 0, Spec{})
	answer := func(at time.Time, used uint64) []Crossing {
		p.Began(at, h)
		return p.Answered(at, h, Answer{At: carriers(at), Month: used, Today: used / 2, Remaining: schema.Some(month - used), Restriction: schema.RestrictionNone})
	}
	if passed := answer(own, month/2); len(passed) > 0 {
		t.Errorf("at first: %+v", passed)
	}
	was := p.Export(h)
	p.Began(own.Add(time.Minute), h)
	p.Asked(own.Add(time.Minute), h)
	if is := p.Export(h); is.Month != was.Month || is.Volume != was.Volume || !is.At.Equal(was.At) || !is.Asked.Equal(own.Add(time.Minute)) {
		t.Errorf("without figures: %+v, was %+v", is, was)
	}
	if passed := answer(own.Add(2*time.Minute), month*6/10); len(passed) > 0 {
		t.Errorf("at 60 %%: %+v", passed)
	}
	seen := own.Add(4 * time.Minute)
	passed := answer(seen, month) // at 80 % half way
	if len(passed) != 3 || passed[len(passed)-1].Threshold != 0.2 && passed[0].Threshold != 0.2 {
		t.Fatalf("used up: %+v", passed)
	}
	for _, c := range passed {
		want := speed * 2 * time.Minute * time.Duration(100*c.Threshold) / 40
		if delay := carriers(seen).Sub(c.Estimated); (delay - want).Abs() > time.Second {
			t.Errorf("%.2f of the volume left: seen after %v of the carrier's time, want %v", c.Threshold, delay, want)
		}
	}
}
