package chdb_test

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"kaisen/schema/chdb"
	"kaisen/schema/chdb/chdbtest"
)

func TestKilledEngineIsBackWithItsRows(t *testing.T) {
	engine := chdbtest.StartOwn(t)
	dsn, err := url.Parse(engine.Database(t))
	if err != nil {
		t.Fatal(err)
	}
	s := server{t: t, base: "http://" + dsn.Host + "/", db: strings.TrimPrefix(dsn.Path, "/")}
	s.post("CREATE TABLE t (a UInt64) ENGINE = MergeTree ORDER BY a")
	for round := range 3 {
		s.post("INSERT INTO t VALUES (" + strconv.Itoa(round) + ")")
		pid := engine.Supervisor.PID()
		if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
		started := time.Now()
		response, err := waitForAnswer(s.base)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		if took := time.Since(started); took > 5*time.Second || engine.Supervisor.PID() == pid {
			t.Errorf("back after %s, pid %d was %d", took, engine.Supervisor.PID(), pid)
		}
	}
	if got := s.post("SELECT count() FROM t"); got != "3\n" {
		t.Errorf("%s rows of 3", got)
	}
}

// waitForAnswer asks until the engine answers. The socket stays open, so at most the request that was in the queue
// of the killed process is lost.
func waitForAnswer(base string) (response *http.Response, err error) {
	for range 5 {
		if response, err = http.Get(base + "ping"); err == nil {
			return response, nil
		}
	}
	return nil, err
}

func TestFailuresAtTheStart(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	busy := chdbtest.StartOwn(t)
	tests := []struct {
		name, path, listen, library, command string
		want                                 string
	}{
		{name: "taken port", listen: taken.Addr().String(), want: taken.Addr().String() + " for ClickHouse clients is taken"},
		{name: "impossible address", listen: "nosuch", want: "listen for ClickHouse clients"},
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
	port, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := port.Addr().String()
	port.Close()
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
