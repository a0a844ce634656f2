package spool

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.etcd.io/bbolt"
	bbolterrors "go.etcd.io/bbolt/errors"

	"kaisen/schema"
)

// Removing needs pages too, in one piece. A full file in whose gaps nothing fits grows by them; one that could not would
// keep for ever what is delivered. Here an open reader keeps every page from being used again.
func TestAFullFileCanBeRemovedFrom(t *testing.T) {
	b := openTestOutbox(t, small())
	b.write(t, "1")
	reader, err := b.file.db.Begin(false)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = reader.Rollback() }()
	value := make([]byte, 6000)
	change := func(tx *bbolt.Tx) error { return tx.Bucket([]byte(bucketState)).Put([]byte("some"), value) }
	for err = b.file.update(change); err == nil; {
		err = b.file.update(change)
	}
	if !errors.Is(err, bbolterrors.ErrMaxSizeReached) {
		t.Fatal(err)
	}
	bound := b.file.db.MaxSize
	if err := b.file.grow(change); err != nil {
		t.Errorf("removing from a full file: %v", err)
	}
	if err := b.file.update(change); !errors.Is(err, bbolterrors.ErrMaxSizeReached) || b.file.db.MaxSize != bound {
		t.Errorf("then the file has another bound: %d, error %v", b.file.db.MaxSize, err)
	}
}

// A record that leaves no room for another, even in an empty file, comes in all the same once nothing waits: no delivery
// would ever make more.
func TestARecordThatNeverFitsGetsIn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := run(t, small())
		b.store.fail(errors.New("away"))
		b.write(t, "1")
		large := noise(1, b.cfg.limit()-slack-500)
		waiting := make(chan error, 1)
		go func() { waiting <- b.Write(t.Context(), sweeps(large)) }()
		time.Sleep(time.Hour)
		synctest.Wait()
		if len(waiting) > 0 {
			t.Fatalf("a full spool accepted: %v", <-waiting)
		}
		if store, spool := b.Troubles(); store == nil || !errors.Is(spool, errFull) {
			t.Errorf("neither takes rows, but it is said: %v, %v", store, spool)
		}
		b.store.fail(nil)
		if err := outcome(t, waiting); err != nil {
			t.Error(err)
		}
		b.end(t)
		if store, spool := b.Troubles(); store != nil || spool != nil {
			t.Errorf("both take rows, but it is said: %v, %v", store, spool)
		}
		if !slices.Equal([]string{"1", large}, b.store.all()) {
			t.Errorf("%d rows stored", len(b.store.all()))
		}
	})
}

// Where the first of those who wait gives up, a smaller one behind it is tried at once, and not at the next delivery.
func TestASmallerOneIsTriedWhenTheFirstGivesUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := run(t, small())
		b.store.fail(errors.New("away"))
		b.write(t, noise(1, b.cfg.limit()/8))
		impatient, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		first, second := make(chan error, 1), make(chan error, 1)
		go func() { first <- b.Write(impatient, sweeps(noise(2, b.cfg.limit()/2))) }()
		synctest.Wait()
		go func() { second <- b.Write(t.Context(), sweeps("2")) }()
		time.Sleep(59 * time.Second)
		if len(second) > 0 {
			t.Errorf("overtook: %v", <-second)
		}
		if err := outcome(t, first); !errors.Is(err, errFull) {
			t.Error(err)
		}
		synctest.Wait()
		if len(second) != 1 || <-second != nil {
			t.Error("the second one waits on, although there is room for it")
		}
		b.store.fail(nil)
		b.end(t)
	})
}

// A file that is full opens with what was kept aside in it, which waits again from then on.
func TestAFullFileWithQuarantinedRecordsCanBeOpened(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg := small()
		cfg.DrainTimeout = 0
		b := run(t, cfg)
		b.store.badWord = "some"
		letter := schema.Batch{DeadLetters: []schema.DeadLetter{{Operation: "some", Payload: []byte(noise(1, 200_000))}}}
		if err := b.Write(t.Context(), letter); err != nil {
			t.Fatal(err)
		}
		if err := b.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
		b.store.fail(errors.New("away"))
		for n, err := 0, error(nil); err == nil; n++ {
			impatient, cancel := context.WithTimeout(t.Context(), time.Second)
			err = b.Write(impatient, sweeps(noise(n, 5000)))
			cancel()
		}
		b.stop()
		_ = outcome(t, b.ended)
		if err := b.Close(); err != nil {
			t.Fatal(err)
		}
		again := run(t, b.cfg)
		if err := again.Flush(t.Context()); err != nil || len(again.store.letters) != 1 {
			t.Errorf("%d dead letters, %v", len(again.store.letters), err)
		}
		again.end(t)
	})
}

// A disk may have packed records before it failed, or not. It is done again before anything else, so that what waits is
// counted right: else deliveries would go on for ever after the last one.
func TestPackingThatIsInDoubtIsDoneAgain(t *testing.T) {
	for name, makes := range map[string]bool{"made": true, "not made": false} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := openTestOutbox(t, small())
				var want []string
				for i := range 10 {
					want = append(want, fmt.Sprint(i))
					b.write(t, want[i])
				}
				b.turn <- struct{}{}
				s, err := b.recordRun(0)
				if err != nil {
					t.Fatal(err)
				}
				packing := &swap{recordRun: s, left: s.rows, record: sweepRecordOf(t, b.codec, want...)}
				_, err = b.exchange(func(do func(*bbolt.Tx) error) error {
					if makes {
						return errors.Join(b.file.update(do), syscall.EIO)
					}
					return syscall.EIO
				}, packing)
				<-b.turn
				if !errors.Is(err, syscall.EIO) {
					t.Fatal(err)
				}
				b.write(t, "10")
				if b.waiting.records != 2 || b.waiting.rows != 11 {
					t.Errorf("%+v waits", b.waiting)
				}
				b.goOn(t)
				b.end(t)
				if diff := cmp.Diff(append(want, "10"), b.store.all()); diff != "" {
					t.Error(diff)
				}
			})
		})
	}
}

// Who comes later does not get in before those who wait, whatever gap bbolt happens to find: what is as large as a
// record that found no room finds none either, until something is delivered. A smaller one may.
func TestAFullSpoolIsFullForAllOfThatSize(t *testing.T) {
	var none *eviction
	r := &eviction{}
	if none.refuses(1) || r.refuses(1) {
		t.Error("refuses before anything was")
	}
	r.refuse(500)
	r.refuse(700)
	if r.refuses(499) || !r.refuses(500) || !r.refuses(600) {
		t.Error("another size is refused")
	}
}
