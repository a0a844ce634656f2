package clickhouse_test

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"kaisen/internal/chdb/chdbtest"
	"kaisen/internal/disktest"
	"kaisen/internal/envtest"
	"kaisen/schema/clickhouse"
)

// The power goes again and again while rows arrive and parts are merged: every row that was acknowledged is in what is
// left on the disk, and no part is broken. Without syncing, most of the rows of a minute were lost, and hundreds of
// parts broken.
func TestPowerCutLosesNothing(t *testing.T) {
	disk := disktest.New(t, 512<<20)
	engine := chdbtest.StartWith(t, chdbtest.ChildConfig(filepath.Join(disk.Folder, "data")))
	dsn := engine.Database(t)
	db := open(t, dsn)
	if err := db.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	load := startLoad(t, db)
	defer load.stop()
	cuts, rows := envtest.Number(t, "KAISEN_POWER_CUTS", 3), 0
	for range cuts {
		load.await(t, 1+rand.Uint64N(40))
		acknowledged := load.acknowledged()
		left := halted(t, engine, func() *disktest.Disk { return disk.AfterPowerCut(t) })
		rows += checkLeft(t, left, dsn, acknowledged)
		left.Unmount(t)
	}
	t.Logf("%d power cuts; %d acknowledged rows looked for, each in two tables and a view", cuts, rows)
}

// load is writers that insert until they are stopped.
type load struct {
	taken   [8]atomic.Uint64 // batches of each writer that are acknowledged; they are numbered from 0
	end     chan struct{}
	writers sync.WaitGroup
}

func startLoad(t *testing.T, db *clickhouse.DB) *load {
	l := &load{end: make(chan struct{})}
	for writer := range l.taken {
		l.writers.Go(func() {
			for n := 0; ; n++ {
				batch := logged(writer, n)
				if err := db.Insert(t.Context(), &batch); err != nil {
					t.Errorf("writer %d: %v", writer, err)
					return
				}
				l.taken[writer].Add(1)
				select {
				case <-l.end:
					return
				case <-time.After(20 * time.Millisecond): // the machine is for others too
				}
			}
		})
	}
	return l
}

func (l *load) stop() {
	close(l.end)
	l.writers.Wait()
}

func (l *load) acknowledged() (batches [8]uint64) {
	for writer := range l.taken {
		batches[writer] = l.taken[writer].Load()
	}
	return batches
}

// await waits until the first writer has got so many batches further.
func (l *load) await(t *testing.T, batches uint64) {
	t.Helper()
	until := l.taken[0].Load() + batches
	for deadline := time.Now().Add(5 * time.Minute); l.taken[0].Load() < until; <-time.After(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("the writers do not get on")
		}
	}
}

// halted does something while the engine's process stands still.
func halted[T any](t *testing.T, engine *chdbtest.Engine, do func() T) T {
	t.Helper()
	pid := engine.Supervisor.PID()
	if err := syscall.Kill(pid, syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	defer syscall.Kill(pid, syscall.SIGCONT)
	return do()
}

// checkLeft opens an engine on what a power cut has left, and returns how many rows it looked for.
func checkLeft(t *testing.T, left *disktest.Disk, dsn string, acknowledged [8]uint64) (rows int) {
	t.Helper()
	engine := chdbtest.StartWith(t, chdbtest.ChildConfig(filepath.Join(left.Folder, "data")))
	defer engine.Stop()
	db := open(t, otherEngine(dsn, engine))
	defer db.Close()
	if broken := query(t, db, "SELECT table, name, reason FROM system.detached_parts"); broken != "" {
		t.Errorf("detached parts:\n%.2000s", broken)
	}
	minute := fmt.Sprintf("line_no, intDiv(toUnixTimestamp(observed_at) - %d, 60)", base.Unix())
	for _, table := range []string{"traffic_samples", "authentications"} {
		there := map[string]bool{}
		for row := range strings.Lines(query(t, db, "SELECT DISTINCT "+minute+" FROM "+table)) {
			there[strings.TrimSuffix(row, "\n")] = true
		}
		lost := 0
		for writer, batches := range acknowledged {
			for n := range batches {
				if rows++; !there[fmt.Sprintf("%s\t%d", key(writer).LineNo, n)] {
					lost++
				}
			}
		}
		if lost > 0 {
			t.Errorf("%s: %d of the rows that were acknowledged are lost", table, lost)
		}
	}
	latest := map[string]uint64{}
	for row := range strings.Lines(query(t, db, "SELECT "+minute+" FROM traffic_latest FINAL")) {
		line, n, _ := strings.Cut(strings.TrimSuffix(row, "\n"), "\t")
		latest[line], _ = strconv.ParseUint(n, 10, 64)
	}
	for writer, batches := range acknowledged {
		if batches > 0 && latest[key(writer).LineNo] < batches-1 {
			t.Errorf("traffic_latest: writer %d is at %d, expected %d", writer, latest[key(writer).LineNo], batches-1)
		}
	}
	return rows / 2
}

// otherEngine is the DSN of the same database on another engine.
func otherEngine(dsn string, engine *chdbtest.Engine) string {
	whole := engine.Supervisor.DSN()
	return whole[:strings.LastIndexByte(whole, '/')+1] + dsn[strings.LastIndexByte(dsn, '/')+1:]
}
