package chdb_test

import (
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"kaisen/internal/chdb"
	"kaisen/internal/chdb/chdbtest"
)

// While the engine is away another user may take its port: the service's password is not for him.
func TestDialGoesToNobodyElse(t *testing.T) {
	t.Parallel()
	if os.Getuid() != 0 {
		t.Skip("only root can give a file to another user")
	}
	for _, host := range []string{"127.0.0.1", "::1"} {
		stranger, err := net.Listen("tcp", net.JoinHostPort(host, "0"))
		if err != nil {
			t.Log(err) // no IPv6 here
			continue
		}
		defer stranger.Close()
		folder := t.TempDir()
		lock := filepath.Join(folder, "kaisen.lock")
		if err := os.WriteFile(lock, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		conn, err := chdb.Dial(folder)(t.Context(), stranger.Addr().String())
		if err != nil {
			t.Fatalf("one's own: %v", err)
		}
		conn.Close()
		if err := os.Chown(lock, 12345, 12345); err != nil { // now it is the listener that is another's
			t.Fatal(err)
		}
		if conn, err := chdb.Dial(folder)(t.Context(), stranger.Addr().String()); err == nil || !strings.Contains(err.Error(), "user 0 listens on "+stranger.Addr().String()) {
			t.Errorf("%v, %v", conn, err)
		}
	}
}

// Whoever takes all the connections that the engine has does not make it seem to hang.
func TestFloodIsNoHang(t *testing.T) {
	t.Parallel()
	cfg := chdbtest.ChildConfig(t.TempDir())
	cfg.HangAfter = 4 * time.Second
	engine := chdbtest.StartWith(t, cfg)
	pid, listen := engine.Supervisor.PID(), engine.Supervisor.Owner().Listen
	var flood []net.Conn
	defer func() {
		for _, conn := range flood {
			conn.Close()
		}
	}()
	for len(flood) < 4300 {
		conn, err := net.DialTimeout("tcp", listen, time.Second)
		if err != nil {
			break // as many as there can be
		}
		flood = append(flood, conn)
	}
	if len(flood) < 1000 {
		t.Skipf("%d connections are no flood: raise the limit of open files", len(flood))
	}
	select {
	case <-time.After(2 * cfg.HangAfter):
	case <-t.Context().Done():
	}
	if now := engine.Supervisor.PID(); now != pid {
		t.Errorf("with %d connections process %d was replaced by %d", len(flood), pid, now)
	}
}
