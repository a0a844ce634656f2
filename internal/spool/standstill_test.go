package spool

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"kaisen/schema"
)

// A record that leaves no room for another, even in an empty file, comes in all the same once nothing waits: no delivery
// would ever make more.
func TestARecordThatNeverFitsGetsIn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := run(t, small())
		b.store.fail(errors.New("away"))
		b.write(t, "1")
		large := noise(1, b.cfg.limit()-slack-330)
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
		b.write(t, noise(1, b.cfg.limit()*3/4))
		impatient, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		first, second := make(chan error, 1), make(chan error, 1)
		go func() { first <- b.Write(impatient, sweeps(noise(2, b.cfg.limit()*3/4))) }()
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
