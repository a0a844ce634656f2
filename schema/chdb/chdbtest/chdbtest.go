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
	"io"
	"log/slog"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"kaisen/schema/chdb"
)

// childVariable holds the data folder in a test binary that is to be the engine instead of running tests.
const childVariable = "KAISEN_TEST_ENGINE_PATH"

// Engine is a supervised engine of a test.
type Engine struct {
	Supervisor *chdb.Supervisor
	databases  int
	mu         sync.Mutex
	cancel     context.CancelFunc
	ended      chan struct{}
	folder     string
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
	if path := os.Getenv(childVariable); path != "" {
		os.Exit(serve(path))
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

func serve(path string) int {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	cfg := chdb.DefaultConfig()
	cfg.Path = path
	if err := chdb.Serve(ctx, cfg, slog.New(slog.NewTextHandler(io.Discard, nil))); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// Start returns the DSN (http://host:port/database) of a fresh database on the binary's engine, which the first
// call starts. The database is dropped at the end of the test.
func Start(t testing.TB) (dsn string) {
	t.Helper()
	shared.Lock()
	defer shared.Unlock()
	if shared.engine == nil && shared.err == nil {
		shared.engine, shared.err = launch()
	}
	if shared.err != nil {
		t.Fatal(shared.err)
	}
	return shared.engine.Database(t)
}

// StartOwn starts an engine for one test alone, which may kill it.
func StartOwn(t testing.TB) *Engine {
	t.Helper()
	shared.Lock()
	e, err := launch()
	shared.Unlock()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(e.Stop)
	return e
}

// launch starts an engine on a temporary folder; shared is locked.
func launch() (*Engine, error) {
	if !shared.prepared {
		return nil, fmt.Errorf("this package needs func TestMain(m *testing.M) { chdbtest.Main(m) }")
	}
	folder, err := os.MkdirTemp("", "kaisen-engine-")
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(context.Background())
	e := &Engine{
		Supervisor: chdb.NewSupervisor(ChildConfig(folder), slog.New(slog.DiscardHandler)),
		cancel:     cancel, ended: make(chan struct{}), folder: folder,
	}
	go func() {
		defer close(e.ended)
		e.Supervisor.Run(ctx)
	}()
	patience, stop := context.WithTimeout(ctx, time.Minute)
	defer stop()
	if err := e.Supervisor.WaitReady(patience); err != nil {
		e.Stop()
		return nil, err
	}
	return e, nil
}

// ChildConfig makes this test binary the engine of a supervisor, on the folder and on a free port.
func ChildConfig(folder string) chdb.SupervisorConfig {
	cfg := chdb.DefaultSupervisorConfig()
	cfg.Path, cfg.Listen = folder, "127.0.0.1:0"
	cfg.Command, cfg.Env = []string{os.Args[0]}, []string{childVariable + "=" + folder}
	return cfg
}

// Folder is where the engine's data lies.
func (e *Engine) Folder() string { return e.folder }

// Stop ends the engine and removes its data.
func (e *Engine) Stop() {
	e.cancel()
	<-e.ended
	os.RemoveAll(e.folder)
}

// Database makes a fresh database for the test and returns its DSN.
func (e *Engine) Database(t testing.TB) (dsn string) {
	t.Helper()
	e.mu.Lock()
	e.databases++
	name := fmt.Sprintf("test_%d", e.databases)
	e.mu.Unlock()
	base := strings.TrimSuffix(e.Supervisor.DSN(), "kaisen")
	if err := post(base, "CREATE DATABASE "+name); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := post(base, "DROP DATABASE "+name); err != nil {
			t.Log(err)
		}
	})
	return base + name
}

// post runs one statement, without clickhouse-go: this package serves the tests of those that use it.
func post(base, sql string) error {
	request, err := http.NewRequest(http.MethodPost, base, strings.NewReader(sql))
	if err != nil {
		return err
	}
	request.Close = true // an idle connection would look like a leak to the test
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		return err
	}
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s: %s", sql, response.Status, text)
	}
	return nil
}

// AwaitRestart waits until the process with this PID, which the test has killed, is replaced by one that answers.
func (e *Engine) AwaitRestart(ctx context.Context, killed int) error {
	base := strings.TrimSuffix(e.Supervisor.DSN(), "kaisen")
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	for {
		if pid := e.Supervisor.PID(); pid != 0 && pid != killed && post(base, "SELECT 1") == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("the engine is not back: %w", ctx.Err())
		case <-time.After(10 * time.Millisecond):
		}
	}
}
