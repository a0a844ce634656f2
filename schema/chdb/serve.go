package chdb

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"time"
)

// shutdownPatience is how long requests under way may take once Serve has to end.
const shutdownPatience = 5 * time.Second

// Config says what Serve serves, and where.
type Config struct {
	Path     string // data folder; made if it is not there
	Listen   string // host:port of the HTTP interface
	Database string // made if it is not there, and current in requests that name none
	Library  string // libchdb.so; "" looks where Library does
}

// DefaultConfig is ClickHouse's own HTTP port on loopback, with the data beside the program.
func DefaultConfig() Config {
	return Config{Path: "./data", Listen: "127.0.0.1:8123", Database: "kaisen"}
}

// Serve runs the engine and its HTTP interface until ctx ends. It fails, with one line that says what to do, where
// the library is missing, the folder is in use or cannot be written, or the port is taken. Under a Supervisor it
// takes over the socket that the supervisor listens on, and ends with it.
func Serve(ctx context.Context, cfg Config, log *slog.Logger) error {
	ctx, listener, err := inherited(ctx)
	if err != nil {
		return err
	}
	announce := slog.LevelDebug // a supervisor has its own words
	if listener == nil {
		announce = slog.LevelInfo
		if listener, err = listen(ctx, cfg.Listen); err != nil {
			return err
		}
	}
	defer listener.Close()
	engine, err := openEngine(cfg)
	if err != nil {
		return err
	}
	loopback := isLoopback(listener.Addr())
	if !loopback {
		log.Warn("the ClickHouse interface is open to the network and has no password: whoever reaches it can read and change the data, and files of this user",
			"listen", listener.Addr().String())
	}
	log.Log(ctx, announce, "embedded ClickHouse is ready", "listen", listener.Addr().String(), "path", cfg.Path, "database", cfg.Database)
	h := &handler{engine: engine, database: cfg.Database, loopback: loopback, log: log}
	return errors.Join(serveHTTP(ctx, listener, newHandler(h)), engine.Close())
}

// openEngine finds the library, opens the folder and makes the database.
func openEngine(cfg Config) (*Engine, error) {
	library := cfg.Library
	if library == "" {
		var err error
		if library, err = Library(); err != nil {
			return nil, err
		}
	}
	engine, err := Open(library, cfg.Path)
	if err != nil {
		return nil, err
	}
	create := Statement{SQL: "CREATE DATABASE IF NOT EXISTS " + quote(cfg.Database, '`')}
	if _, err := engine.Query(context.Background(), create, io.Discard); err != nil {
		return nil, errors.Join(fmt.Errorf("database %s: %w", cfg.Database, err), engine.Close())
	}
	return engine, nil
}

// serveHTTP serves until ctx ends, and then as long as requests under way need, up to shutdownPatience.
func serveHTTP(ctx context.Context, listener net.Listener, h http.Handler) error {
	requests, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	server := &http.Server{
		Handler:           h,
		ReadHeaderTimeout: 10 * time.Second,
		IdleTimeout:       5 * time.Minute,
		BaseContext:       func(net.Listener) context.Context { return requests },
	}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(listener) }()
	select {
	case err := <-ended:
		return fmt.Errorf("http interface: %w", err)
	case <-ctx.Done():
	}
	bounded, stop := context.WithTimeout(requests, shutdownPatience)
	defer stop()
	err := server.Shutdown(bounded)
	cancel() // queries that are still running end at their next piece
	if errors.Is(err, context.DeadlineExceeded) {
		err = server.Close()
	}
	return err
}

// listen takes the address, and waits a moment where a predecessor that was killed still holds it.
func listen(ctx context.Context, address string) (net.Listener, error) {
	deadline := time.Now().Add(lockPatience)
	for {
		var config net.ListenConfig
		listener, err := config.Listen(ctx, "tcp", address)
		switch {
		case err == nil:
			return listener, nil
		case !isTaken(err):
			return nil, fmt.Errorf("listen for ClickHouse clients: %w", err)
		case time.Now().After(deadline):
			return nil, fmt.Errorf("the address %s for ClickHouse clients is taken by another program: stop it, or choose another (store.listen)", address)
		}
		if err := sleep(ctx, 50*time.Millisecond); err != nil {
			return nil, err
		}
	}
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

func isLoopback(addr net.Addr) bool {
	tcp, ok := addr.(*net.TCPAddr)
	return ok && tcp.IP.IsLoopback()
}
