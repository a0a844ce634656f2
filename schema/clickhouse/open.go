// Package clickhouse keeps kaisen's rows in ClickHouse and reads them back: it connects (to a server, or to the
// embedded engine, which looks like one), migrates the database, inserts batches exactly once, restores the state of
// a collector, and passes queries through.
//
// It is the only home of clickhouse-go's connections. It decides nothing about rows: not when to write them, not
// what to do with those that cannot be written; and it has no queue: an insert succeeds or fails.
package clickhouse

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"kaisen/schema"
)

// ErrTooOld means that the server is older than kaisen can work with.
var ErrTooOld = errors.New("this ClickHouse is too old")

// Config is which database to open, and how.
type Config struct {
	DSN            string                                                      // clickhouse://user:password@host:9000/kaisen?secure=true, or http:// or https://
	CreateDatabase bool                                                        // make the database if it is not there; takes the right to do so
	Cluster        string                                                      // its name, or a macro such as {cluster}; "" for one server
	Replicated     bool                                                        // with Cluster: tables are replicated, which takes a Keeper; false: shards alone
	Retention      Retention                                                   // what Migrate sees to
	MaxConns       int                                                         // connections at once; 0 is 8
	Dial           func(ctx context.Context, address string) (net.Conn, error) // nil: as usual
	Timeout        time.Duration                                               // longest wait for one answer, unless the DSN sets read_timeout; 0 is a minute
	Streams        bool                                                        // answers are read as they come, and last: over the native protocol the timeout is one of each part of them
	Tables         []schema.Table                                              // that are declared elsewhere, beside those of a batch
	Part           Part                                                        // whose lines are read; the zero Part: all
}

// DefaultConfig has no DSN yet.
func DefaultConfig() Config { return Config{MaxConns: 8, Timeout: time.Minute} }

// DB is one database on one ClickHouse. It is safe for concurrent use.
type DB struct {
	conn      driver.Conn
	options   *clickhouse.Options
	create    bool // the database itself, where it is missing
	http      bool
	layout    Layout
	retention Retention
	metrics   *Metrics
	log       *slog.Logger
	tables    map[string]*table // by name
	more      []schema.Table    // of them, those that are not a batch's own
	suffix    string            // of the tables that are written to: "_local" on a shard alone
	shards    []shard           // of a cluster of shards alone; else none
	shardKeys map[string][]string
	types     columnTypes
	doubts    doubts
	part      Part
}

// Open connects and looks at the server's version. Of a cluster of shards alone it needs the server that the DSN names
// only, which knows the others: one that is away shows itself to those who need it. Errors never show the password in
// the DSN; one that wraps ErrTooOld will not go away by itself.
func Open(ctx context.Context, cfg Config, m *Metrics, log *slog.Logger) (*DB, error) {
	options, err := options(cfg)
	if err != nil {
		return nil, err
	}
	layout := Layout{cfg.Cluster, cfg.Replicated}
	db, err := connect(ctx, options, m, log)
	if hasCode(err, codeUnknownDatabase) {
		if !cfg.CreateDatabase {
			return nil, fmt.Errorf("database %s is not on %s: \"kaisen migrate\" makes it", options.Auth.Database, options.Addr[0])
		}
		if err := createDatabase(ctx, options, layout, m, log); err != nil {
			return nil, err
		}
		db, err = connect(ctx, options, m, log)
	}
	if err != nil {
		return nil, fmt.Errorf("ClickHouse at %s: %w", strings.Join(options.Addr, ", "), err)
	}
	db.layout, db.retention, db.create = layout, cfg.Retention, cfg.CreateDatabase
	db.part = cfg.Part
	db.tables, db.more = newTables(cfg.Tables), cfg.Tables
	if layout.alone() {
		if err := db.discoverShards(ctx, options, cfg.CreateDatabase); err != nil {
			return nil, errors.Join(err, db.Close())
		}
	}
	return db, nil
}

// ErrDSN begins the errors of an address that can be none.
var ErrDSN = errors.New("store.dsn")

// options reads the DSN. Inserts are synchronous on every connection: an answer that comes before the rows are safe
// is no answer (26.3 made the other the default).
func options(cfg Config) (*clickhouse.Options, error) {
	dsn := cfg.DSN
	switch scheme, _, _ := strings.Cut(dsn, "://"); scheme {
	case "clickhouse", "http":
	case "https":
		dsn = encrypted(dsn)
	default:
		return nil, fmt.Errorf("%w: it has to begin with clickhouse://, http:// or https://", ErrDSN)
	}
	options, err := clickhouse.ParseDSN(dsn)
	if err != nil {
		var parse *url.Error // its text would show the DSN, and so the password
		if errors.As(err, &parse) {
			err = parse.Err
		}
		return nil, fmt.Errorf("%w: %w", ErrDSN, err)
	}
	if options.Settings == nil {
		options.Settings = clickhouse.Settings{}
	}
	options.Settings["async_insert"] = 0
	options.DialContext, options.DialStrategy = cfg.Dial, interruptible
	if cfg.Cluster != "" {
		options.Settings["distributed_foreground_insert"] = 1 // the same: rows are safe on their shard first
		if _, set := options.Settings["distributed_product_mode"]; !set {
			options.Settings["distributed_product_mode"] = "global" // IN and JOIN with another table mean all of it, and not a shard's part
		}
	}
	defaults := DefaultConfig()
	if options.MaxOpenConns == 0 {
		options.MaxOpenConns = cmp.Or(cfg.MaxConns, defaults.MaxConns)
		options.MaxIdleConns = options.MaxOpenConns
	}
	if options.ReadTimeout == 0 {
		options.ReadTimeout = cmp.Or(cfg.Timeout, defaults.Timeout)
	}
	if cfg.Streams {
		streaming(options)
	}
	options.ClientInfo.Products = append(options.ClientInfo.Products, struct{ Name, Version string }{"kaisen", "1"})
	return options, nil
}

// encrypted adds the parameter that clickhouse-go wants beside the scheme https.
func encrypted(dsn string) string {
	_, query, found := strings.Cut(dsn, "?")
	switch {
	case !found:
		return dsn + "?secure=true"
	case !strings.Contains("&"+query, "&secure="):
		return dsn + "&secure=true"
	}
	return dsn
}

func connect(ctx context.Context, options *clickhouse.Options, m *Metrics, log *slog.Logger) (*DB, error) {
	conn, err := clickhouse.Open(options)
	if err != nil {
		return nil, err
	}
	db := &DB{conn: conn, options: options, http: options.Protocol == clickhouse.HTTP, metrics: m, log: log}
	if err := db.checkVersion(ctx); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return db, nil
}

// createDatabase makes the database through a connection to the one that every server has.
func createDatabase(ctx context.Context, options *clickhouse.Options, layout Layout, m *Metrics, log *slog.Logger) error {
	other := *options
	name := other.Auth.Database
	other.Auth.Database = "default"
	db, err := connect(ctx, &other, m, log)
	if err != nil {
		return fmt.Errorf("ClickHouse at %s: %w", strings.Join(options.Addr, ", "), err)
	}
	db.layout = layout
	if layout.on() != "" {
		if err := db.checkReplicas(ctx); err != nil {
			return errors.Join(err, db.Close())
		}
	}
	if err := db.makeNamed(ctx, name); err != nil {
		return errors.Join(fmt.Errorf("create database %s: %w", name, err), db.Close())
	}
	return db.Close()
}

// makeNamed makes a database, on all servers of a cluster with replicas.
func (db *DB) makeNamed(ctx context.Context, name string) error {
	return db.run(ctx, "CREATE DATABASE IF NOT EXISTS {name:Identifier}"+db.layout.on(), clickhouse.Named("name", name))
}

// checkVersion refuses servers that kaisen's SQL is not meant for.
func (db *DB) checkVersion(ctx context.Context) error {
	var version string
	if err := db.conn.QueryRow(ctx, "SELECT version()").Scan(&version); err != nil {
		return brief(err)
	}
	return supported(version)
}

// supported reports whether a version is 24.8 or later.
func supported(version string) error {
	var year, month int
	if _, err := fmt.Sscanf(version, "%d.%d", &year, &month); err != nil {
		return fmt.Errorf("version %q: %w", version, err)
	}
	if year < 24 || year == 24 && month < 8 {
		return fmt.Errorf("%w: version %s, and kaisen needs 24.8 or later", ErrTooOld, version)
	}
	return nil
}

// Ping asks whether the database answers.
func (db *DB) Ping(ctx context.Context) error { return brief(db.conn.Ping(ctx)) }

// Close ends the connections.
func (db *DB) Close() error {
	err := db.conn.Close()
	for _, s := range db.shards {
		err = errors.Join(err, s.conn.Close())
	}
	return err
}

// IsRefusal reports whether waiting does not help against an error: the server does not know the user, wants another password, or
// gives him no such right; it is too old; or a later kaisen has migrated the database.
func IsRefusal(err error) bool {
	switch codeOf(err) {
	case 192, 193, 194, 497, 516:
		return true
	}
	return errors.Is(err, ErrTooOld) || errors.Is(err, ErrNewerSchema)
}

// codeOf is ClickHouse's error code in err, or 0.
func codeOf(err error) int {
	var e *clickhouse.Exception
	if errors.As(err, &e) {
		return int(e.Code)
	}
	return 0
}

func hasCode(err error, code int) bool { return codeOf(err) == code }
