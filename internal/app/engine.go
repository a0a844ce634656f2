package app

import (
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"kaisen/internal/chdb"
	"kaisen/internal/config"
	"kaisen/internal/wait"
	"kaisen/schema"
	"kaisen/schema/clickhouse"
)

// engineUse is what a command wants of an embedded engine.
type engineUse struct {
	share     bool // the engine that another kaisen runs on the same folder will do
	temporary bool // the command ends by itself, so a service waits for the folder
	private   bool // it ends in a moment: no ports that others know
	native    bool // answers are read slowly: over HTTP the engine ends one that nobody takes for half a minute
	restores  bool // the database is only being made
	open      bool // whoever reaches it may read without a password: the demo
}

// startEngine starts the embedded engine where the configuration wants one, and returns the DSN of the database, which
// holds its password. stop ends what was started.
func startEngine(ctx context.Context, cfg *config.Config, use engineUse, log *slog.Logger) (dsn string, stop func(), err error) {
	if cfg.Store.Kind != config.StoreEmbedded {
		secret, err := cfg.Store.ReadDSN()
		return secret.Reveal(), func() {}, err
	}
	if !use.restores {
		if err := checkFinished(cfg.Store.Path); err != nil {
			return "", nil, err
		}
	}
	engine, err := engineConfig(cfg, use)
	if err != nil {
		return "", nil, fmt.Errorf("embedded ClickHouse: %w", err)
	}
	if use.share {
		owner, err := chdb.FindOwner(cfg.Store.Path)
		if err != nil {
			return "", nil, fmt.Errorf("embedded ClickHouse: %w", err)
		}
		if owner != nil && !owner.Private {
			awaitAnswer(ctx, cfg.Store.Path, owner)
			dsn, err := use.dsn(cfg.Store.Path, owner)
			return dsn, func() {}, err
		}
	}
	supervisor := chdb.NewSupervisor(engine, log)
	life, end := context.WithCancel(context.WithoutCancel(ctx))
	ended := make(chan error, 1)
	go func() { ended <- supervisor.Run(life) }()
	stop = func() {
		end()
		if err := <-ended; err != nil {
			log.Error("the embedded ClickHouse did not end well", "error", err)
		}
	}
	if err := supervisor.WaitReady(ctx); err != nil {
		end()
		if failure := <-ended; failure != nil {
			err = failure
		}
		return "", nil, fmt.Errorf("embedded ClickHouse: %w", err)
	}
	if dsn, err = use.dsn(cfg.Store.Path, supervisor.Owner()); err != nil {
		stop()
	}
	return dsn, stop, err
}

// startWait is how long a command waits for the engine of a service that is only just starting.
const startWait = 30 * time.Second

// awaitAnswer waits until an engine answers. One that does not is left to the connection, which says why.
func awaitAnswer(ctx context.Context, path string, owner *chdb.Owner) {
	ctx, cancel := context.WithTimeout(ctx, startWait)
	defer cancel()
	_ = wait.Until(ctx, 50*time.Millisecond, func() bool {
		if owner.Ping(ctx, path) == nil {
			return true
		}
		now, err := chdb.FindOwner(path)
		return now == nil || err != nil
	})
}

// dsn is how a command reaches an engine: who asks questions over HTTP, where the engine writes every format, and the
// service over the native protocol.
func (use engineUse) dsn(path string, owner *chdb.Owner) (string, error) {
	password, err := chdb.Password(path, chdb.ServiceUser)
	if err != nil {
		return "", err
	}
	if use.private && !use.native {
		return owner.HTTP(password, chdb.DefaultConfig().Database), nil
	}
	return owner.DSN(password, chdb.DefaultConfig().Database), nil
}

// engineConfig is the engine as the configuration wants it.
func engineConfig(cfg *config.Config, use engineUse) (chdb.SupervisorConfig, error) {
	engine := chdb.DefaultSupervisorConfig()
	engine.Path, engine.Listen, engine.ListenNative = cfg.Store.Path, cfg.Store.Listen, cfg.Store.ListenNative
	engine.TimeZone, engine.Memory = cfg.TimeZone, uint64(cfg.Store.Memory)
	engine.Open, engine.Temporary, engine.Private = use.open, use.temporary, use.private
	engine.HangAfter = time.Duration(cfg.Store.HangAfter)
	if use.private { // nobody else is meant to find an engine that is gone in a moment
		engine.Listen, engine.ListenNative = "127.0.0.1:0", "127.0.0.1:0"
	}
	var err error
	engine.Users, err = EngineUsers(cfg.Store, engine.Database)
	return engine, err
}

// databaseConfig is the configured database at the DSN of the engine that was found or started, with the tables that
// kinds of sources add.
func databaseConfig(cfg config.Store, dsn string, create bool, tables ...schema.Table) clickhouse.Config {
	out := clickhouse.Config{DSN: dsn, Tables: tables, CreateDatabase: create, Cluster: cfg.Cluster, Replicated: cfg.Replicated, Retention: Retention(cfg)}
	if cfg.Kind == config.StoreEmbedded {
		out.Dial = chdb.Dial(cfg.Path)
	}
	return out
}

// Layout is where the configuration wants the tables to lie.
func Layout(cfg config.Store) clickhouse.Layout {
	return clickhouse.Layout{Cluster: cfg.Cluster, Replicated: cfg.Replicated}
}

// Retention is how long the configuration keeps rows.
func Retention(cfg config.Store) clickhouse.Retention {
	kept := clickhouse.Retention{Samples: time.Duration(cfg.Retention.Samples), Events: time.Duration(cfg.Retention.Events), Tables: map[string]time.Duration{}}
	for table, own := range cfg.Retention.Tables() {
		kept.Tables[table] = time.Duration(own)
	}
	return kept
}

// checkData refuses a folder that holds no database, and makes none: a question asked from another working folder would. That a
// restore was broken off there comes first, as it may have left no database yet.
func checkData(path string) error {
	if err := checkFinished(path); err != nil {
		return err
	}
	if has, err := chdb.HasData(path); has || err != nil {
		return err
	}
	whole, err := filepath.Abs(path)
	if err != nil {
		whole = path
	}
	return fmt.Errorf("no database in %s yet: store.path is relative to the working directory; kaisen run, sweep or migrate makes one", whole)
}

// OpenDatabase opens the configured database for a command that ends soon, whether or not a service is running on it.
// Nothing is migrated; create makes the database itself where it is missing. closeAll ends what was started for it.
func OpenDatabase(ctx context.Context, cfg *config.Config, create bool, log *slog.Logger) (db *clickhouse.DB, closeAll func() error, err error) {
	return openDatabaseFor(ctx, cfg, create, engineUse{}, 0, log)
}

// openDatabaseFor is OpenDatabase for another use of the engine, and for answers that take as long as timeout; 0 is as usual.
func openDatabaseFor(ctx context.Context, cfg *config.Config, create bool, use engineUse, timeout time.Duration, log *slog.Logger) (db *clickhouse.DB, closeAll func() error, err error) {
	if cfg.Store.Kind == config.StoreEmbedded && !create {
		if err := checkData(cfg.Store.Path); err != nil {
			return nil, nil, err
		}
	}
	use.share, use.temporary, use.private = true, true, true
	dsn, stop, err := startEngine(ctx, cfg, use, log)
	if err != nil {
		return nil, nil, err
	}
	database := databaseConfig(cfg.Store, dsn, create)
	database.Timeout, database.Streams = timeout, true
	db, err = clickhouse.Open(ctx, database, clickhouse.NewMetrics(prometheus.NewRegistry()), log)
	if err != nil {
		stop()
		return nil, nil, err
	}
	return db, func() error {
		err := db.Close()
		stop()
		return err
	}, nil
}

// RunEngine is the embedded engine alone, until ctx ends; ready is called once it answers.
func RunEngine(ctx context.Context, cfg *config.Config, ready func(), log *slog.Logger) error {
	engine, err := engineConfig(cfg, engineUse{})
	if err != nil {
		return err
	}
	life, end := context.WithCancel(ctx)
	defer end()
	supervisor := chdb.NewSupervisor(engine, log)
	ended := make(chan error, 1)
	go func() { ended <- supervisor.Run(life) }()
	var unusable error
	if supervisor.WaitReady(ctx) == nil {
		if unusable = makeDatabase(ctx, cfg.Store, supervisor.DSN(), log); unusable == nil {
			ready()
		} else {
			end()
		}
	}
	if err := <-ended; err != nil || ctx.Err() != nil {
		return err
	}
	return unusable
}

// makeDatabase makes the database that questions go to, without tables.
func makeDatabase(ctx context.Context, cfg config.Store, dsn string, log *slog.Logger) error {
	db, err := clickhouse.Open(ctx, databaseConfig(cfg, dsn, true), clickhouse.NewMetrics(prometheus.NewRegistry()), log)
	if err != nil {
		return err
	}
	return db.Close()
}
