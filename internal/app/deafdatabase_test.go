package app

import (
	"context"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"kaisen/internal/spool"
	"kaisen/schema"
)

// A database that accepts connections and never answers does not hold up the end, and what was observed is on disk for
// the next start.
func TestADatabaseThatNeverAnswersHoldsNothingUp(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			t.Cleanup(func() { conn.Close() })
		}
	}()
	r := newFixtureOn(t, "clickhouse://kaisen@"+listener.Addr().String()+"/kaisen", nil)
	a := r.app()
	a.restoreWait = 100 * time.Millisecond
	drain := spoolConfig(r.cfg.Store, "run", a.store.tables)
	drain.DrainTimeout = time.Second
	a.outbox.Outbox = spool.New(drain, spoolStore(a.outbox.insert), spool.NewMetrics(prometheus.NewRegistry()), a.log)
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- a.Run(ctx) }()
	r.eventually("rows wait for the database", a.outbox.Waits)
	began := time.Now()
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if took := time.Since(began); took > 8*time.Second { // with the ten seconds of a real drain that is less than 20
		t.Errorf("the end took %s", took)
	}
	next := &kept{}
	left := spool.New(drain, next, spool.NewMetrics(prometheus.NewRegistry()), a.log)
	if err := left.Open(); err != nil {
		t.Fatal(err)
	}
	again, end := context.WithCancel(t.Context())
	end()
	if err := left.Run(again); err != nil || next.rows() == 0 {
		t.Errorf("the next start finds %d rows, error %v", next.rows(), err)
	}
	if err := left.Close(); err != nil {
		t.Error(err)
	}
}

// kept is a store that keeps what it is given.
type kept struct {
	mu  sync.Mutex
	all schema.Batch
}

func (k *kept) Insert(_ context.Context, b *schema.Batch) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.all.Append(*b)
	return nil
}

func (k *kept) rows() int {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.all.Rows()
}
