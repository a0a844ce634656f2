package spool

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// said is what was said to be on disk, in order.
type said struct {
	mu   sync.Mutex
	jobs []string
}

func (s *said) all() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.jobs)
}

func (b *testOutbox) post(ctx context.Context, s *said, job string) error {
	return b.Post(ctx, sweeps(job), func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.jobs = append(s.jobs, job)
	})
}

// frames counts those of all segments.
func frames(t *testing.T, b *testOutbox) (n int) {
	t.Helper()
	b.turn <- struct{}{}
	defer func() { <-b.turn }()
	for _, s := range b.file.segments {
		for all := s.scan(0); all.next(); {
			n++
		}
	}
	return n
}

// What is posted within a second comes to the disk with the delivery that takes it, in one write, and is said to be there then.
func TestWhatIsPostedIsWrittenWithItsDelivery(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, s := run(t, DefaultConfig()), new(said)
		var want []string
		for second := range 10 {
			for i := range 5 {
				want = append(want, fmt.Sprint(second, ".", i))
				if err := b.post(t.Context(), s, want[len(want)-1]); err != nil {
					t.Fatal(err)
				}
			}
			time.Sleep(999 * time.Millisecond)
			synctest.Wait()
			if n := len(s.all()); n != 5*second {
				t.Errorf("after %d.999 seconds %d are said to be on disk", second, n)
			}
			time.Sleep(time.Millisecond)
			synctest.Wait()
			if diff := cmp.Diff(want, s.all()); diff != "" {
				t.Errorf("said to be on disk: %s", diff)
			}
			if n := len(b.store.inserts()); n != second+1 {
				t.Errorf("%d deliveries after %d seconds", n, second+1)
			}
		}
		if n := frames(t, b); n != 10 {
			t.Errorf("%d writes in ten seconds", n)
		}
		b.end(t)
		if diff := cmp.Diff(want, b.store.all()); diff != "" {
			t.Error(diff)
		}
		again := run(t, b.cfg)
		again.end(t)
		if len(again.store.all()) > 0 {
			t.Errorf("delivered again: %v", again.store.all())
		}
	})
}

// While the store is away no delivery is made, and what is posted comes to the disk all the same.
func TestWhatIsPostedWhileTheStoreIsAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg := DefaultConfig()
		cfg.DrainTimeout = 0
		b, s := run(t, cfg), new(said)
		b.store.fail(errors.New("away"))
		b.write(t, "first")
		time.Sleep(time.Minute)
		for i := range 10 {
			if err := b.post(t.Context(), s, strconv.Itoa(i)); err != nil {
				t.Fatal(err)
			}
			time.Sleep(1250 * time.Millisecond)
			synctest.Wait()
			if n := len(s.all()); n != i+1 {
				t.Errorf("%d of %d are said to be on disk", n, i+1)
			}
		}
		b.stop()
		_ = outcome(t, b.ended)
		if err := b.Close(); err != nil {
			t.Fatal(err)
		}
		again := run(t, b.cfg)
		again.end(t)
		if diff := cmp.Diff(append([]string{"first"}, s.all()...), again.store.all()); diff != "" {
			t.Error(diff)
		}
	})
}

// Flush and Sync wait for what was posted, and so does the end.
func TestWhatIsPostedIsWaitedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, s := run(t, DefaultConfig()), new(said)
		began := time.Now()
		for i, wait := range []func() error{
			func() error { return b.Sync(t.Context()) },
			func() error { return b.Flush(t.Context()) },
			func() error { b.stop(); return outcome(t, b.ended) },
		} {
			if err := b.post(t.Context(), s, strconv.Itoa(i)); err != nil {
				t.Fatal(err)
			}
			if err := wait(); err != nil || len(s.all()) != i+1 {
				t.Errorf("%d: said %v, error %v", i, s.all(), err)
			}
		}
		if time.Since(began) != 0 {
			t.Errorf("took %s", time.Since(began))
		}
		if diff := cmp.Diff([]string{"0", "1", "2"}, b.store.all()); diff != "" {
			t.Error(diff)
		}
	})
}

// Where the disk takes nothing, who posts is held up, and learns why; what was posted before is there once it does again.
func TestWhoPostsIsHeldUpByABrokenDisk(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, disk := openOnFailingDisk(t)
		b.goOn(t)
		s := new(said)
		disk.breaks()
		if err := b.post(t.Context(), s, "before"); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute)
		impatient, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if err := b.post(impatient, s, "lost"); !errors.Is(err, context.DeadlineExceeded) || !errors.Is(err, syscall.EBADF) && !errors.Is(err, syscall.EROFS) {
			t.Errorf("posted to a broken disk: %v", err)
		}
		if len(s.all()) > 0 {
			t.Errorf("said to be on a broken disk: %v", s.all())
		}
		disk.heals()
		if err := b.post(t.Context(), s, "after"); err != nil {
			t.Fatal(err)
		}
		b.end(t)
		if diff := cmp.Diff([]string{"before", "after"}, b.store.all()); diff != "" || !slices.Equal(s.all(), b.store.all()) {
			t.Errorf("said %v, %s", s.all(), diff)
		}
	})
}

// However much is posted, memory holds a bounded part of it: behind that, who posts waits for the disk.
func TestPostedRowsAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := openTestOutbox(t, DefaultConfig()) // nobody brings it to the disk
		s, most := new(said), 0
		for i := range 1000 {
			if err := b.post(t.Context(), s, noise(i, 10_000)); err != nil {
				t.Fatal(err)
			}
			b.mu.Lock()
			most = max(most, b.posted)
			b.mu.Unlock()
		}
		if most < maxPosted/2 || most > maxPosted+20_000 {
			t.Errorf("%d bytes were on their way", most)
		}
	})
}
