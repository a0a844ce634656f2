package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"

	"kaisen/internal/spool"
	"kaisen/schema"
	"kaisen/schema/clickhouse"
)

// threeShards is a store of three shards, which drops an insert that it has seen as ClickHouse does by its token. The last
// digit of a line decides where it lies.
type threeShards struct {
	mu    sync.Mutex
	away  map[int]bool
	seen  map[string]bool
	rows  map[int][]string // by shard, in the order in which they came
	marks []string
	early int // watermarks that came before rows that they speak for
}

var errAway = errors.New("no answer from shard")

func (s *threeShards) Insert(_ context.Context, b *schema.Batch) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	dealt, err := b.Deal(3, func(p schema.Part) ([]int, error) {
		to := make([]int, p.Rows.Len())
		for i := range to {
			if line := schema.KeyOf(p.Rows.At(i)).LineNo; line != "" {
				to[i] = int(line[len(line)-1]-'0') % 3
			}
		}
		return to, nil
	})
	if err != nil {
		return err
	}
	var waiting []clickhouse.Waiting
	for i := range dealt {
		dealt[i].Watermarks = nil
		switch {
		case dealt[i].Rows() == 0:
		case s.away[i+1]:
			waiting = append(waiting, clickhouse.Waiting{Shard: i + 1, Batch: dealt[i], Err: fmt.Errorf("%w %d", errAway, i+1)})
		default:
			s.take(i+1, dealt[i])
		}
	}
	if len(s.away) == 3 {
		return errAway
	}
	if len(waiting) > 0 {
		return &clickhouse.ShardsAway{Waiting: waiting, Watermarks: schema.Batch{Watermarks: b.Watermarks}}
	}
	for _, mark := range b.Watermarks {
		s.marks = append(s.marks, mark.ContractID)
		if !s.speaksTruly(mark) {
			s.early++
		}
	}
	return nil
}

// speaksTruly reports whether the rows of a watermark's batch, and all before, are stored.
func (s *threeShards) speaksTruly(mark schema.LogWatermark) bool {
	n, err := strconv.Atoi(mark.ContractID)
	for shard := range 3 {
		stored := 0
		for _, row := range s.rows[shard+1] {
			if line, _ := strconv.Atoi(row); line <= 10*n+shard {
				stored++
			}
		}
		if stored != n+1 {
			return false
		}
	}
	return err == nil
}

func (s *threeShards) take(shard int, b schema.Batch) {
	token := fmt.Sprint(shard)
	var rows []string
	for _, sample := range b.Traffic {
		rows = append(rows, sample.LineNo)
	}
	token += fmt.Sprint(rows)
	if !s.seen[token] {
		s.seen[token] = true
		s.rows[shard] = append(s.rows[shard], rows...)
	}
}

func (s *threeShards) set(away ...int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.away = map[int]bool{}
	for _, shard := range away {
		s.away[shard] = true
	}
}

func (s *threeShards) count(shard int) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.rows[shard])
}

// asideBench is an outbox over three shards.
type asideBench struct {
	*outbox
	gauges *prometheus.Registry
	store  *threeShards
	end    func() error
}

func startAside(t *testing.T, folder string, store *threeShards) *asideBench {
	t.Helper()
	cfg := spool.DefaultConfig()
	cfg.Dir = folder
	b := &asideBench{store: store, gauges: prometheus.NewRegistry()}
	b.outbox = newOutbox(cfg, store, spool.NewMetrics(b.gauges), slog.New(slog.DiscardHandler))
	if err := b.Open(); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	ended := make(chan error, 1)
	go func() { ended <- b.Run(ctx) }()
	b.end = func() error {
		stop()
		return errors.Join(<-ended, b.Close())
	}
	return b
}

// gauge is what a metric shows.
func (b *asideBench) gauge(t *testing.T, name string) float64 {
	t.Helper()
	families, err := b.gauges.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, family := range families {
		if family.GetName() == name {
			return family.GetMetric()[0].GetGauge().GetValue()
		}
	}
	t.Fatalf("there is no %s", name)
	return 0
}

func newThreeShards() *threeShards {
	return &threeShards{seen: map[string]bool{}, rows: map[int][]string{}}
}

// write accepts the n-th row of each shard, and a watermark.
func (b *asideBench) write(t *testing.T, n int) {
	t.Helper()
	var batch schema.Batch
	for shard := range 3 {
		batch.Traffic = append(batch.Traffic, schema.TrafficSample{LineKey: schema.LineKey{LineNo: strconv.Itoa(10*n + shard)}})
	}
	batch.Watermarks = []schema.LogWatermark{{ContractID: strconv.Itoa(n)}}
	if err := b.Write(t.Context(), batch); err != nil {
		t.Fatal(err)
	}
}

// all is every row that a shard has to have in the end.
func (s *threeShards) check(t *testing.T, batches int) {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	for shard := range 3 {
		var want []string
		for n := range batches {
			want = append(want, strconv.Itoa(10*n+shard))
		}
		got := slices.Sorted(slices.Values(s.rows[shard+1]))
		slices.Sort(want)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("shard %d (-accepted +stored):\n%s", shard+1, diff)
		}
	}
	if s.early > 0 {
		t.Errorf("%d watermarks came before rows that they speak for", s.early)
	}
}

// One shard is away for ten minutes: the others take their rows as before, watermarks wait, and in the end everything is there
// once.
func TestOthersGoOnWhileAShardIsAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := newThreeShards()
		b := startAside(t, t.TempDir(), store)
		const away, batches = 600, 640
		began := time.Now()
		for n := range batches {
			switch n {
			case 10:
				store.set(2)
			case 200:
				store.set(2, 3)
			case 300:
				store.set(2)
			case away:
				store.set()
			}
			b.write(t, n)
			time.Sleep(time.Second)
			synctest.Wait()
			if got := store.count(1); got < n-1 {
				t.Fatalf("shard 1 has %d rows %d s after the start", got, n)
			}
			if n > 350 && store.count(3) < n-1 {
				t.Fatalf("shard 3 has %d rows %d s after the start", store.count(3), n)
			}
			if n == 500 && (!b.rowsAside() || store.count(2) > 11) {
				t.Fatalf("shard 2 has %d rows, rows aside: %t", store.count(2), b.rowsAside())
			}
			since := b.gauge(t, "kaisen_spool_oldest_timestamp_seconds") - float64(began.Unix())
			if n == 500 && (b.gauge(t, "kaisen_spool_bytes") == 0 || since < 10 || since > 12) {
				t.Errorf("the gauges show %g bytes, the oldest of second %g", b.gauge(t, "kaisen_spool_bytes"), since)
			}
		}
		if err := b.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
		if left := b.gauge(t, "kaisen_spool_bytes") + b.gauge(t, "kaisen_spool_oldest_timestamp_seconds"); left != 0 {
			t.Errorf("with nothing left the gauges show %g", left)
		}
		if err := b.end(); err != nil {
			t.Fatal(err)
		}
		store.check(t, batches)
		if len(store.marks) != batches {
			t.Errorf("%d watermarks of %d", len(store.marks), batches)
		}
	})
}

// What is aside survives the process, whether or not the shard is back when the next one starts.
func TestRowsAsideSurviveTheProcess(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store, folder := newThreeShards(), t.TempDir()
		for n := range 5 {
			b := startAside(t, folder, store)
			store.set(2)
			b.write(t, n)
			time.Sleep(5 * time.Second)
			if err := b.end(); err != nil {
				t.Fatal(err)
			}
		}
		if store.count(1) != 5 || store.count(2) != 0 || store.count(3) != 5 {
			t.Errorf("%v", store.rows)
		}
		store.set()
		b := startAside(t, folder, store)
		if err := b.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := b.end(); err != nil {
			t.Fatal(err)
		}
		store.check(t, 5)
	})
}

// A delivery that a crash interrupts after its rows were put aside is made again: the second time, too, they are aside as
// they were, so that the store recognises the repetition.
func TestRowsPutAsideTwiceAreStoredOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := newThreeShards()
		b := startAside(t, t.TempDir(), store)
		store.set(3)
		for n := range 4 {
			var batch schema.Batch
			for line := range 20 {
				batch.Traffic = append(batch.Traffic, schema.TrafficSample{LineKey: schema.LineKey{LineNo: strconv.Itoa(100*n + line)}})
			}
			for range 2 {
				if err := b.insert(t.Context(), &batch); err != nil {
					t.Fatal(err)
				}
			}
		}
		store.set()
		if err := b.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := b.end(); err != nil {
			t.Fatal(err)
		}
		if got := store.count(1) + store.count(2) + store.count(3); got != 80 {
			t.Errorf("%d rows of 80: %v", got, store.rows)
		}
	})
}

// Where the whole store is away, nothing is put aside: one spool is enough.
func TestNothingIsPutAsideWhileTheStoreIsAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store, folder := newThreeShards(), t.TempDir()
		b := startAside(t, folder, store)
		store.set(1, 2, 3)
		for n := range 5 {
			b.write(t, n)
			time.Sleep(time.Minute)
		}
		if files, err := filepath.Glob(filepath.Join(folder, "*.log")); err != nil || len(files) != 1 {
			t.Errorf("%v, %v", files, err)
		}
		store.set()
		if err := b.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := b.end(); err != nil {
			t.Fatal(err)
		}
		store.check(t, 5)
	})
}
