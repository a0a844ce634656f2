package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"kaisen/internal/config"
	"kaisen/schema/chdb"
	"kaisen/schema/clickhouse"
)

// startEngine starts the embedded engine where the configuration wants one, and tells the DSN of the database. Where
// another kaisen has the data folder, share lets this one use that kaisen's engine. stop ends what was started.
func startEngine(ctx context.Context, cfg config.Store, share bool, log *slog.Logger) (dsn string, stop func(), err error) {
	if cfg.Kind != config.StoreEmbedded {
		secret, err := cfg.ReadDSN()
		return secret.Reveal(), func() {}, err
	}
	if share && errors.Is(chdb.InUse(cfg.Path), chdb.ErrInUse) {
		return "http://" + cfg.Listen + "/" + chdb.DefaultConfig().Database, func() {}, nil
	}
	engine := chdb.DefaultSupervisorConfig()
	engine.Path, engine.Listen = cfg.Path, cfg.Listen
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
	return supervisor.DSN(), stop, nil
}

// databaseConfig is the configured database at the DSN of the engine that was found or started.
func databaseConfig(cfg config.Store, dsn string, create bool) clickhouse.Config {
	return clickhouse.Config{DSN: dsn, CreateDatabase: create, Cluster: cfg.Cluster, Retention: Retention(cfg)}
}

// Retention is how long the configuration keeps rows.
func Retention(cfg config.Store) clickhouse.Retention {
	return clickhouse.Retention{Samples: time.Duration(cfg.Retention.Samples), Events: time.Duration(cfg.Retention.Events)}
}

// OpenDatabase opens the configured database for a command that ends soon, whether or not a service is running on it.
// Nothing is migrated; create makes the database itself where it is missing. closeAll ends what was started for it.
func OpenDatabase(ctx context.Context, cfg config.Store, create bool, log *slog.Logger) (db *clickhouse.DB, closeAll func() error, err error) {
	if cfg.Kind == config.StoreEmbedded && !errors.Is(chdb.InUse(cfg.Path), chdb.ErrInUse) {
		cfg.Listen = "127.0.0.1:0" // nobody else is meant to find an engine that is gone in a moment
	}
	dsn, stop, err := startEngine(ctx, cfg, true, log)
	if err != nil {
		return nil, nil, err
	}
	db, err = clickhouse.Open(ctx, databaseConfig(cfg, dsn, create), clickhouse.NewMetrics(prometheus.NewRegistry()), log)
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
