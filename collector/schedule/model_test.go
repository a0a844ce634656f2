package schedule

import (
	"math"
	"testing"
	"time"
)

// TestConstantHazard has the square-root rule.
func TestConstantHazard(t *testing.T) {
	p := planner(t, Job{Name: "traffic", Interval: time.Hour})
	p.days.look(start().UnixMilli())
	for _, lambda := range []float64{1e-6, 1e-5} {
		for _, worth := range []float64{0.1, 1, 10} {
			o := outlook{left: math.Inf(1), steep: 2, hazard: lambda, clears: math.MaxInt64}
			wait, _ := p.solve(&target{}, &o, start().UnixMilli(), 1000, 24*hour, worth)
			want := math.Sqrt(2 * worth / lambda)
			if got := float64(wait) / 1000; math.Abs(got-want) > 0.02*want+0.5 {
				t.Errorf("λ %g, θ %g: %.1f s, want %.1f", lambda, worth, got, want)
			}
		}
	}
}

// TestTrendAlone has the closed form of the package comment.
func TestTrendAlone(t *testing.T) {
	p := planner(t, Job{Name: "traffic", Interval: time.Hour})
	p.days.look(start().UnixMilli())
	for _, k := range []float64{2, 4, 10} {
		steady := target{habits: even(), figures: figures{fast: 100, slow: 100}}
		o := outlook{left: 100 * 40_000, steep: k, clears: math.MaxInt64}
		wait, _ := p.solve(&steady, &o, start().UnixMilli(), 1000, 12*hour, 0.5)
		want := math.Pow(2*0.5*k, 1/(k+1)) * math.Pow(40_000, k/(k+1))
		if got := float64(wait) / 1000; math.Abs(got-want) > 0.05*want {
			t.Errorf("k %g: %.0f s, want %.0f", k, got, want)
		}
	}
}

// TestCloserIsSooner: the interval shrinks as less is left, and the reason says why.
func TestCloserIsSooner(t *testing.T) {
	p := planner(t, Job{Name: "traffic", Interval: time.Hour})
	h := p.Add(start(), 0, Spec{})
	const rate = 1 << 30 / 86400 / 2 // a volume in two days
	var last, longest, shortest time.Duration = 0, 0, time.Hour
	said := false
	drive(p, start(), start().Add(33*time.Hour), func(h Target, at time.Time) {
		p.Answered(at, h, using(at, rate))
		r := p.Reason(h)
		longest, shortest = max(longest, r.Interval), min(shortest, r.Interval)
		last = r.Interval
		said = said || r.Interval <= time.Minute && r.Left > 0.2 && r.Left < 0.3 && r.Threshold == 0.2 && r.Crossing.After(at)
	})
	if longest != time.Hour || shortest > 5*time.Minute {
		t.Errorf("intervals from %s to %s, last %s", shortest, longest, last)
	}
	if !said {
		t.Error("no reason says that 20 % are near")
	}
	_ = h
}

// TestUsedUp: the thresholds are shown once each, in their order, at the times at which even use came to them.
func TestUsedUp(t *testing.T) {
	p := planner(t, Job{Name: "traffic", Interval: 15 * time.Minute})
	p.Add(start().Add(-23*time.Hour), 0, Spec{Near: 0.3})
	const rate = 1 << 30 / 86400 // a volume in a day; the month is a day old
	var got []float64
	drive(p, start().Add(-23*time.Hour), start().Add(2*time.Hour), func(h Target, at time.Time) {
		for _, c := range p.Answered(at, h, using(at, rate)) {
			got = append(got, c.Threshold)
			truth := start().Add(-24 * time.Hour).Add(time.Duration((1 - c.Threshold) * 86400 * float64(time.Second)))
			if off := c.Estimated.Sub(truth).Abs(); off > 3*time.Minute {
				t.Errorf("%g %%: estimated %s off", c.Threshold*100, off)
			}
		}
	})
	if len(got) != 3 || math.Abs(got[0]-0.3) > 0.01 || got[1] != 0.05 || got[2] != 0 {
		t.Errorf("passed %v", got)
	}
}

// TestHabitsAreLearnt: a line that is used in office hours alone is expected to cross in them.
func TestHabitsAreLearnt(t *testing.T) {
	p := planner(t, Job{Name: "traffic", Interval: 30 * time.Minute})
	h := p.Add(start(), 0, Spec{})
	var month uint64
	last := start()
	drive(p, start(), start().Add(8*24*time.Hour), func(h Target, at time.Time) {
		for ; last.Before(at); last = last.Add(time.Minute) {
			if hour := last.Hour(); hour >= 9 && hour < 17 {
				month += 100_000
			}
		}
		a := using(at, 0)
		a.Month = month
		for i := range a.Days {
			a.Days[i] = 8 * 60 * 100_000
		}
		p.Answered(at, h, a)
	})
	hours := p.Export(h).Hours
	if busy, idle := hours[12], hours[3]; busy < 3*idle {
		t.Errorf("noon %.2f, three at night %.2f: %v", busy, idle, hours)
	}
}
