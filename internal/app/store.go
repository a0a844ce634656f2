package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"kaisen/collector"
	"kaisen/internal/config"
	"kaisen/internal/wait"
	"kaisen/schema"
	"kaisen/schema/clickhouse"
)

// store is the database as the outbox sees it: it takes rows as soon as there is one, and says why while there is
// none. Opening it is tried until it works, because a database may come later than kaisen.
type store struct {
	cfg     *config.Config
	use     engineUse
	tables  []schema.Table // that kinds of sources add
	metrics *clickhouse.Metrics
	log     *slog.Logger
	every   time.Duration // how often tend looks by itself
	give    time.Duration // after which a database that cannot be used is given up; 0: never
	missed  chan struct{} // an insert has missed a table

	mu      sync.Mutex
	futures []*future // of each account
	db      *clickhouse.DB
	err     error         // why there is none yet
	opened  chan struct{} // closed once there is one
}

func newStore(cfg *config.Config, use engineUse, reg prometheus.Registerer, log *slog.Logger) *store {
	return &store{cfg: cfg, use: use, metrics: clickhouse.NewMetrics(reg), log: log,
		every: time.Minute, missed: make(chan struct{}, 1), err: errors.New("the database is not open yet"), opened: make(chan struct{})}
}

// run keeps the database open until ctx ends. It fails only for what trying again cannot mend, an engine that does not
// start; and where the database is not waited for without end, for that too.
func (s *store) run(ctx context.Context) error {
	dsn, stop, err := startEngine(ctx, s.cfg, s.use, s.log)
	if err != nil {
		return err
	}
	defer stop()
	db, err := s.connect(ctx, dsn)
	if db == nil {
		return err
	}
	defer db.Close()
	s.tend(ctx, db)
	return nil
}

// connect opens the database, again and again until it works, ctx ends, or it is given up. There is none beside an error, nor once
// ctx has ended.
func (s *store) connect(ctx context.Context, dsn string) (*clickhouse.DB, error) {
	began, retry := time.Now(), wait.Backoff{Min: time.Second, Max: 15 * time.Second}
	for {
		db, err := openDatabase(ctx, s.cfg, dsn, s.metrics, s.log, s.tables...)
		if err == nil {
			s.mu.Lock()
			s.db, s.err = db, nil
			s.mu.Unlock()
			close(s.opened)
			return db, nil
		}
		s.mu.Lock()
		s.err = err
		s.mu.Unlock()
		if ctx.Err() != nil {
			return nil, nil
		}
		if s.give > 0 && (clickhouse.IsRefusal(err) || time.Since(began) >= s.give) {
			return nil, fmt.Errorf("the database cannot be used: %w", err)
		}
		pause := retry.Next()
		s.log.Error("the database is not usable; trying again", "error", err, "in", pause)
		if wait.For(ctx, pause) != nil {
			return nil, nil
		}
	}
}

// openDatabase connects, and brings the tables to this version or makes sure that they are.
func openDatabase(ctx context.Context, cfg *config.Config, dsn string, m *clickhouse.Metrics, log *slog.Logger, tables ...schema.Table) (*clickhouse.DB, error) {
	database := databaseConfig(cfg.Store, dsn, cfg.Store.AutoMigrate, tables...)
	shard, err := shardOf(cfg)
	if err != nil {
		return nil, err
	}
	database.Part = clickhouse.Part(shard)
	db, err := clickhouse.Open(ctx, database, m, log)
	if err != nil {
		return nil, err
	}
	if err := prepare(ctx, db, cfg.Store.AutoMigrate, log); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

func prepare(ctx context.Context, db *clickhouse.DB, migrate bool, log *slog.Logger) error {
	if migrate {
		return db.Migrate(ctx)
	}
	pending, err := db.Pending(ctx)
	if err != nil {
		return err
	}
	if len(pending) > 0 {
		if gone, err := db.Gone(ctx); err == nil && len(gone) > 0 && gone[0] != clickhouse.HistoryTable {
			return fmt.Errorf("somebody has dropped %s: run kaisen migrate, or set store.auto_migrate", strings.Join(gone, ", "))
		}
		return fmt.Errorf("the database lacks %d migrations of this version: run kaisen migrate, or set store.auto_migrate", len(pending))
	}
	rules, err := db.PendingRetention(ctx)
	if err == nil && len(rules) > 0 {
		log.Warn("the tables keep rows for another time than store.retention says: run kaisen migrate")
	}
	return err
}

// current is the database, or why there is none.
func (s *store) current() (*clickhouse.DB, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.db, s.err
}

func (s *store) isOpen() bool {
	db, _ := s.current()
	return db != nil
}

// wait waits until the database is open.
func (s *store) wait(ctx context.Context) error {
	select {
	case <-s.opened:
		return nil
	case <-ctx.Done():
		_, err := s.current()
		return errors.Join(err, ctx.Err())
	}
}

// Insert writes a batch; it is what the outbox calls.
func (s *store) Insert(ctx context.Context, b *schema.Batch) error {
	db, err := s.current()
	if err != nil {
		return err
	}
	s.mu.Lock()
	futures := s.futures
	s.mu.Unlock()
	for _, f := range futures {
		f.mend(ctx, db, s.log)
	}
	err = db.Insert(ctx, b)
	if clickhouse.IsMissing(err) {
		select {
		case s.missed <- struct{}{}:
		default:
		}
	}
	return err
}

// mend has the rows looked after that are dated in the future, of these accounts and no others.
func (s *store) mend(accounts []*account) {
	futures := make([]*future, 0, len(accounts))
	for _, account := range accounts {
		futures = append(futures, account.future)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.futures = futures
}

// state is what the database remembers of a source, as far back as logs are read again.
func (s *store) state(ctx context.Context, source string) (schema.State, error) {
	db, err := s.current()
	if err != nil {
		return schema.State{}, err
	}
	return db.State(ctx, source, collector.LogOverlap+time.Hour)
}

// LogRows are the rows of a contract's log in a time, as far as they are stored.
func (s *store) LogRows(ctx context.Context, source, contract, log string, from, to time.Time) (schema.State, error) {
	db, err := s.current()
	if err != nil {
		return schema.State{}, err
	}
	return db.LogRows(ctx, source, contract, log, from, to)
}

// LogLines are the lines that are in the logs of a source since a time.
func (s *store) LogLines(ctx context.Context, source string, since time.Time) ([]schema.LineKey, error) {
	db, err := s.current()
	if err != nil {
		return nil, err
	}
	return db.LogLines(ctx, source, since)
}

// ready is nil when the database answers.
func (s *store) ready() error {
	db, err := s.current()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	return db.Ping(ctx)
}
