package collectortest

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"strings"
	"sync"
	"time"

	"kaisen/collector/carrier"
)

// Moods decide how a carrier answers in a property test, and count what it was asked. What is asked of one item has one
// mood: it goes well, fails in one way for ever, is empty, or does any of these from one time to the next.
type Moods struct {
	Failures []error // that an answer may be
	Panics   bool    // an answer may be a defect

	seed  uint64
	mu    sync.Mutex
	moods map[string]int
	drawn map[string]uint64
	asked map[string][]time.Time
}

// NewMoods makes the moods of a seed: the same for the same seed, in whatever order the questions come.
func NewMoods(seed uint64, failures ...error) *Moods {
	return &Moods{Failures: failures, seed: seed, moods: map[string]int{}, drawn: map[string]uint64{}, asked: map[string][]time.Time{}}
}

// draw is the next of the random numbers that a name has for itself.
func (m *Moods) draw(name string, below int) int {
	hash := fnv.New64a()
	hash.Write([]byte(name))
	m.drawn[name]++
	return rand.New(rand.NewPCG(m.seed+m.drawn[name]<<32, hash.Sum64())).IntN(below)
}

// Failures that any API may have.
func Failures() []error {
	failure := func(kind carrier.Kind, status int) error {
		return &carrier.Error{Kind: kind, Status: status, ObservedAt: time.Now()}
	}
	return []error{
		failure(carrier.KindNetwork, 0), failure(carrier.KindNotAllowed, 403), failure(carrier.KindThrottled, 503),
		failure(carrier.KindMaintenance, 503), failure(carrier.KindUnauthorised, 401), failure(carrier.KindMalformed, 200),
		failure(carrier.KindInvalidRequest, 400), failure(carrier.KindNotFound, 404), failure(carrier.KindServer, 500),
		failure(carrier.KindTooLarge, 200), errors.New("something else"), context.DeadlineExceeded,
	}
}

// Mood is how a question is answered.
type Mood struct {
	Err   error
	Empty bool // the list is, or the answer says nothing
	Odd   bool // it is what the documents do not foresee
}

// Ask counts a question and says how it is answered. The item may be "".
func (m *Moods) Ask(operation, item string) Mood {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.asked[operation] = append(m.asked[operation], time.Now())
	const well, empty, odd, mixed, first = 0, 1, 2, 3, 4
	choices := first + len(m.Failures)
	// A third of the operations have one mood for all items, which is when a carrier is away.
	if whole, known := m.moods[operation]; !known {
		m.moods[operation] = m.draw(operation, 3*choices)
	} else if whole < choices {
		item = ""
	}
	key := operation + " " + item
	mood, known := m.moods[key]
	if !known {
		if mood = m.draw(key, 2*choices); mood >= choices {
			mood = mood % 2 * mixed // a quarter goes well, a quarter has no one mood
		}
		m.moods[key] = mood
	}
	if mood == mixed {
		mood = m.draw(key, 3*choices/2)
	}
	if m.Panics && m.draw("panics "+key, 50) == 0 {
		panic("a defect")
	}
	switch {
	case mood == empty:
		return Mood{Empty: true}
	case mood == odd:
		return Mood{Odd: true}
	case mood >= first && mood < choices:
		return Mood{Err: m.Failures[mood-first]}
	}
	return Mood{}
}

// Asked is how often an operation was asked for in a period.
func (m *Moods) Asked(operation string, from, to time.Time) (n int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, at := range m.asked[operation] {
		if !at.Before(from) && at.Before(to) {
			n++
		}
	}
	return n
}

// Within checks that an operation was not asked for more often than its interval says: once an interval for each item, a
// fifth more for what is repeated early, and ten times more in all while the carrier was looked for. It returns how many
// times as often as its items and interval say it was asked in the second half of the time.
func (m *Moods) Within(operation string, items int, interval time.Duration, began time.Time) (factor float64, err error) {
	const early = 10 // log2 of an interval in units of the first pause
	lasted := time.Since(began)
	if n, most := m.Asked(operation, began, time.Now()), items*(int(lasted*6/5/interval)+early); n > most {
		return 0, fmt.Errorf("%s: %d requests in %s about %d items every %s, at most %d", operation, n, lasted, items, interval, most)
	}
	half := began.Add(lasted / 2)
	usual := float64(items) * float64(lasted/2) / float64(interval)
	return float64(m.Asked(operation, half, time.Now())) / usual, nil
}

// String lists the moods, for a failing test.
func (m *Moods) String() string {
	m.mu.Lock()
	defer m.mu.Unlock()
	var text strings.Builder
	for key, mood := range m.moods {
		fmt.Fprintf(&text, "%s: %d\n", key, mood)
	}
	return text.String()
}
