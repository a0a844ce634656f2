package spool

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"kaisen/schema"
)

// small is a spool that is full after some thousand rows.
func small() Config {
	cfg := DefaultConfig()
	cfg.MaxBytes = 1 << 20
	return cfg
}

// poll is an answer of a line: a sample that differs by its month's bytes, and the session.
func poll(line, round int) schema.Batch {
	b := answer(line, round)
	b.Traffic[0].MonthBytes = schema.Some(uint64(round))
	b.Daily, b.Monthly = nil, nil
	b.Sessions = []schema.SessionSample{{LineKey: b.Traffic[0].LineKey, ObservedAt: b.Traffic[0].ObservedAt}}
	return b
}

// noise is text that does not pack.
func noise(seed, length int) string {
	var text bytes.Buffer
	for state := uint32(seed*7919 + 1); text.Len() < length; state = state*1664525 + 1013904223 {
		fmt.Fprintf(&text, "%08x", state*2654435761)
	}
	return text.String()
}

// Packing is tried before anything is given up: some ten times as much fits.
func TestAFullSpoolIsPackedFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := run(t, small())
		b.store.fail(errors.New("away"))
		const lines, rounds = 10, 500 // some 3 MB as they come
		for round := range rounds {
			for line := range lines {
				if err := b.Write(t.Context(), poll(line, round)); err != nil {
					t.Fatal(err)
				}
			}
		}
		if b.logs.count("what waits in it is packed") != 1 || b.logs.count("level=WARN") != 0 || testutil.ToFloat64(b.metrics.full) != 0 {
			t.Errorf("full: %g, logged:\n%s", testutil.ToFloat64(b.metrics.full), b.logs)
		}
		if n := testutil.CollectAndCount(b.metrics.downsampled); n != 2 {
			t.Errorf("%d series of downsampled rows", n)
		}
		if downsampled := testutil.ToFloat64(b.metrics.downsampled.WithLabelValues(trafficSamples)); downsampled != 0 {
			t.Errorf("%g samples given up where packing would do", downsampled)
		}
		b.store.fail(nil)
		b.end(t)
		if got := len(b.store.traffic); got != lines*rounds {
			t.Errorf("%d samples of %d", got, lines*rounds)
		}
		if b.logs.count("the spool has room again") != 1 {
			t.Errorf("logged:\n%s", b.logs)
		}
		if _, bytes := onDisk(t, b.cfg); bytes > b.cfg.MaxBytes {
			t.Errorf("the files have %d bytes", bytes)
		}
	})
}

// What is given up in a full spool are samples, the oldest more than the latest, and never a line's newest. All other
// rows are there in the end.
func TestAFullSpoolDropsSamplesAndNothingElse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := run(t, small())
		b.store.fail(errors.New("away"))
		const lines, rounds = 20, 600
		var others []string
		for round := range rounds {
			for line := 0; line < lines; line += 4 {
				var batch schema.Batch
				for i := range 4 {
					batch.Append(poll(line+i, round))
					batch.Traffic[i].LimitCause = noise(round*lines+line+i, 350)
				}
				if line == 0 {
					batch.Authentications = []schema.Authentication{{Ordinal: uint16(round)}}
					batch.Watermarks = []schema.LogWatermark{{Log: fmt.Sprint(round)}}
					others = append(others, fmt.Sprint("auth ", round), fmt.Sprint("mark ", round))
				}
				if err := b.Write(t.Context(), batch); err != nil {
					t.Fatal(err)
				}
			}
		}
		dropped := testutil.ToFloat64(b.metrics.downsampled.WithLabelValues(trafficSamples))
		if testutil.ToFloat64(b.metrics.full) != 1 || b.logs.count("every second sample of a line that waits is given up") == 0 {
			t.Errorf("full: %g, logged:\n%s", testutil.ToFloat64(b.metrics.full), b.logs)
		}
		b.store.fail(nil)
		b.end(t)
		if testutil.ToFloat64(b.metrics.full) != 0 {
			t.Error("an empty spool is full")
		}
		stored := map[string][]int{}
		for _, row := range b.store.traffic {
			stored[row.LineNo] = append(stored[row.LineNo], int(row.MonthBytes.V))
		}
		if got := len(b.store.traffic); float64(got)+dropped != lines*rounds || dropped == 0 {
			t.Errorf("%d samples stored, %g counted as given up, of %d", got, dropped, lines*rounds)
		}
		old, late := 0, 0
		for line, samples := range stored {
			if !slices.IsSorted(samples) || samples[len(samples)-1] != rounds-1 {
				t.Errorf("line %s: order lost, or the newest: %v", line, samples)
			}
			middle, _ := slices.BinarySearch(samples, rounds/2)
			old, late = old+middle, late+len(samples)-middle
		}
		if len(stored) != lines || old == 0 || old*2 > late {
			t.Errorf("%d lines; %d samples of the older half are left and %d of the later; logged:\n%s", len(stored), old, late, b.logs)
		}
		var kept []string
		for _, name := range b.store.all() {
			if name[:4] == "auth" || name[:4] == "mark" {
				kept = append(kept, name)
			}
		}
		slices.Sort(kept)
		slices.Sort(others)
		if diff := cmp.Diff(others, kept); diff != "" {
			t.Errorf("other rows: %s", diff)
		}
	})
}

// Where there is nothing left to give up, writers wait, and what they hold is not acknowledged.
func TestASpoolFullOfLogsMakesWritersWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := run(t, small())
		b.store.fail(errors.New("away"))
		accepted := 0
		for {
			maxWait, cancel := context.WithTimeout(t.Context(), time.Minute)
			err := b.Write(maxWait, sweeps(noise(accepted, 5000)))
			cancel()
			if errors.Is(err, context.DeadlineExceeded) && errors.Is(err, errFull) {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			accepted++
		}
		if accepted < 50 || b.logs.count("sweeps wait for the store") != 1 || testutil.ToFloat64(b.metrics.full) != 1 {
			t.Errorf("%d batches accepted, logged:\n%s", accepted, b.logs)
		}
		waiting := make(chan error, 10)
		for i := range 10 {
			go func() { waiting <- b.Write(t.Context(), sweeps(noise(accepted+i, 5000))) }()
			synctest.Wait()
		}
		time.Sleep(time.Hour)
		synctest.Wait()
		if len(waiting) > 0 {
			t.Fatalf("a full spool accepted: %v", <-waiting)
		}
		b.store.fail(nil)
		for range 10 {
			if err := outcome(t, waiting); err != nil {
				t.Error(err)
			}
		}
		b.end(t)
		var want []string
		for i := range accepted + 10 {
			want = append(want, noise(i, 5000))
		}
		if !slices.Equal(want, b.store.all()) {
			t.Errorf("%d batches stored, of %d, or in another order", len(b.store.all()), len(want))
		}
		if testutil.ToFloat64(b.metrics.full) != 0 {
			t.Error("still full")
		}
	})
}

func TestABatchLargerThanTheSpoolIsRefused(t *testing.T) {
	b := openTestOutbox(t, small())
	if err := b.Write(t.Context(), sweeps(noise(1, 1<<20))); !errors.Is(err, ErrTooLarge) {
		t.Errorf("%v", err)
	}
	b.write(t, "1")
}

// A spool that is full at the start of a process is handled alike, and the delivery that was under way stays as it was.
func TestAFullSpoolAfterARestart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg := small()
		cfg.FlushRows, cfg.DrainTimeout = 100, 0
		first := run(t, cfg)
		first.store.fail(errors.New("away"))
		fill := func(b *testOutbox, from, to int) {
			for round := from; round < to; round++ {
				var batch schema.Batch
				for line := range 10 {
					batch.Append(poll(line, round))
					batch.Traffic[line].LimitCause = noise(round*10+line, 400)
				}
				if err := b.Write(t.Context(), batch); err != nil {
					t.Fatal(err)
				}
				time.Sleep(time.Second)
			}
		}
		fill(first, 0, 100)
		first.stop()
		_ = outcome(t, first.ended)
		_ = first.Close()
		cfg = first.cfg
		cfg.DrainTimeout = time.Minute
		second := run(t, cfg)
		second.store.fail(errors.New("away"))
		fill(second, 100, 800)
		dropped := testutil.ToFloat64(second.metrics.downsampled.WithLabelValues(trafficSamples))
		second.store.fail(nil)
		second.end(t)
		if diff := cmp.Diff(first.store.tried()[0], second.store.inserts()[0]); diff != "" {
			t.Errorf("the delivery under way is another: %s", diff)
		}
		if got := len(second.store.traffic); float64(got)+dropped != 8000 || dropped == 0 {
			t.Errorf("%d samples stored and %g given up, of 8000", got, dropped)
		}
	})
}
