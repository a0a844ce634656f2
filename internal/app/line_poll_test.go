package app

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"kaisen/collector"
	"kaisen/collector/carrier/ratelimit"
	"kaisen/exporter"
)

// What the configuration's own limits hold up is told from a pause that the carrier asked for.
func TestPollFailures(t *testing.T) {
	for by, ours := range map[ratelimit.HeldBy]bool{ratelimit.HeldByRate: true, ratelimit.HeldByDay: true, ratelimit.HeldByUsedUp: true, ratelimit.HeldByPause: false} {
		held := &ratelimit.HeldError{By: by, Wait: time.Hour, Rate: 1}
		var got *exporter.HeldUpError
		if err := pollFailure(fmt.Errorf("line: %w", held)); !errors.As(err, &got) || got.Ours != ours || got.Wait != time.Hour || got.Why != held.Error() {
			t.Errorf("%v: %+v", held, got)
		}
	}
	if err := pollFailure(collector.ErrUnknownLine); !errors.Is(err, exporter.ErrNotPolled) {
		t.Errorf("a line that is not watched: %v", err)
	}
	if pollFailure(nil) != nil {
		t.Error("a poll that went well failed")
	}
}
