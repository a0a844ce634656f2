package collector

import (
	"testing"
	"time"
)

// What other jobs take of the budget is known as soon as they have taken it, and not only once the memory of their rate is full; when
// they have stopped it is forgotten.
func TestWhatOthersTakeIsKnownFromTheBeginning(t *testing.T) {
	start := time.Date(2026, 11, 28, 9, 0, 0, 0, time.UTC)
	u := newUsage()
	e := &Engine{Account: Account{Rate: func() float64 { return 3 }}, usage: u}
	sessions := &Sweep{job: "session", started: start}
	u.began(&Sweep{job: "traffic", started: start})
	u.began(sessions)
	for second := 1; second <= 300; second++ {
		now := start.Add(time.Duration(second) * time.Second)
		if second%2 == 0 {
			sessions.tally.Requests.Add(3)
		}
		left := e.budget("traffic", now)
		if second >= 12 && (left < 1.45 || left > 1.6) {
			t.Fatalf("after %d seconds a job counts on %.2f requests a second, of 3 of which another takes 1.5", second, left)
		}
	}
	u.ended(sessions)
	if left := e.budget("traffic", start.Add(20*time.Minute)); left < 2.95 {
		t.Errorf("a quarter of an hour after the other has stopped it counts on %.2f", left)
	}
}
