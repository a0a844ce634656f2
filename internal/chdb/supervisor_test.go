package chdb_test

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"kaisen/internal/chdb"
	"kaisen/internal/chdb/chdbtest"
	"kaisen/internal/porttest"
)

func TestKilledEngineIsBackWithItsRows(t *testing.T) {
	engine := chdbtest.StartOwn(t)
	ask := asking(t, engine)
	ask("CREATE TABLE t (a UInt64) ENGINE = MergeTree ORDER BY a")
	for round := range 3 {
		ask("INSERT INTO t VALUES (" + strconv.Itoa(round) + ")")
		pid := engine.Supervisor.PID()
		if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
		if err := engine.AwaitRestart(t.Context(), pid); err != nil {
			t.Fatal(err)
		}
	}
	if got := ask("SELECT count() FROM t"); got != "3\n" {
		t.Errorf("%s rows of 3", got)
	}
}

// An engine that stands still is killed within HangAfter, and the next one has its rows.
func TestHungEngineIsReplaced(t *testing.T) {
	cfg := chdbtest.ChildConfig(t.TempDir())
	cfg.HangAfter = 3 * time.Second
	engine := chdbtest.StartWith(t, cfg)
	ask := asking(t, engine)
	ask("CREATE TABLE t (a UInt64) ENGINE = MergeTree ORDER BY a")
	ask("INSERT INTO t VALUES (1)")
	pid, stopped := engine.Supervisor.PID(), time.Now()
	if err := syscall.Kill(pid, syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	if err := engine.AwaitRestart(t.Context(), pid); err != nil {
		t.Fatal(err)
	}
	t.Logf("back %s after it stood still, with hang_after %s", time.Since(stopped).Round(10*time.Millisecond), cfg.HangAfter)
	if got := ask("SELECT count() FROM t"); got != "1\n" {
		t.Errorf("%s rows of 1", got)
	}
}

// An engine that has no memory left for any statement, and answers pings, is replaced within HangAfter, too.
func TestFullEngineIsReplaced(t *testing.T) {
	cfg := chdbtest.ChildConfig(t.TempDir())
	cfg.HangAfter, cfg.Memory = 6*time.Second, 512<<20
	engine := chdbtest.StartWith(t, cfg)
	dsn, pid := engine.Database(t), engine.Supervisor.PID()
	if _, err := engine.Ask(dsn, "CREATE TABLE hog (s String) ENGINE = Memory"); err != nil {
		t.Fatal(err)
	}
	refused := 0
	for size := 1 << 20; refused < 20; { // until nothing fits
		_, err := engine.Ask(dsn, "INSERT INTO hog SELECT randomString("+strconv.Itoa(size)+") FROM numbers(20)")
		if err == nil {
			refused = 0
		} else if size = max(1, size/2); size == 1 {
			refused++
		}
	}
	if err := engine.AwaitRestart(t.Context(), pid); err != nil {
		t.Fatal(err)
	}
	if got, err := engine.Ask(dsn, "SELECT count() FROM hog"); err != nil || got != "0\n" {
		t.Errorf("%q, %v", got, err)
	}
}

// An engine that is busy, and slow to answer, is left alone: it goes on every now and then, for a part of the time that
// HangAfter allows.
func TestSlowEngineIsLeftAlone(t *testing.T) {
	cfg := chdbtest.ChildConfig(t.TempDir())
	cfg.HangAfter = 6 * time.Second
	engine := chdbtest.StartWith(t, cfg)
	pid := engine.Supervisor.PID()
	for end := time.Now().Add(2 * cfg.HangAfter); time.Now().Before(end); {
		syscall.Kill(pid, syscall.SIGSTOP)
		<-time.After(cfg.HangAfter / 3)
		syscall.Kill(pid, syscall.SIGCONT)
		<-time.After(300 * time.Millisecond)
	}
	if now := engine.Supervisor.PID(); now != pid {
		t.Errorf("process %d was replaced by %d", pid, now)
	}
}

// A command that has the folder for a moment does not keep a service from starting; another service does.
func TestFolderThatACommandHasIsWaitedFor(t *testing.T) {
	brief := chdbtest.ChildConfig(t.TempDir())
	brief.Temporary, brief.Private = true, true
	command := chdbtest.StartWith(t, brief)
	service := chdb.NewSupervisor(chdbtest.ChildConfig(command.Folder()), slog.New(slog.DiscardHandler))
	ended := make(chan error, 1)
	ctx, cancel := context.WithCancel(t.Context())
	go func() { ended <- service.Run(ctx) }()
	waiting, stop := context.WithTimeout(ctx, 4*time.Second) // longer than a folder in use is tried for
	defer stop()
	if err := service.WaitReady(waiting); !errors.Is(err, context.DeadlineExceeded) {
		t.Fatalf("while the command has the folder: %v", err)
	}
	command.End()
	if err := service.WaitReady(ctx); err != nil {
		t.Fatal(err)
	}
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// asking returns a function that runs a statement, which has to succeed, and returns its answer.
func asking(t *testing.T, engine *chdbtest.Engine) func(sql string) string {
	t.Helper()
	dsn := engine.Database(t)
	return func(sql string) string {
		t.Helper()
		text, err := engine.Ask(dsn, sql)
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
}

func TestFailuresAtTheStart(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	busy := chdbtest.StartOwn(t)
	tests := []struct {
		name, path, listen, native, library, command string
		want                                         string
	}{
		{name: "taken port", listen: taken.Addr().String(), want: taken.Addr().String() + " for ClickHouse clients is taken"},
		{name: "taken native port", native: taken.Addr().String(), want: taken.Addr().String() + " for ClickHouse clients is taken"},
		{name: "impossible address", listen: "nosuch", want: "nosuch"},
		{name: "folder in use", path: busy.Folder(), want: "another engine has the data folder (PID: " + strconv.Itoa(busy.Supervisor.PID()) + ")"},
		{name: "folder is a file", path: filepath.Join(busy.Folder(), "status"), want: "data folder"},
		{name: "missing library", library: "/nowhere/libchdb.so", want: "KAISEN_LIBCHDB names /nowhere/libchdb.so"},
		{name: "not a library", library: os.Args[0], want: "engine"},
		{name: "missing command", command: "/nowhere/kaisen", want: "start the embedded ClickHouse"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			cfg := chdbtest.ChildConfig(t.TempDir())
			if tt.path != "" {
				cfg = chdbtest.ChildConfig(tt.path)
			}
			if tt.listen != "" {
				cfg.Listen = tt.listen
			}
			if tt.native != "" {
				cfg.ListenNative = tt.native
			}
			if tt.library != "" {
				cfg.Env = append(cfg.Env, chdb.LibraryVariable+"="+tt.library)
			}
			if tt.command != "" {
				cfg.Command = []string{tt.command}
			}
			supervisor := chdb.NewSupervisor(cfg, slog.New(slog.DiscardHandler))
			err := supervisor.Run(t.Context())
			if err == nil || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "\n") {
				t.Errorf("%v", err)
			}
			if waited := supervisor.WaitReady(t.Context()); waited == nil || waited.Error() != err.Error() {
				t.Errorf("WaitReady: %v", waited)
			}
		})
	}
}

func TestEngineEndsWithItsSupervisor(t *testing.T) {
	cfg := chdbtest.ChildConfig(t.TempDir())
	ctx, cancel := context.WithCancel(t.Context())
	supervisor := chdb.NewSupervisor(cfg, slog.New(slog.DiscardHandler))
	ended := make(chan error, 1)
	go func() { ended <- supervisor.Run(ctx) }()
	if err := supervisor.WaitReady(ctx); err != nil {
		t.Fatal(err)
	}
	pid := supervisor.PID()
	started := time.Now()
	cancel()
	if err := <-ended; err != nil || time.Since(started) > 3*time.Second {
		t.Errorf("%v after %s", err, time.Since(started))
	}
	if err := syscall.Kill(pid, 0); err == nil {
		t.Errorf("process %d is still there", pid)
	}
}

// A supervisor that is killed takes its engine along, and its successor finds folder and port free.
func TestEngineDiesWithAKilledSupervisor(t *testing.T) {
	folder := t.TempDir()
	address := porttest.Address(t)
	for range 3 {
		parent := exec.Command(os.Args[0], "-test.run", "^TestAsSupervisor$")
		parent.Env = append(os.Environ(), "KAISEN_TEST_AS_SUPERVISOR="+folder, "KAISEN_TEST_LISTEN="+address)
		out, err := parent.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := parent.Start(); err != nil {
			t.Fatal(err)
		}
		line := make([]byte, 200)
		n, _ := out.Read(line)
		if !strings.HasPrefix(string(line[:n]), "ready") {
			t.Fatalf("%s", line[:n])
		}
		parent.Process.Kill()
		parent.Wait()
	}
}

// TestAsSupervisor is not a test but the parent process of the one above.
func TestAsSupervisor(t *testing.T) {
	folder := os.Getenv("KAISEN_TEST_AS_SUPERVISOR")
	if folder == "" {
		return
	}
	cfg := chdbtest.ChildConfig(folder)
	cfg.Listen = os.Getenv("KAISEN_TEST_LISTEN")
	cfg.ListenNative = ""
	supervisor := chdb.NewSupervisor(cfg, slog.New(slog.DiscardHandler))
	go func() {
		if err := supervisor.WaitReady(context.Background()); err == nil {
			os.Stdout.WriteString("ready\n")
		}
	}()
	if err := supervisor.Run(context.Background()); err != nil {
		os.Stdout.WriteString(err.Error() + "\n")
	}
}
