package spool

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"kaisen/internal/wait"
	"kaisen/schema"
)

// A spool that is full, in front of a store that is slow, fails or refuses rows, on a disk that fails now and then, with
// restarts in between, and whatever the sizes of the records: it never stands still while the store takes rows, what
// was acknowledged is stored once, unless it is a sample that may go, and what a writer wrote is stored in its order. Seeds
// are few here, and as many as the environment says where there is time.
func TestAFullSpoolIsLiveCompleteAndInOrder(t *testing.T) {
	first, count := uint64(1), uint64(8)
	if text := os.Getenv("KAISEN_TEST_SPOOL_SEEDS"); text != "" {
		if n, err := fmt.Sscanf(text, "%d+%d", &first, &count); n != 2 {
			t.Fatalf("KAISEN_TEST_SPOOL_SEEDS=%q, want FIRST+COUNT: %v", text, err)
		}
	}
	for seed := first; seed < first+count; seed++ {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { newTrial(t, seed).run() })
		})
	}
}

// trial is one random history of a spool.
type trial struct {
	t      *testing.T
	random *rand.Rand
	cfg    Config
	store  *randomStore

	mu        sync.Mutex
	attempted map[int]int     // by writer: the last number of its writes
	accepted  map[string]bool // names of rows that were acknowledged
}

func newTrial(t *testing.T, seed uint64) *trial {
	random := rand.New(rand.NewPCG(seed, 0))
	cfg := DefaultConfig()
	cfg.Dir = t.TempDir()
	cfg.MaxBytes = []int{512 << 10, 1 << 20, 3 << 20}[random.IntN(3)]
	cfg.FlushRows = []int{1, 20, 300, 100_000}[random.IntN(4)]
	cfg.DrainTimeout = time.Duration(random.IntN(3)) * time.Second
	return &trial{
		t: t, random: random, cfg: cfg, attempted: map[int]int{}, accepted: map[string]bool{},
		store: &randomStore{random: rand.New(rand.NewPCG(seed, 1)), seen: map[string]bool{}},
	}
}

// run lives through some processes, with the store in another mood in each part of them, and a last one in which it
// takes everything: within minutes every write comes to its end then, and nothing is left.
func (h *trial) run() {
	for range 1 + h.random.IntN(3) {
		h.process(1+h.random.IntN(4), false)
	}
	h.store.change(true) // before the start: a dead letter that is refused after it is kept aside until the next one
	h.process(1, true)
	h.inspect()
}

// process is an outbox from Open to Close, with writers beside it.
func (h *trial) process(parts int, last bool) {
	o := New(h.cfg, h.store, NewMetrics(prometheus.NewRegistry()), slog.New(slog.DiscardHandler))
	disk := &failingDisk{t: h.t, turn: o.turn}
	o.disk.open, o.disk.noSync = disk.open, true
	if err := o.Open(); err != nil {
		h.t.Fatal(err)
	}
	ctx, stop := context.WithCancel(h.t.Context())
	ended := make(chan error, 1)
	go func() { ended <- o.Run(ctx) }()
	var writers sync.WaitGroup
	for w := range 1 + h.random.IntN(6) {
		kind, random := h.random.IntN(sizes), rand.New(rand.NewPCG(h.random.Uint64(), 0))
		writers.Go(func() { h.write(ctx, o, w, kind, random, last) })
	}
	for range parts {
		if h.store.change(last); last {
			break
		}
		time.Sleep(time.Duration(h.random.IntN(90)) * time.Second)
		if h.random.IntN(3) == 0 {
			disk.breaks()
			time.Sleep(time.Duration(h.random.IntN(30)) * time.Second)
		}
		if h.random.IntN(4) > 0 { // else it is broken to the end of the process
			disk.heals()
		}
	}
	if last {
		h.within(10*time.Minute, "the writers", writers.Wait)
		h.within(10*time.Minute, "what waits", func() {
			for range 2 { // what the store refuses becomes dead letters, which come behind
				if err := o.Flush(ctx); err != nil {
					h.t.Error(err)
				}
			}
		})
	}
	stop()
	if err := <-ended; err != nil && (last || !strings.Contains(err.Error(), "not in the store yet")) {
		h.t.Errorf("ended with %v", err)
	}
	h.within(time.Second, "the writers of a closed outbox", writers.Wait)
	if err := o.Close(); err != nil {
		h.t.Error(err)
	}
}

// within fails the test where something does not happen in a while.
func (h *trial) within(d time.Duration, what string, do func()) {
	done := make(chan struct{})
	go func() { defer close(done); do() }()
	select {
	case <-done:
	case <-time.After(d):
		h.t.Fatalf("%s: still not done after %s", what, d)
	}
}

const sizes = 4 // kinds of a writer's batches

// write writes batches of one kind, one after another, each until it is taken or the writer has waited long enough.
func (h *trial) write(ctx context.Context, o *Outbox, writer, kind int, random *rand.Rand, last bool) {
	for range 120 {
		h.mu.Lock()
		h.attempted[writer]++
		number := h.attempted[writer]
		h.mu.Unlock()
		b := h.batch(random, writer, number, kind)
		maxWait := time.Hour
		if !last {
			maxWait = time.Duration(random.IntN(60)) * time.Second
		}
		bounded, cancel := context.WithTimeout(ctx, maxWait)
		err := o.Write(bounded, b)
		cancel()
		h.mu.Lock()
		if err == nil {
			for _, name := range names(&b) {
				h.accepted[name] = true
			}
		}
		h.mu.Unlock()
		switch {
		case errors.Is(err, ErrClosed), ctx.Err() != nil:
			return
		case err != nil && !errors.Is(err, context.DeadlineExceeded) && !errors.Is(err, ErrTooLarge), err != nil && last && !errors.Is(err, ErrTooLarge):
			h.t.Errorf("writer %d, number %d: %v", writer, number, err)
			return
		}
		time.Sleep(time.Duration(random.IntN(300)) * time.Millisecond)
	}
}

// batch is of rows that name their writer and number: small ones, large ones, samples that may be given up, or all of
// these in turn; now and then there is one that the store refuses.
func (h *trial) batch(random *rand.Rand, writer, number, kind int) schema.Batch {
	name := fmt.Sprintf("%d:%d", writer, number)
	if kind == sizes-1 {
		kind = random.IntN(sizes - 1)
	}
	b := sweeps(name)
	switch kind {
	case 1:
		text := make([]byte, random.IntN(h.cfg.MaxBytes/(1+random.IntN(40)))) // some too large for it
		for i := range text {
			text[i] = byte(random.Uint32())
		}
		b.Sweeps[0].Source = string(text)
	case 2:
		for line := range 1 + random.IntN(20) {
			sample := answer(line, number)
			sample.Daily, sample.Monthly = nil, nil
			sample.Traffic[0].LineNo, sample.Traffic[0].LimitCause = fmt.Sprint(writer, "-", line), noise(random.IntN(1<<30), 80)
			sample.Traffic[0].MonthBytes = schema.Some(uint64(number))
			b.Append(sample)
		}
	}
	if random.IntN(40) == 0 {
		b.Sweeps = append(b.Sweeps, schema.Sweep{Job: "bad " + name})
	}
	return b
}

// inspect compares what was acknowledged with what is stored.
func (h *trial) inspect() {
	times, last := map[string]int{}, map[string]int{}
	for _, name := range h.store.rows {
		if times[name]++; times[name] == 2 {
			h.t.Errorf("%s is stored again", name)
		}
		series, number := "sweeps of "+strings.Split(name, ":")[0], name[strings.LastIndexAny(name, ": ")+1:]
		if line, found := strings.CutPrefix(name, "traffic "); found {
			series = line[:strings.IndexByte(line, ' ')]
		}
		if n, err := strconv.Atoi(number); err != nil || n <= last[series] {
			h.t.Errorf("%s comes after %d, %v", name, last[series], err)
		} else {
			last[series] = n
		}
	}
	missing := map[string]int{} // newest acknowledged sample of a line
	for name := range h.accepted {
		bad := strings.HasPrefix(name, "bad ")
		switch line, sample := strings.CutPrefix(name, "traffic "); {
		case sample:
			series, text, _ := strings.Cut(line, " ")
			n, _ := strconv.Atoi(text)
			missing[series] = max(missing[series], n)
		case bad && !h.store.letters[strings.TrimPrefix(name, "bad ")]:
			h.t.Errorf("%s is no dead letter", name)
		case !bad && times[name] == 0:
			h.t.Errorf("%s is lost", name)
		}
	}
	for series, n := range missing {
		if last[series] < n {
			h.t.Errorf("the newest sample of %s is %d, stored up to %d", series, n, last[series])
		}
	}
}

// randomStore is a store whose behaviour changes. It takes a table or fails, knows a repetition by its rows, and refuses bad
// rows, in some moods their dead letters too.
type randomStore struct {
	mu       sync.Mutex
	random   *rand.Rand
	away     bool
	failing  int // percent of the tables
	takes    time.Duration
	refusing bool // dead letters
	seen     map[string]bool
	rows     []string
	letters  map[string]bool
}

// change gives it another mood, or the best.
func (m *randomStore) change(best bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if best {
		m.away, m.failing, m.takes, m.refusing = false, 0, 0, false
		return
	}
	m.away, m.failing, m.refusing = m.random.IntN(2) == 0, m.random.IntN(3)*20, m.random.IntN(3) == 0
	m.takes = time.Duration(m.random.IntN(3)*m.random.IntN(5000)) * time.Millisecond
}

func (m *randomStore) Insert(ctx context.Context, b *schema.Batch) error {
	m.mu.Lock()
	takes := m.takes
	m.mu.Unlock()
	if err := wait.For(ctx, takes); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.away {
		return errors.New("away")
	}
	return m.insert(b)
}

func (m *randomStore) insert(b *schema.Batch) error {
	for _, part := range b.Parts() {
		if part.Rows.Len() == 0 {
			continue
		}
		var one schema.Batch
		var rows []string
		switch part.Table {
		case "sweeps":
			one.Sweeps = b.Sweeps
			rows = names(&one)
		case trafficSamples:
			one.Traffic = b.Traffic
			rows = names(&one)
		case "dead_letters":
			rows = refused(rowsOf(part))
		}
		if part.Table == "dead_letters" && m.refusing || part.Table == "sweeps" && strings.Contains(strings.Join(rows, ","), "bad") {
			return fmt.Errorf("insert: %w", badData{})
		}
		if m.random.IntN(100) < m.failing {
			return errors.New("refused the connection")
		}
		if id := part.Table + token(rows); !m.seen[id] {
			m.seen[id] = true
			m.take(part.Table, rows)
		}
		if m.random.IntN(100) < m.failing {
			return errors.New("lost the connection before the answer")
		}
	}
	return nil
}

func (m *randomStore) take(table string, rows []string) {
	if table != "dead_letters" {
		m.rows = append(m.rows, rows...)
		return
	}
	if m.letters == nil {
		m.letters = map[string]bool{}
	}
	for _, name := range rows {
		m.letters[name] = true
	}
}
