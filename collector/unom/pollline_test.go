package unom

import (
	"context"
	"errors"
	"slices"
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

// What is not let in is not asked; what would be asked is said before, the group's figures of a member too.
func TestAPollIsLetInWhole(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(40 * 24 * time.Hour)
		p, sink := newPool(3, ofGroup), new(collectortest.Sink)
		c := watchPool(p, sink)
		sweepOnce(t, c, JobLines)
		sweepOnce(t, c, JobDataShare) // which learns of the members
		refused := errors.New("too much is asked")
		var operations []string
		ended := 0
		c.Visit = func(ctx context.Context, of ...string) (context.Context, func(), error) {
			operations = of
			return ctx, func() { ended++ }, refused
		}
		traffic, share := p.calls("traffic"), p.sharesAsked()
		if err := c.PollLine(t.Context(), c.contracts[0], lineNo(0)); !errors.Is(err, refused) || p.calls("traffic") != traffic || p.sharesAsked() != share {
			t.Errorf("refused: %v, call 03 %d times, call 09 %d times", err, p.calls("traffic")-traffic, p.sharesAsked()-share)
		}
		if refused = nil; c.PollLine(t.Context(), c.contracts[0], lineNo(0)) != nil || p.calls("traffic") != traffic+1 || p.sharesAsked() != share+1 || ended != 1 {
			t.Errorf("let in: call 03 %d times, call 09 %d times, ended %d times", p.calls("traffic")-traffic, p.sharesAsked()-share, ended)
		}
		if !slices.Equal(operations, []string{"traffic", "data_share_traffic"}) {
			t.Errorf("let in for %q", operations)
		}
	})
}
