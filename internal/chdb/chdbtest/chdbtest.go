// Package chdbtest gives tests a real ClickHouse: one embedded engine for each test binary, in a child process,
// and a fresh database for each test. It offers no stand-in for a machine without the library: tests fail there,
// and say how to get it.
//
// A package that uses it needs
//
//	func TestMain(m *testing.M) { chdbtest.Main(m) }
package chdbtest

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"kaisen/internal/chdb"
	"kaisen/internal/wait"
)

// childArgument is the first argument of a test binary that is to be the engine instead of running tests.
const childArgument = "kaisen-engine"

// Engine is a supervised engine of a test.
type Engine struct {
	Supervisor *chdb.Supervisor
	config     chdb.SupervisorConfig
	databases  int
	template   template
	mu         sync.Mutex
	cancel     context.CancelFunc
	ended      chan struct{}
}

// shared is the test binary's engine. It is package state because a binary has one, and tests do not know one
// another.
var shared struct {
	sync.Mutex
	prepared bool // Main runs
	engine   *Engine
	err      error
}

// Main is the TestMain of a package whose tests call Start: it makes the binary the engine where a test asked for
// one, and otherwise runs the tests and ends the engine after them.
func Main(m *testing.M) {
	if len(os.Args) == 2 && os.Args[1] == childArgument {
		os.Exit(serve())
	}
	shared.Lock()
	shared.prepared = true
	shared.Unlock()
	code := m.Run()
	if shared.engine != nil {
		shared.engine.Stop()
	}
	os.Exit(code)
}

func serve() int {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	if err := chdb.Serve(ctx, os.Stdin); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// Start returns the DSN (clickhouse://user:password@host:port/database) of a fresh database on the binary's engine,
// which the first call starts. The database is dropped at the end of the test.
func Start(t testing.TB) (dsn string) {
	t.Helper()
	return sharedEngine(t).Database(t)
}

// StartHTTP is Start with the DSN of the HTTP interface (http://user:password@host:port/database).
func StartHTTP(t testing.TB) (dsn string) {
	t.Helper()
	return HTTP(t, Start(t))
}

func sharedEngine(t testing.TB) *Engine {
	t.Helper()
	shared.Lock()
	defer shared.Unlock()
	if !shared.prepared {
		t.Fatal("this package needs func TestMain(m *testing.M) { chdbtest.Main(m) }")
	}
	if shared.engine == nil && shared.err == nil {
		folder, err := os.MkdirTemp("", "kaisen-engine-")
		if err != nil {
			t.Fatal(err)
		}
		shared.engine, shared.err = launch(ChildConfig(folder))
	}
	if shared.err != nil {
		t.Fatal(shared.err)
	}
	return shared.engine
}

// StartOwn starts an engine for one test alone, which may kill it.
func StartOwn(t testing.TB) *Engine {
	t.Helper()
	return StartWith(t, ChildConfig(t.TempDir()))
}

// StartWith is StartOwn with a configuration, which begins with ChildConfig.
func StartWith(t testing.TB, cfg chdb.SupervisorConfig) *Engine {
	t.Helper()
	e, err := launch(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(e.Stop)
	return e
}

func launch(cfg chdb.SupervisorConfig) (*Engine, error) {
	e := &Engine{config: cfg}
	e.start()
	if err := e.await(); err != nil {
		e.Stop()
		return nil, err
	}
	return e, nil
}

func (e *Engine) start() {
	ctx, cancel := context.WithCancel(context.Background())
	supervisor, ended := chdb.NewSupervisor(e.config, slog.New(slog.DiscardHandler)), make(chan struct{})
	e.Supervisor, e.cancel, e.ended = supervisor, cancel, ended
	go func() {
		defer close(ended)
		supervisor.Run(ctx)
	}()
}

// await waits until the engine answers.
func (e *Engine) await() error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	return e.Supervisor.WaitReady(ctx)
}

// ChildConfig makes this test binary the engine of a supervisor, on the folder and on free ports.
func ChildConfig(folder string) chdb.SupervisorConfig {
	cfg := chdb.DefaultSupervisorConfig()
	cfg.Path, cfg.Listen, cfg.ListenNative = folder, "127.0.0.1:0", "127.0.0.1:0"
	cfg.Command = []string{os.Args[0], childArgument}
	return cfg
}

// Folder is where the engine's data lies.
func (e *Engine) Folder() string { return e.config.Path }

// End ends the engine, where it was started, and leaves its data.
func (e *Engine) End() {
	if e.cancel != nil {
		e.cancel()
		<-e.ended
	}
}

// Stop ends the engine and removes its data.
func (e *Engine) Stop() {
	e.End()
	os.RemoveAll(e.Folder())
}

// Database makes a fresh database for the test and returns its DSN.
func (e *Engine) Database(t testing.TB) (dsn string) {
	t.Helper()
	name, err := e.create()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.post("DROP DATABASE " + name); err != nil {
			t.Log(err)
		}
	})
	return e.named(name)
}

// create makes an empty database under a name of its own.
func (e *Engine) create() (name string, err error) {
	e.mu.Lock()
	e.databases++
	name = fmt.Sprintf("test_%d", e.databases)
	e.mu.Unlock()
	return name, e.post("CREATE DATABASE " + name)
}

// named is the DSN of a database of the engine, or of none.
func (e *Engine) named(database string) string {
	whole := e.Supervisor.DSN()
	return whole[:strings.LastIndexByte(whole, '/')+1] + database
}

// post runs one statement in no database.
func (e *Engine) post(sql string) error {
	_, err := e.Ask(e.named(""), sql)
	return err
}

// AwaitRestart waits until the process with this PID, which the test has killed, is replaced by one that answers.
func (e *Engine) AwaitRestart(ctx context.Context, killed int) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	if err := wait.Until(ctx, 10*time.Millisecond, func() bool {
		pid := e.Supervisor.PID()
		return pid != 0 && pid != killed && e.post("SELECT 1") == nil
	}); err != nil {
		return fmt.Errorf("the engine is not back: %w", err)
	}
	return nil
}
