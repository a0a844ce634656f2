package spool

import (
	"errors"
	"fmt"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"kaisen/schema"
)

// The store is away for an hour of virtual time while rows come every second; then it takes all of them, in order.
func TestTheStoreIsAwayForAnHour(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg := DefaultConfig()
		cfg.FlushRows = 500
		b := openTestOutbox(t, cfg)
		b.store.takes = 100 * time.Millisecond
		b.store.fail(errors.New("connection refused"))
		b.goOn(t)
		began := time.Now()
		var want []string
		for i := range 3600 {
			want = append(want, fmt.Sprint(i))
			b.write(t, want[i])
			time.Sleep(time.Second)
		}
		if oldest := testutil.ToFloat64(b.metrics.oldest); oldest != float64(began.Unix()) {
			t.Errorf("oldest %g, began %d", oldest, began.Unix())
		}
		b.store.fail(nil)
		for i := range 300 { // they come on while it catches up
			want = append(want, fmt.Sprint("later ", i))
			b.write(t, want[len(want)-1])
			time.Sleep(20 * time.Millisecond)
		}
		if err := b.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
		b.end(t)
		if diff := cmp.Diff(want, b.store.all()); diff != "" {
			t.Error(diff)
		}
		if n := len(b.store.inserts()); n > 20 {
			t.Errorf("%d inserts for what fits in eight, and six seconds", n)
		}
		if b.logs.count("level=ERROR") != 1 || b.logs.count("the store takes rows again") != 1 {
			t.Errorf("logged:\n%s", b.logs)
		}
	})
}

// However much waits, memory holds no more of it than the delivery under way.
func TestAnOutageDoesNotFillTheMemory(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg := DefaultConfig()
		cfg.FlushRows = 5000
		b := run(t, cfg)
		b.store.fail(errors.New("away"))
		const polls, lines = 60, 1000 // some 40 MB in memory
		write := func(polls int) {
			for poll := range polls {
				var all schema.Batch
				for line := range lines {
					all.Append(answer(line, poll))
				}
				if err := b.Write(t.Context(), all); err != nil {
					t.Fatal(err)
				}
				time.Sleep(time.Second)
			}
		}
		write(10)
		before := heap()
		write(polls)
		if grown := heap() - before; grown > 5<<20 {
			t.Errorf("%d bytes of memory for %d rows on disk", grown, b.waiting.rows)
		}
		if b.waiting.rows < 3*polls*lines {
			t.Fatalf("%d rows wait; that proves nothing", b.waiting.rows)
		}
		b.store.fail(nil)
		b.end(t)
		if got := len(b.store.traffic); got != (polls+10)*lines {
			t.Errorf("%d samples stored of %d", got, (polls+10)*lines)
		}
	})
}

// heap is the memory in use after a collection.
func heap() int {
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return int(stats.HeapAlloc)
}
