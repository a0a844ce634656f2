package spool

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"log/slog"
	"math/rand/v2"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/sourcegraph/conc/pool"

	"kaisen/internal/wait"
	"kaisen/schema"
)

// The tests that kill run the outbox in a process of its own: this test binary, with its role in the environment.
const (
	childRole   = "KAISEN_TEST_SPOOL_ROLE"
	childDir    = "KAISEN_TEST_SPOOL_DIR"
	childFirst  = "KAISEN_TEST_SPOOL_FIRST" // the number that the writers begin with
	childBroken = "KAISEN_TEST_SPOOL_SEED"  // what the store's failures are drawn from

	writers      = 4
	refusedEvery = 50
)

func TestMain(m *testing.M) {
	if role := os.Getenv(childRole); role != "" {
		if err := childMain(role); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	m.Run()
}

// childMain writes for ever, or with a limit to its files' sizes, or delivers all that is left and ends.
func childMain(role string) error {
	cfg := DefaultConfig()
	cfg.Dir = os.Getenv(childDir)
	seed, _ := strconv.ParseUint(os.Getenv(childBroken), 10, 64)
	random := rand.New(rand.NewPCG(seed, 0))
	cfg.FlushEvery, cfg.FlushRows = 3*time.Millisecond, 20+random.IntN(1000)
	cfg.RetryMin, cfg.RetryMax, cfg.DrainTimeout = time.Millisecond, 5*time.Millisecond, time.Minute
	store, err := openLedger(cfg.Dir, random)
	if err != nil {
		return err
	}
	o := New(cfg, store, NewMetrics(prometheus.NewRegistry()), slog.New(slog.NewTextHandler(os.Stderr, nil)))
	if err := o.Open(); err != nil {
		return err
	}
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	ended := make(chan error, 1)
	go func() { ended <- o.Run(ctx) }()
	switch role {
	case "write":
		writeForEver(ctx, o)
	case "limited":
		if err := writeLimited(ctx, o, store); err != nil {
			return err
		}
	}
	stop()
	return errors.Join(<-ended, o.Close())
}

// observation is the n-th of a writer: rows of two tables, now and then one that the store refuses.
func observation(writer, n int) schema.Batch {
	name := fmt.Sprintf("%d:%d", writer, n)
	b := sweeps(name)
	b.Traffic = []schema.TrafficSample{{LineKey: schema.LineKey{LineNo: name}}}
	if n%refusedEvery == 0 {
		b.Sweeps = append(b.Sweeps, schema.Sweep{Job: "bad " + name})
	}
	return b
}

// writeForEver prints each observation that was accepted.
func writeForEver(ctx context.Context, o *Outbox) {
	first, _ := strconv.Atoi(os.Getenv(childFirst))
	all := pool.New()
	for w := range writers {
		all.Go(func() {
			for n := first; ; n++ {
				said := func() { fmt.Printf("%d:%d\n", w, n) }
				if w%2 == 0 { // the others go on before it is on disk
					err := o.Post(ctx, observation(w, n), said)
					if err != nil || wait.For(ctx, time.Millisecond) != nil { // else there would be no end of them
						return
					}
					continue
				}
				if o.Write(ctx, observation(w, n)) != nil {
					return
				}
				said()
			}
		})
	}
	all.Wait()
}

// writeLimited fills a disk, drains the spool while it is full, and goes on when it has room again.
func writeLimited(ctx context.Context, o *Outbox, store *ledger) error {
	signal.Ignore(syscall.SIGXFSZ)
	setLimit := func(bytes uint64) error {
		return syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: bytes, Max: ^uint64(0)})
	}
	store.away.Store(true)
	if err := setLimit(3 << 20); err != nil {
		return err
	}
	size, _ := strconv.Atoi(os.Getenv(childBroken)) // so that the disk is full at another point each time
	n, filled := 1, error(nil)
	for ; filled == nil; n += 5 { // a refused row would need room for its dead letter
		maxWait, cancel := context.WithTimeout(ctx, 200*time.Millisecond)
		b := observation(0, n)
		b.Traffic[0].LimitCause = noise(n, 500+n*(size+1)%2500)
		if filled = o.Write(maxWait, b); filled == nil {
			fmt.Printf("0:%d\n", n)
		}
		cancel()
	}
	if !errors.Is(filled, syscall.EFBIG) {
		return fmt.Errorf("a full disk: %w after %d", filled, n)
	}
	store.away.Store(false)
	if err := o.Flush(ctx); err != nil {
		return fmt.Errorf("drained from a full disk: %w", err)
	}
	if err := setLimit(^uint64(0)); err != nil {
		return err
	}
	for last := n + 50; n < last; n++ {
		if err := o.Write(ctx, observation(0, n)); err != nil {
			return err
		}
		fmt.Printf("0:%d\n", n)
	}
	return nil
}

// child is such a process.
type child struct {
	t      *testing.T
	cmd    *exec.Cmd
	stderr strings.Builder
	lines  *bufio.Scanner
}

func startChild(t *testing.T, role, dir string, first int, seed uint64) *child {
	t.Helper()
	c := &child{t: t, cmd: exec.Command(os.Args[0])}
	c.cmd.Env = append(os.Environ(), childRole+"="+role, childDir+"="+dir, childFirst+"="+strconv.Itoa(first), childBroken+"="+strconv.FormatUint(seed, 10))
	c.cmd.Stderr = &c.stderr
	out, err := c.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	c.lines = bufio.NewScanner(out)
	return c
}

// acknowledged reads what the child prints, to the end.
func (c *child) acknowledged(each func(name string)) {
	for c.lines.Scan() {
		each(c.lines.Text())
	}
}

// stored is a line of the ledger: an insert into one table.
type stored struct {
	Table, Token string
	Rows         []string
}

// readLedger is what a database with the ledger's inserts would hold, by table: a token counts once.
func readLedger(t *testing.T, dir string) (tables map[string][]string, inserts, repeated int) {
	t.Helper()
	file, err := os.Open(filepath.Join(dir, "ledger"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	tables, seen := map[string][]string{}, map[string]bool{}
	decoder := json.NewDecoder(file)
	for decoder.More() {
		var s stored
		if err := decoder.Decode(&s); err != nil {
			t.Fatal(err)
		}
		inserts++
		if seen[s.Table+s.Token] {
			repeated++
			continue
		}
		seen[s.Table+s.Token] = true
		tables[s.Table] = append(tables[s.Table], s.Rows...)
	}
	return tables, inserts, repeated
}

// token is a digest of rows in their order.
func token(rows []string) string {
	sum := fnv.New64a()
	for _, row := range rows {
		fmt.Fprintf(sum, "%d %s", len(row), row)
	}
	return strconv.FormatUint(sum.Sum64(), 16)
}
