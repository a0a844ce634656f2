package spool

import (
	"context"
	"errors"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"kaisen/schema"
)

func TestRowsLeaveInOrderAndTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := run(t, DefaultConfig())
		b.write(t, "1", "2")
		b.write(t, "3")
		time.Sleep(999 * time.Millisecond)
		synctest.Wait()
		if len(b.store.inserts()) != 0 {
			t.Errorf("after 999 ms: %v", b.store.inserts())
		}
		time.Sleep(time.Millisecond)
		synctest.Wait()
		if diff := cmp.Diff([][]string{{"1", "2", "3"}}, b.store.inserts()); diff != "" {
			t.Error(diff)
		}
		b.end(t)
	})
}

func TestEnoughRowsLeaveAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg := DefaultConfig()
		cfg.FlushRows = 3
		b := run(t, cfg)
		b.write(t, "1", "2")
		b.write(t, "3", "4") // enough
		synctest.Wait()
		b.write(t, "5")
		b.end(t)
		if diff := cmp.Diff([][]string{{"1", "2", "3", "4"}, {"5"}}, b.store.inserts()); diff != "" {
			t.Error(diff)
		}
		if b.store.times[0] != 0 || b.store.times[1] != 0 {
			t.Errorf("delivered after %v", b.store.times)
		}
	})
}

func TestFailingStoreIsTriedAgainWithTheSameRows(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := run(t, DefaultConfig())
		b.store.fail(errors.New("disk full"))
		b.write(t, "1")
		time.Sleep(time.Hour) // it never gives up
		b.write(t, "2")
		synctest.Wait()
		attempts := b.store.tried()
		if tries := len(attempts); tries < 360 || tries > 800 {
			t.Errorf("%d tries in an hour", tries)
		}
		for _, rows := range attempts {
			if diff := cmp.Diff([]string{"1"}, rows); diff != "" {
				t.Fatalf("a repetition differs: %s", diff)
			}
		}
		b.store.fail(nil)
		if err := b.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([][]string{{"1"}, {"2"}}, b.store.inserts()); diff != "" {
			t.Error(diff)
		}
		b.end(t)
		if b.logs.count("level=ERROR") != 1 || b.logs.count("takes rows again") != 1 || b.logs.count("disk full") != 1 {
			t.Errorf("logged:\n%s", b.logs)
		}
	})
}

func TestFlushWaitsForWhatCameBefore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := run(t, DefaultConfig())
		b.store.takes = 100 * time.Millisecond
		b.write(t, "1")
		start := time.Now()
		if err := b.Flush(t.Context()); err != nil || len(b.store.all()) != 1 || time.Since(start) != 100*time.Millisecond {
			t.Errorf("%v after %s: %v", err, time.Since(start), b.store.all())
		}
		if err := b.Flush(t.Context()); err != nil { // nothing waits
			t.Error(err)
		}
		b.store.fail(errors.New("away"))
		b.write(t, "2")
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := b.Flush(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("store away: %v", err)
		}
		b.store.fail(nil)
		b.end(t)
	})
}

func TestEndOfRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := run(t, DefaultConfig())
		b.store.fail(errors.New("away"))
		b.write(t, "1", "2")
		waiting := make(chan error, 1)
		go func() { waiting <- b.Flush(t.Context()) }()
		time.Sleep(time.Minute)
		b.stop()
		start := time.Now()
		err := outcome(t, b.ended)
		if err == nil || !strings.Contains(err.Error(), "2 rows are not in the store yet; they stay in "+b.cfg.path()) || !strings.Contains(err.Error(), "away") {
			t.Errorf("%v", err)
		}
		if took := time.Since(start); took > 20*time.Second || took < 9*time.Second {
			t.Errorf("drained for %s", took)
		}
		if err := outcome(t, waiting); !errors.Is(err, ErrClosed) {
			t.Errorf("Flush: %v", err)
		}
		if err := b.Write(t.Context(), sweeps("3")); !errors.Is(err, ErrClosed) {
			t.Errorf("Write: %v", err)
		}
	})
}

func TestDrainOutlivesAShortOutage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := run(t, DefaultConfig())
		b.store.fail(errors.New("away"))
		b.write(t, "1")
		time.Sleep(2 * time.Second)
		b.stop()
		b.store.fail(nil)
		if err := outcome(t, b.ended); err != nil || len(b.store.all()) != 1 {
			t.Errorf("%v, %v", err, b.store.all())
		}
	})
}

func TestRefusedRowBecomesADeadLetter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := run(t, DefaultConfig())
		b.store.bad = "bad"
		batch := sweeps("1", "2", "3", "bad", "4", "bad", "5")
		batch.Watermarks = []schema.LogWatermark{{Log: "last"}}
		if err := b.Write(t.Context(), batch); err != nil {
			t.Fatal(err)
		}
		b.end(t)
		got := b.store.all()
		if diff := cmp.Diff([]string{"1", "2", "3", "4", "5", "mark last"}, got); diff != "" {
			t.Error(diff)
		}
		if n := len(b.store.letters); n != 2 {
			t.Fatalf("%d dead letters", n)
		}
		letter := b.store.letters[0]
		if letter.Operation != "insert sweeps" || !strings.Contains(letter.Reason, "bad row") || !strings.Contains(string(letter.Payload), `"Job":"bad"`) {
			t.Errorf("%+v", letter)
		}
		if got := testutil.ToFloat64(b.metrics.rejected.WithLabelValues("sweeps")); got != 2 {
			t.Errorf("%g rows counted", got)
		}
		if n := b.logs.count("level=ERROR"); n != 2 {
			t.Errorf("logged:\n%s", b.logs)
		}
	})
}

func TestGauges(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := run(t, DefaultConfig())
		b.store.fail(errors.New("away"))
		accepted := time.Now()
		payload := make([]byte, 1<<20) // that does not pack
		_, _ = rand.NewChaCha8([32]byte{}).Read(payload)
		letter := schema.Batch{DeadLetters: []schema.DeadLetter{{Payload: payload}}}
		if err := b.Write(t.Context(), letter); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute)
		b.write(t, "1")
		if got := testutil.ToFloat64(b.metrics.bytes); got < 1<<20 || got > 1<<20+2000 {
			t.Errorf("%g bytes", got)
		}
		if got := testutil.ToFloat64(b.metrics.oldest); got != float64(accepted.Unix()) {
			t.Errorf("oldest %g, accepted %d", got, accepted.Unix())
		}
		b.store.fail(nil)
		b.end(t)
		if testutil.ToFloat64(b.metrics.bytes) != 0 || testutil.ToFloat64(b.metrics.oldest) != 0 {
			t.Error("the gauges of an empty outbox are not 0")
		}
	})
}

// A batch that is merged with others must not grow into the memory of its writer.
func TestWritersKeepTheirSlices(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := run(t, DefaultConfig())
		backing := sweeps("1", "kept").Sweeps
		if err := b.Write(t.Context(), schema.Batch{Sweeps: backing[:1]}); err != nil {
			t.Fatal(err)
		}
		b.write(t, "2")
		b.end(t)
		if backing[1].Job != "kept" {
			t.Errorf("overwritten by %q", backing[1].Job)
		}
	})
}
