package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"kaisen/internal/chdb/chdbtest"
	"kaisen/internal/config"
	"kaisen/internal/spool"
	"kaisen/schema"
	"kaisen/schema/clickhouse"
)

// shardedStore is three engines with kaisen's tables, and an outbox that writes to them.
type shardedStore struct {
	t       testing.TB
	cluster *chdbtest.Cluster
	out     *outbox
	folder  string
	end     func()
}

func newShardedStore(t testing.TB, flush time.Duration) *shardedStore {
	t.Helper()
	s := &shardedStore{t: t, cluster: chdbtest.StartCluster(t, 3), folder: t.TempDir()}
	store := config.Store{Kind: config.StoreClickHouse, Cluster: chdbtest.ClusterName, AutoMigrate: true}
	db, err := openDatabase(t.Context(), &config.Config{Store: store}, s.cluster.HTTP(0, "kaisen"), clickhouse.NewMetrics(prometheus.NewRegistry()), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	cfg := spool.DefaultConfig()
	cfg.Dir, cfg.FlushEvery, cfg.RetryMax = s.folder, flush, time.Second
	s.out = newOutbox(cfg, db, spool.NewMetrics(prometheus.NewRegistry()), slog.New(slog.DiscardHandler))
	if err := s.out.Open(); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	ended := make(chan error, 1)
	go func() { ended <- s.out.Run(ctx) }()
	s.end = sync.OnceFunc(func() {
		stop()
		if err := errors.Join(<-ended, s.out.Close()); err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(s.end)
	return s
}

// write accepts the n-th batch: a row of each of 30 lines in several tables, also one that keeps what is sent twice.
func (s *shardedStore) write(n int) {
	s.t.Helper()
	at := time.Date(2026, 1, 10, 0, 0, n, 0, time.UTC)
	var b schema.Batch
	for line := range 30 {
		key := schema.LineKey{Source: "hq", ContractID: "N" + strconv.Itoa(line%4), LineNo: "0901234" + strconv.Itoa(1000+line)}
		b.Traffic = append(b.Traffic, schema.TrafficSample{LineKey: key, Scope: schema.ScopeLine, ObservedAt: at, ReceivedAt: at, Restriction: schema.RestrictionNone})
		b.Authentications = append(b.Authentications, schema.Authentication{LineKey: key, EventTime: at, SessionType: schema.SessionDomestic, Result: schema.AuthOK, ObservedAt: at})
		b.DeadLetters = append(b.DeadLetters, schema.DeadLetter{LineKey: key, Operation: "traffic", Reason: strconv.Itoa(n), ObservedAt: at})
	}
	for contract := range 4 {
		b.Watermarks = append(b.Watermarks, schema.LogWatermark{Source: "hq", ContractID: "N" + strconv.Itoa(contract), Log: "authentications", Watermark: at, ObservedAt: at})
	}
	if err := s.out.Write(s.t.Context(), b); err != nil {
		s.t.Fatal(err)
	}
}

// onShard counts the samples that a shard has by itself.
func (s *shardedStore) onShard(i int) (n int) {
	s.t.Helper()
	rows, err := ask(s.cluster.HTTP(i, "kaisen"), "SELECT count() FROM traffic_samples_local")
	if err != nil {
		s.t.Fatal(err)
	}
	if n, err = strconv.Atoi(rows[0]); err != nil {
		s.t.Fatal(err)
	}
	return n
}

// check waits until all is stored, and compares it with what was accepted: nothing is missing, nothing there twice, not
// even before a merge.
func (s *shardedStore) check(batches int) {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), time.Minute)
	defer cancel()
	if err := s.out.Flush(ctx); err != nil {
		s.t.Fatal(err)
	}
	want := fmt.Sprintf("%d\t%d", 30*batches, 30*batches)
	for table, key := range map[string]string{"traffic_samples": "line_no, observed_at", "authentications": "line_no, event_time", "dead_letters": "line_no, observed_at"} {
		if got, err := ask(s.cluster.HTTP(0, "kaisen"), "SELECT count(), uniqExact("+key+") FROM "+table); err != nil || got[0] != want {
			s.t.Errorf("%s has %v rows, want %s; %v", table, got, want, err)
		}
	}
	newest := time.Date(2026, 1, 10, 0, 0, batches-1, 0, time.UTC).Unix()
	for table, want := range map[string]string{"traffic_latest": "30", "log_watermarks": "4"} {
		if got, err := ask(s.cluster.HTTP(0, "kaisen"), fmt.Sprintf("SELECT countIf(toUnixTimestamp(observed_at) = %d) FROM %s FINAL", newest, table)); err != nil || got[0] != want {
			s.t.Errorf("%s: %v newest rows, want %s; %v", table, got, want, err)
		}
	}
}

// A shard is killed again and again, each time another, while rows come in: in the end each is there, once.
func TestKillsOfOneShardLoseNothing(t *testing.T) {
	t.Parallel()
	const rounds = 6                              // each shard twice
	s := newShardedStore(t, 200*time.Millisecond) // the engines take rows all the time, and are to start again beside that
	stop, ended := make(chan struct{}), make(chan int)
	go func() {
		n := 0
		for ; ; n++ {
			select {
			case <-stop:
				ended <- n
				return
			case <-time.After(20 * time.Millisecond): // a thousand rows a second, beside which the engines have to start
				s.write(n)
			}
		}
	}()
	for round := range rounds {
		victim := round % 3
		before := s.onShard((victim + 1) % 3)
		s.cluster.Kill(victim)
		s.eventually("the next shard takes rows", func() bool { return s.onShard((victim+1)%3) > before+20 })
		s.cluster.Restart(t, victim)
	}
	close(stop)
	batches := <-ended
	t.Logf("%d batches in %d rounds", batches, rounds)
	s.check(batches)
}

// While one shard is away its rows are in a file, the others receive theirs, and no watermark moves.
func TestAShardIsAwayForAWhile(t *testing.T) {
	t.Parallel()
	s := newShardedStore(t, 50*time.Millisecond)
	s.write(0)
	s.check(1)
	s.cluster.Kill(2)
	one, two, three := s.onShard(0), s.onShard(1), 30-s.onShard(0)-s.onShard(1)
	if one == 0 || two == 0 || three == 0 {
		t.Fatalf("the lines are on %d, %d and %d", one, two, three)
	}
	const batches = 40
	for n := 1; n < batches; n++ {
		s.write(n)
		s.eventually("the others have their rows", func() bool { return s.onShard(0) == one*(n+1) && s.onShard(1) == two*(n+1) })
	}
	if files, err := filepath.Glob(filepath.Join(s.folder, "run-shard-3.*.log")); err != nil || len(files) == 0 || !s.out.rowsAside() {
		t.Errorf("rows aside: %t, %v", s.out.rowsAside(), err)
	}
	for i := range 2 {
		late, err := ask(s.cluster.HTTP(i, "kaisen"), "SELECT count() FROM log_watermarks_local WHERE toUnixTimestamp(observed_at) > 1768003200")
		if err != nil || late[0] != "0" {
			t.Errorf("shard %d has %v watermarks ahead of rows; %v", i+1, late, err)
		}
	}
	if got, err := ask(s.cluster.HTTP(0, "kaisen"), "SELECT count() FROM traffic_samples"); err == nil {
		t.Errorf("a question to all three has the answer %v", got) // better none than one without a third of the lines
	}
	s.cluster.Restart(t, 2)
	s.check(batches)
}

// A row that its shard refuses becomes a dead letter; all others, on whichever shard, are there once.
func TestARefusedRowDisturbsNoOtherShard(t *testing.T) {
	t.Parallel()
	s := newShardedStore(t, 50*time.Millisecond)
	at := time.Date(2026, 1, 10, 0, 0, 0, 0, time.UTC)
	var b schema.Batch
	for line := range 30 {
		key := schema.LineKey{Source: "hq", ContractID: "N1", LineNo: "0901234" + strconv.Itoa(1000+line)}
		for minute := range 5 {
			b.Authentications = append(b.Authentications, schema.Authentication{LineKey: key, EventTime: at.Add(time.Duration(minute) * time.Minute),
				SessionType: schema.SessionDomestic, Result: schema.AuthOK, ObservedAt: at})
			b.DeadLetters = append(b.DeadLetters, schema.DeadLetter{LineKey: key, Operation: "traffic", Reason: strconv.Itoa(minute), ObservedAt: at})
		}
	}
	b.Authentications[77].EventTime = time.Date(1960, 1, 1, 0, 0, 0, 0, time.UTC) // which a DateTime cannot hold
	b.Watermarks = []schema.LogWatermark{{Source: "hq", ContractID: "N1", Log: "authentications", Watermark: at, ObservedAt: at}}
	if err := s.out.Write(t.Context(), b); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if err := s.out.Flush(ctx); err != nil {
		t.Fatal(err)
	}
	s.eventually("the refused row is a dead letter", func() bool {
		got, err := ask(s.cluster.HTTP(0, "kaisen"), "SELECT count() FROM dead_letters")
		return err == nil && got[0] == "151"
	})
	for sql, want := range map[string]string{
		"SELECT count(), uniqExact(line_no, event_time) FROM authentications":                                                                                           "149\t149",
		"SELECT countIf(operation = 'traffic'), uniqExactIf((line_no, reason), operation = 'traffic'), countIf(operation = 'insert authentications') FROM dead_letters": "150\t150\t1",
		"SELECT count() FROM log_watermarks": "1",
	} {
		if got, err := ask(s.cluster.HTTP(0, "kaisen"), sql); err != nil || got[0] != want {
			t.Errorf("%s: %v, want %s; %v", sql, got, want, err)
		}
	}
}

// eventually waits for something that other processes do, up to a minute.
func (s *shardedStore) eventually(what string, happened func() bool) {
	s.t.Helper()
	for deadline := time.Now().Add(time.Minute); !happened(); {
		if time.Now().After(deadline) {
			s.t.Fatalf("not within a minute: %s", what)
		}
		<-time.After(20 * time.Millisecond)
	}
}
