package ratelimit

import (
	"math"
	"testing"
	"time"
)

// course sends requests through a pacer to a strict bucket in made-up time, each as soon as it may leave.
type course struct {
	pacer
	now, filled time.Time
	level       float64
}

func newCourse(l Limit) *course {
	start := time.Unix(1e9, 0)
	return &course{pacer: newPacer(l), now: start, filled: start, level: math.Inf(1)}
}

func (c *course) drive(rate float64, size, n int) (rejected int, took time.Duration) {
	start := c.now
	for range n {
		if due := c.due(); due.After(c.now) {
			c.now = due
		}
		sequence := c.sent(c.now)
		c.level = min(float64(size), c.level+c.now.Sub(c.filled).Seconds()*rate)
		c.filled = c.now
		if c.level < 1-1e-6 {
			rejected++
			c.now = c.now.Add(c.rejectedAt(c.now, sequence))
			continue
		}
		c.level--
		c.acceptedAt(c.now, sequence)
	}
	return rejected, c.now.Sub(start)
}

func TestPacerFindsTheRate(t *testing.T) {
	for name, c := range map[string]struct {
		limit          Limit
		rate           float64
		size           int
		firstRejected  int     // at most, in the first 1,000
		laterRejected  int     // at most, in the next 10,000
		laterLeastRate float64 // accepted a second, as a part of the server's rate
	}{
		"right":               {Limit{RequestsPerSecond: 100, Burst: 10}, 100, 10, 0, 0, 0.99},
		"right, bucket of 1":  {Limit{RequestsPerSecond: 100, Burst: 1}, 100, 1, 0, 0, 0.96},
		"smaller bucket":      {Limit{RequestsPerSecond: 100, Burst: 10}, 100, 1, 5, 0, 0.96},
		"a fifth of the rate": {Limit{RequestsPerSecond: 100, Burst: 10}, 20, 10, 25, 90, 0.9},
		"a fifth, bucket 1":   {Limit{RequestsPerSecond: 100, Burst: 1}, 20, 1, 25, 90, 0.9},
		"a little less":       {Limit{RequestsPerSecond: 100, Burst: 1}, 95, 1, 10, 90, 0.9},
		"a tenth":             {Limit{RequestsPerSecond: 100, Burst: 5}, 10, 1, 30, 90, 0.9},
		"no limit configured": {Limit{Burst: 1}, 50, 5, 40, 90, 0.9},
		"slow and steady":     {Limit{RequestsPerSecond: 0.1, Burst: 1}, 0.1, 1, 0, 0, 0.99},
	} {
		t.Run(name, func(t *testing.T) {
			p := newCourse(c.limit)
			first, _ := p.drive(c.rate, c.size, 1000)
			later, took := p.drive(c.rate, c.size, 10000)
			t.Logf("rejected %d, then %d; rate %.2f margin %v", first, later, p.rate, p.margin)
			if first > c.firstRejected {
				t.Errorf("%d of the first 1,000 rejected, want at most %d", first, c.firstRejected)
			}
			if later > c.laterRejected {
				t.Errorf("%d of the next 10,000 rejected, want at most %d", later, c.laterRejected)
			}
			if got := float64(10000-later) / took.Seconds(); got < c.laterLeastRate*c.rate {
				t.Errorf("%.2f accepted a second, want at least %.2f", got, c.laterLeastRate*c.rate)
			}
		})
	}
}

func TestPacerRecoversWhenTheCarrierDoes(t *testing.T) {
	p := newCourse(Limit{RequestsPerSecond: 100, Burst: 10})
	p.drive(20, 10, 2000)
	if p.rate > 30 {
		t.Fatalf("rate %.1f after the carrier allowed 20", p.rate)
	}
	if _, took := p.drive(100, 10, 3000); p.rate != 100 || took > 3*time.Minute {
		t.Errorf("rate %.1f after 3,000 requests in %v, want 100 again", p.rate, took)
	}
}

func TestPacerRunsAheadAgainAfterAQuietTime(t *testing.T) {
	p := newPacer(Limit{RequestsPerSecond: 100, Burst: 10})
	now := time.Unix(0, 0)
	p.rejectedAt(now, p.sent(now))
	if !p.strict() {
		t.Fatal("a rejection did not end running ahead")
	}
	p.acceptedAt(now.Add(19*time.Minute), p.sent(now))
	if !p.strict() {
		t.Error("runs ahead again after 19 minutes")
	}
	p.acceptedAt(now.Add(21*time.Minute), p.sent(now))
	if p.strict() {
		t.Error("does not run ahead after 21 quiet minutes")
	}
}

func TestPacerTakesOneBurstOfComplaintsAsOne(t *testing.T) {
	p := newPacer(Limit{RequestsPerSecond: 100, Burst: 1})
	now := time.Unix(0, 0)
	var sent []uint64
	for range 8 {
		sent = append(sent, p.sent(now))
	}
	for _, sequence := range sent {
		p.rejectedAt(now, sequence)
	}
	if want := 100 * smallCut; math.Abs(p.rate-want) > 1e-9 {
		t.Errorf("rate %.1f after eight complaints about requests already under way, want %.1f", p.rate, want)
	}
}

// A storm of 429 says nothing about the rate: the account pauses longer and longer, and is soon back afterwards.
func TestPacerRidesOutAStorm(t *testing.T) {
	p := newCourse(Limit{RequestsPerSecond: 100, Burst: 10})
	now := p.now
	var pause time.Duration
	for range 30 {
		pause = p.rejectedAt(now, p.sent(now))
	}
	if pause != fruitlessMost {
		t.Errorf("pause %v after thirty rejections in a row, want %v", pause, fruitlessMost)
	}
	if p.rate < 5 {
		t.Errorf("rate %.2f in a storm, want no less than a twentieth", p.rate)
	}
	if _, took := p.drive(100, 10, 2000); took > time.Minute {
		t.Errorf("2,000 requests after the storm took %v", took)
	}
}

// A limit below a twentieth of the configured rate is met with a twentieth: what is configured is wrong, and the account
// must not be at its mercy for that.
func TestPacerKeepsATwentieth(t *testing.T) {
	p := newCourse(Limit{RequestsPerSecond: 100, Burst: 5})
	for range 100 {
		if p.drive(1, 1, 100); p.rate < 5 {
			t.Fatalf("rate %.2f, want a twentieth of 100", p.rate)
		}
	}
}

// Five minutes of quiet are enough after anything, at any rate, and without a request to learn from.
func TestPacerForgetsWhateverCameBefore(t *testing.T) {
	for _, limit := range []float64{0.1, 1, 5, 100, 1000} {
		for name, bad := range map[string]func(n int) bool{
			"a tenth":     func(n int) bool { return n%10 == 0 },
			"a twentieth": func(n int) bool { return n%20 == 0 },
			"half":        func(n int) bool { return n%2 == 0 },
			"all":         func(int) bool { return true },
		} {
			p := newPacer(Limit{RequestsPerSecond: limit, Burst: 5})
			now := time.Unix(1e9, 0)
			for n := range 5000 {
				if due := p.due(); due.After(now) {
					now = due
				}
				if sequence := p.sent(now); bad(n) {
					now = now.Add(p.rejectedAt(now, sequence))
				} else {
					p.acceptedAt(now, sequence)
				}
				if p.rate < limit/20 {
					t.Fatalf("%v, %s: rate %.4f, want a twentieth", limit, name, p.rate)
				}
			}
			if p.settle(now.Add(5 * time.Minute)); p.rate < 0.9*limit {
				t.Errorf("%v, %s: rate %.3f after five minutes", limit, name, p.rate)
			}
		}
	}
}
