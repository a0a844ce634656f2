package ratelimit

import (
	"context"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"kaisen/internal/racetest"
)

// dailyConfig has so many requests in a day of Tokyo's, counted in a folder.
func dailyConfig(folder string, requests int) Config {
	cfg := busyConfig()
	cfg.DailyRequests = requests
	cfg.Daily = DailyConfig{Zone: tokyo(), Now: func(now time.Time) time.Time { return now }, Ledger: NewFileLedger(folder, "hq")}
	return cfg
}

func tokyo() *time.Location { return time.FixedZone("Asia/Tokyo", 9*3600) }

// toMidnight passes the time until the next day of Tokyo's begins.
func toMidnight() {
	_, after := midnights(time.Now().In(tokyo()))
	time.Sleep(time.Until(after))
}

// perDay counts requests by the day of Tokyo's in which they left.
func (c *crowd) perDay() map[string]int {
	counts := make(map[string]int)
	for _, at := range c.at {
		counts[at.In(tokyo()).Format(time.DateOnly)]++
	}
	return counts
}

// Jobs that would ask much more get all of the day's requests, none more, spread over the day.
func TestTheDaysBudgetIsSpread(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCrowd(dailyConfig(t.TempDir(), 5000))
		toMidnight()
		ctx, cancel := context.WithTimeout(t.Context(), 3*24*time.Hour)
		defer cancel()
		c.asks(ctx, Flow{Name: "job"}, 3, 30*time.Second) // 8,600 a day
		c.group.Wait()
		hours := make(map[int]int)
		for date, n := range c.perDay() {
			if n > 5000 || n < 4950 {
				t.Errorf("%d requests on %s, want 5,000", n, date)
			}
		}
		for _, at := range c.at[:min(5000, len(c.at))] {
			hours[at.In(tokyo()).Hour()]++
		}
		for hour, n := range hours {
			if hour > 0 && (n < 150 || n > 250) {
				t.Errorf("%d requests in hour %d, want about 200", n, hour)
			}
		}
	})
}

// Who needs little does not wait.
func TestALittleNeedIsNotHeldUpByTheDay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCrowd(dailyConfig(t.TempDir(), 48_000))
		toMidnight()
		time.Sleep(time.Minute)
		began := time.Now()
		for range 900 { // of the 1,000 that may leave at once; a few each hour afterwards
			_ = ask(request(WithCall(t.Context(), &Call{Flow: Flow{Name: "job"}}), "/"), c.transport)
		}
		if took := time.Since(began); took > 46*time.Second {
			t.Errorf("900 requests took %v, at 20 a second", took)
		}
	})
}

// When the day's requests are used up, the next one fails at once and says until when; after midnight there are new ones.
func TestTheDaysBudgetIsUsedUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCrowd(dailyConfig(t.TempDir(), 10))
		toMidnight()
		time.Sleep(time.Hour)
		person := func() error {
			resp, err := c.transport.RoundTrip(request(WithCall(t.Context(), &Call{Flow: Flow{Front: true}}), "/"))
			if err == nil {
				err = resp.Body.Close()
			}
			return err
		}
		for range 10 {
			if err := person(); err != nil {
				t.Fatal(err)
			}
		}
		var used *PausedError
		if err := person(); !errors.As(err, &used) || !used.Daily || used.Wait > 23*time.Hour+2*turnOfDay || used.Wait < 22*time.Hour {
			t.Fatalf("the eleventh: %v", err)
		}
		if now, known := c.transport.Daily(); !known || now.Left != 0 || now.Limit != 10 || !now.Until.Equal(used.Until) {
			t.Errorf("state %+v", now)
		}
		time.Sleep(used.Wait)
		if err := person(); err != nil {
			t.Error("after midnight:", err)
		}
	})
}

// However often the process ends, cleanly or not, and however many there are, no day has more than its requests; and what
// is lost for want of a clean end is little.
func TestNeverOverTheDayAcrossRestarts(t *testing.T) {
	ends := []bool{false, true}
	for _, clean := range ends[:racetest.Fewer(len(ends), 1)] {
		synctest.Test(t, func(t *testing.T) {
			folder := t.TempDir()
			toMidnight()
			all := &crowd{}
			for range 48 { // two processes for an hour, two days long
				var both sync.WaitGroup
				var pair [2]*crowd
				for i := range pair {
					pair[i] = newCrowd(dailyConfig(folder, 3000))
					both.Go(func() {
						ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
						defer cancel()
						pair[i].asks(ctx, Flow{Name: "job"}, 2, 20*time.Second)
						pair[i].group.Wait()
						if clean {
							if err := pair[i].transport.Close(); err != nil {
								t.Error(err)
							}
						}
					})
				}
				both.Wait()
				all.at = append(append(all.at, pair[0].at...), pair[1].at...)
			}
			least := 3000
			if !clean {
				least = 2600
			}
			for date, n := range all.perDay() {
				if n > 3000 || n < least && date < "2000-01-04" { // the third day has only begun
					t.Errorf("clean ends %v: %d requests on %s, want %d to 3,000", clean, n, date, least)
				}
			}
		})
	}
}

// Nothing leaves around midnight, when the server may count a request to either day.
func TestNothingLeavesAroundMidnight(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCrowd(dailyConfig(t.TempDir(), 10_000_000))
		_, midnight := midnights(time.Now().In(tokyo()))
		time.Sleep(time.Until(midnight) - time.Minute)
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
		defer cancel()
		c.asks(ctx, Flow{Name: "job"}, 10, 0)
		c.group.Wait()
		for _, at := range c.at {
			if off := at.Sub(midnight); off.Abs() < turnOfDay {
				t.Errorf("a request left %v from midnight", off)
			}
		}
		if len(c.at) < 2000 {
			t.Errorf("%d requests in two minutes", len(c.at))
		}
	})
}

// Where the day cannot be counted nothing is sent, and the error says what is wrong.
func TestWithoutACountNothingIsSent(t *testing.T) {
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, "requests-hq.count"), []byte("?\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	cfg := dailyConfig(folder, 10)
	cfg.Daily.Now = func(time.Time) time.Time { return time.Date(2026, 11, 28, 12, 0, 0, 0, tokyo()) }
	transport := newTransport(cfg, roundTrip(func(*http.Request) (*http.Response, error) {
		t.Error("a request was sent")
		return reply(http.StatusOK), nil
	}))
	_, err := transport.RoundTrip(request(t.Context(), "/"))
	if err == nil || !strings.Contains(err.Error(), "requests-hq.count") {
		t.Errorf("error %v", err)
	}
}

func TestFileLedger(t *testing.T) {
	ledger := NewFileLedger(filepath.Join(t.TempDir(), "spool"), "hq")
	today := time.Date(2026, 11, 28, 0, 0, 0, 0, tokyo())
	for i, step := range []struct{ days, n, most, taken, spent int }{
		{0, 5, 12, 5, 5}, {0, 5, 12, 5, 10}, {0, 5, 12, 2, 12}, {0, 5, 12, 0, 12}, {0, 0, 12, 0, 12},
		{0, -3, 12, -3, 9}, {0, 4, 5, 0, 9}, {0, -20, 5, -9, 0}, {1, 7, 12, 7, 7}, {0, 1, 12, 1, 1},
		{2, 1, 12, 1, 1}, {3, 1, 12, 1, 1}, {1, 0, 12, 0, 7}, {4, 12, 12, 12, 12}, {1, 0, 12, 0, 0},
	} {
		taken, spent, err := ledger.Take(today.AddDate(0, 0, step.days), step.n, step.most)
		if err != nil || taken != step.taken || spent != step.spent {
			t.Errorf("step %d: took %d, spent %d, %v; want %d and %d", i, taken, spent, err, step.taken, step.spent)
		}
	}
}
