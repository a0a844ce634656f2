package ratelimit

import (
	"fmt"
	"time"
)

// Ledger keeps how many requests of a day are spent, where neither the end of a process nor another one on the same account
// loses it. FileLedger is one.
type Ledger interface {
	// Take adds up to n requests to those spent on a day, and never beyond most. It returns how many it added, and how many are
	// spent then. With n negative it takes that many back.
	Take(day time.Time, n, most int) (taken, spent int, err error)
}

// DailyConfig is how days are told apart, and where their requests are counted.
type DailyConfig struct {
	Zone   *time.Location                  // in which days turn
	Now    func(local time.Time) time.Time // the server's clock at a local time; before its first answer ours, which may be a day off
	Ledger Ledger
	AtOnce bool // requests are not spread over the day: the process ends when it has done what it began
}

// daily keeps the budget of a day. Requests are taken from the ledger some at a time, before the first of them leaves, so that
// an end without warning loses a few of the day's and never sends one too many.
//
// What is left is spread over what is left of the day. A bucket of a part of the day's requests lets those through at once who
// need little: it fills at that pace, and only who has emptied it waits. The lock of the Transport guards it.
type daily struct {
	limit  int
	cfg    DailyConfig
	day    time.Time // midnight that began it, by the server's clock; zero: nothing was asked of the ledger yet
	inHand int       // taken from the ledger and not sent
	spent  int       // of the day as the ledger last had it, those in hand included

	level float64 // of the bucket
	at    time.Time
}

const (
	// atOnce is the part of a day's requests that the bucket holds.
	atOnce = 1. / 48
	// takenAtOnce is the part of a day's requests that an end without warning may lose, and mostTaken how many at most.
	takenAtOnce, mostTaken = 1. / 500, 100
	// turnOfDay is how long before and after midnight nothing leaves: the clocks are right to about a second, and what is on its
	// way at midnight would be of either day.
	turnOfDay = 3 * time.Second
)

func newDaily(limit int, cfg DailyConfig) *daily {
	if limit <= 0 {
		return nil
	}
	d := &daily{limit: limit, cfg: cfg}
	d.level = d.size()
	return d
}

func (d *daily) size() float64 { return max(1, float64(d.limit)*atOnce) }

// due is when the next request may leave; now or earlier: at once, and it has been taken from the ledger. It fails where
// the day's requests are used up, or cannot be counted.
func (d *daily) due(now time.Time, front bool) (time.Time, error) {
	clock := d.cfg.Now(now).In(d.cfg.Zone)
	before, after := midnights(clock)
	if since := clock.Sub(before); since < turnOfDay {
		return now.Add(turnOfDay - since), nil
	}
	rest := after.Add(-turnOfDay).Sub(clock)
	if rest <= 0 {
		return now.Add(2*turnOfDay + rest), nil
	}
	if err := d.turn(before); err != nil {
		return time.Time{}, err
	}
	if d.left() <= 0 {
		return time.Time{}, d.usedUp(now, after.Add(turnOfDay).Sub(clock))
	}
	if wait := d.pace(now, rest); wait > 0 && !front && !d.cfg.AtOnce {
		return now.Add(min(wait, lookAgain)), nil
	}
	if d.inHand > 0 {
		return now, nil
	}
	some := min(max(1, int(float64(d.limit)*takenAtOnce)), mostTaken)
	taken, err := d.take(some)
	if err == nil && taken == 0 {
		err = d.usedUp(now, after.Add(turnOfDay).Sub(clock))
	}
	return now, err
}

// midnights are those before and after a time, in its zone.
func midnights(clock time.Time) (before, after time.Time) {
	year, month, day := clock.Date()
	return time.Date(year, month, day, 0, 0, 0, 0, clock.Location()), time.Date(year, month, day+1, 0, 0, 0, 0, clock.Location())
}

// turn begins a day, where it is another than that of the last request.
func (d *daily) turn(day time.Time) error {
	if day.Equal(d.day) {
		return nil
	}
	if err := d.giveBack(); err != nil {
		return err
	}
	_, spent, err := d.cfg.Ledger.Take(day, 0, d.limit)
	if err != nil {
		return countError(err)
	}
	d.day, d.spent = day, spent
	return nil
}

func (d *daily) take(n int) (taken int, err error) {
	taken, spent, err := d.cfg.Ledger.Take(d.day, n, d.limit)
	if err != nil {
		return 0, countError(err)
	}
	d.inHand, d.spent = d.inHand+taken, spent
	return taken, nil
}

// giveBack returns to the ledger what was taken and not sent.
func (d *daily) giveBack() error {
	if d.inHand == 0 {
		return nil
	}
	_, err := d.take(-d.inHand)
	return err
}

func countError(err error) error {
	return fmt.Errorf("not sent: the requests of the day cannot be counted: %w", err)
}

// left is how many requests of the day may still leave.
func (d *daily) left() int { return max(0, d.limit-d.spent+d.inHand) }

// pace fills the bucket, and is how long the next request waits for it.
func (d *daily) pace(now time.Time, rest time.Duration) time.Duration {
	rate := d.rate(rest)
	d.level, d.at = d.filled(now, rate), now
	if d.level >= 1-1e-9 {
		return 0
	}
	return time.Duration((1-d.level)/rate*float64(time.Second)) + 1
}

// rate is at how many requests a second what is left lasts for the rest of the day.
func (d *daily) rate(rest time.Duration) float64 { return float64(d.left()) / rest.Seconds() }

// filled is the level of the bucket now, at so many requests a second.
func (d *daily) filled(now time.Time, rate float64) float64 {
	if d.at.IsZero() {
		return d.level
	}
	return min(d.size(), d.level+max(0, now.Sub(d.at).Seconds())*rate)
}

// sent counts a request that leaves. Those in front may empty the bucket further: who comes after them waits longer.
func (d *daily) sent() {
	d.inHand--
	d.level--
}

func (d *daily) usedUp(now time.Time, wait time.Duration) error {
	return &PausedError{Until: now.Add(wait), Wait: wait, Daily: true, Reason: fmt.Sprintf("daily_requests: %d", d.limit)}
}

// DailyLimit is how many requests may leave in a day; 0: as many as the rate allows.
func (t *Transport) DailyLimit() int { return t.cfg.DailyRequests }

// Daily is how the budget of the day fares now.
type Daily struct {
	Limit, Left int
	Until       time.Time     // when a new day begins, by the local clock
	Every       time.Duration // how far apart requests leave, where they wait for what is left to last until then; 0: they do not
}

// Daily is the state of the budget of the day; false where there is none, or its count cannot be read.
func (t *Transport) Daily() (Daily, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	d := t.account.daily
	if d == nil {
		return Daily{}, false
	}
	now := time.Now()
	clock := d.cfg.Now(now).In(d.cfg.Zone)
	before, after := midnights(clock)
	if d.turn(before) != nil {
		return Daily{}, false
	}
	today := Daily{Limit: d.limit, Left: d.left(), Until: now.Add(after.Add(turnOfDay).Sub(clock))}
	rest := after.Add(-turnOfDay).Sub(clock)
	if rate := d.rate(rest); rest > 0 && rate > 0 && !d.cfg.AtOnce && d.filled(now, rate) < 1 {
		today.Every = time.Duration(float64(time.Second) / rate)
	}
	return today, true
}

// Close gives back what was taken of the day's budget and not sent, for a clean end. A request that leaves later takes anew.
func (t *Transport) Close() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.account.daily == nil {
		return nil
	}
	return t.account.daily.giveBack()
}
