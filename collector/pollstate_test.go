package collector

import (
	"testing"
	"testing/synctest"
	"time"
)

// A line that was listed long after kaisen had begun, and that never answers, is behind since it was listed.
func TestAnItemIsBehindSinceItIsKnown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const interval = 15 * time.Minute
		since := time.Now()
		time.Sleep(30 * 24 * time.Hour)
		item := NewPollState("new")
		time.Sleep(20 * time.Minute)
		item.Failed(0, time.Now())
		if behind := item.Behind(0, interval, since, time.Now()); behind != 5*time.Minute {
			t.Errorf("behind by %v after 20 minutes of %v", behind, interval)
		}
		if behind := item.Behind(0, interval, time.Now().Add(-16*time.Minute), time.Now()); behind != time.Minute {
			t.Errorf("behind by %v, though nobody ran before", behind)
		}
	})
}
