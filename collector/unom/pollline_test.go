package unom

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"kaisen/collector"
	"kaisen/collector/collectortest"
)

// A line that a person asks about is asked for its own figures, and a member for its group's; what is not watched is not asked.
func TestPollLine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(40 * 24 * time.Hour)
		p, sink := newPool(3, ofGroup), new(collectortest.Sink)
		c := watchPool(p, sink)
		sweepOnce(t, c, JobLines)
		contract := c.contracts[0]
		for i, shares := range []int{0, 1} {
			traffic, share := p.calls("traffic"), p.sharesAsked()
			if err := c.PollLine(t.Context(), contract, lineNo(0)); err != nil {
				t.Fatal(err)
			}
			if p.calls("traffic") != traffic+1 || p.sharesAsked() != share+shares {
				t.Errorf("poll %d: call 03 %d times, call 09 %d times", i, p.calls("traffic")-traffic, p.sharesAsked()-share)
			}
			sweepOnce(t, c, JobDataShare) // which learns of the members
		}
		if err := c.PollLine(t.Context(), contract, "07099999999"); !errors.Is(err, collector.ErrUnknownLine) {
			t.Errorf("a line that is not there: %v", err)
		}
		if rows := sink.All().Traffic; len(rows) == 0 {
			t.Error("nothing was written")
		}
	})
}
