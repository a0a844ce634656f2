package spool

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"kaisen/internal/wait"
	"kaisen/schema"
)

// memoryStore is a store that remembers what it took, and fails when it is to.
type memoryStore struct {
	mu       sync.Mutex
	failing  error
	bad      string        // job of the sweeps it refuses
	badWord  string        // operation of the dead letters it refuses
	takes    time.Duration // an insert
	attempts [][]string
	taken    [][]string // jobs, by insert
	letters  []schema.DeadLetter
	traffic  []schema.TrafficSample
	times    []time.Duration
	start    time.Time
	after    func() // called after each insert it took
}

func newMemoryStore() *memoryStore { return &memoryStore{start: time.Now()} }

// badData is an error that blames the rows.
type badData struct{}

func (badData) Error() string { return "bad row" }
func (badData) BadData() bool { return true }

func (m *memoryStore) Insert(ctx context.Context, b *schema.Batch) error {
	if m.takes > 0 {
		if err := wait.For(ctx, m.takes); err != nil {
			return err
		}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	jobs := names(b)
	m.attempts = append(m.attempts, jobs)
	if m.failing != nil {
		return m.failing
	}
	for _, s := range b.Sweeps {
		if s.Job == m.bad {
			return fmt.Errorf("insert: %w", badData{})
		}
	}
	for _, l := range b.DeadLetters {
		if m.badWord != "" && l.Operation == m.badWord {
			return fmt.Errorf("insert: %w", badData{})
		}
	}
	m.letters = append(m.letters, b.DeadLetters...)
	m.traffic = append(m.traffic, b.Traffic...)
	m.taken = append(m.taken, jobs)
	m.times = append(m.times, time.Since(m.start))
	if m.after != nil {
		m.after()
	}
	return nil
}

// names returns the names of the rows of a batch.
func names(b *schema.Batch) []string {
	var all []string
	for _, row := range b.Lines {
		all = append(all, "line "+row.LineNo)
	}
	for _, row := range b.Traffic {
		all = append(all, "traffic "+row.LineNo+" "+strconv.FormatUint(row.MonthBytes.V, 10))
	}
	for _, row := range b.Authentications {
		all = append(all, "auth "+strconv.Itoa(int(row.Ordinal)))
	}
	for _, s := range b.Sweeps {
		all = append(all, s.Job)
	}
	for _, w := range b.Watermarks {
		all = append(all, "mark "+w.Log)
	}
	return all
}

func (m *memoryStore) fail(err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.failing = err
}

// inserts is the rows taken, by insert.
func (m *memoryStore) inserts() [][]string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.taken)
}

// tried is the rows of every insert, taken or not.
func (m *memoryStore) tried() [][]string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.attempts)
}

// all is every row taken, in order.
func (m *memoryStore) all() []string { return slices.Concat(m.inserts()...) }

// sweeps is a batch of rows that differ by their job.
func sweeps(jobs ...string) schema.Batch {
	var b schema.Batch
	for _, job := range jobs {
		b.Sweeps = append(b.Sweeps, schema.Sweep{Job: job})
	}
	return b
}

// recordOf is the record of a batch.
func recordOf(c *codec, since time.Time, b *schema.Batch) []byte { return c.record(since, b.Rows(), b) }

// logText is what was logged. It may be read while others write.
type logText struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (j *logText) Write(p []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.Write(p)
}

func (j *logText) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.String()
}

// count is how many lines hold a text.
func (j *logText) count(text string) int { return strings.Count(j.String(), text) }

// testOutbox is an outbox with its store.
type testOutbox struct {
	*Outbox
	store *memoryStore
	logs  *logText
	stop  context.CancelFunc
	ended chan error
}

// newTestOutbox is an outbox that is not open yet.
func newTestOutbox(t testing.TB, cfg Config) *testOutbox {
	if cfg.Dir == "" {
		cfg.Dir = t.TempDir()
	}
	b := &testOutbox{store: newMemoryStore(), logs: new(logText), ended: make(chan error, 1), stop: func() {}}
	b.Outbox = New(cfg, b.store, NewMetrics(prometheus.NewRegistry()), slog.New(slog.NewTextHandler(b.logs, nil)))
	b.disk.noSync = true // nobody cuts the power
	t.Cleanup(func() { _ = b.Close() })
	return b
}

// openTestOutbox accepts rows and delivers none.
func openTestOutbox(t testing.TB, cfg Config) *testOutbox {
	t.Helper()
	b := newTestOutbox(t, cfg)
	if err := b.Open(); err != nil {
		t.Fatal(err)
	}
	return b
}

// run is an outbox that is run in the background until the test ends it.
func run(t testing.TB, cfg Config) *testOutbox {
	t.Helper()
	b := openTestOutbox(t, cfg)
	b.goOn(t)
	return b
}

func (b *testOutbox) goOn(t testing.TB) {
	ctx, stop := context.WithCancel(t.Context())
	b.stop = stop
	done := make(chan struct{})
	go func() {
		defer close(done)
		b.ended <- b.Run(ctx)
	}()
	t.Cleanup(func() { // before the file is closed
		stop()
		<-done
	})
}

func (b *testOutbox) write(t testing.TB, jobs ...string) {
	t.Helper()
	if err := b.Write(t.Context(), sweeps(jobs...)); err != nil {
		t.Fatal(err)
	}
}

// onDisk are the segments of a spool, and how many bytes all of them have.
func onDisk(t testing.TB, cfg Config) (files []string, bytes int) {
	t.Helper()
	files, err := filepath.Glob(cfg.path() + ".*" + segmentMark)
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		info, err := os.Stat(file)
		if err != nil {
			t.Fatal(err)
		}
		bytes += int(info.Size())
	}
	return files, bytes
}

// outcome is what one says who was waited for, for a day at most: a fake clock goes on for as long as anybody has a timer, so
// that a test that waits for one who never comes would only end with the whole run.
func outcome(t testing.TB, from <-chan error) error {
	t.Helper()
	select {
	case err := <-from:
		return err
	case <-time.After(24 * time.Hour):
		t.Fatal("a day has passed, and still no answer")
		return nil
	}
}

// end lets it deliver what it has, and closes it.
func (b *testOutbox) end(t testing.TB) {
	t.Helper()
	b.stop()
	if err := outcome(t, b.ended); err != nil {
		t.Fatal(err)
	}
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
}
