package chdb_test

import (
	"errors"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"kaisen/internal/chdb"
	"kaisen/internal/chdb/chdbtest"
)

// While the engine is away another user may take its port: the service's password is not for him. Root may: its engine is the
// one that answers `sudo kaisen query` while the service is stopped.
func TestDialGoesToNobodyElse(t *testing.T) {
	t.Parallel()
	if os.Getuid() != 0 {
		t.Skip("only root can give a file to another user")
	}
	const owner, another = 12345, 54321
	for _, host := range []string{"127.0.0.1", "::1"} {
		for _, test := range []struct {
			listener int
			want     string
		}{
			{owner, ""},
			{0, ""},
			{another, "user 54321 listens on "},
		} {
			listener, err := listenAs(test.listener, net.JoinHostPort(host, "0"))
			if err != nil {
				t.Log(err) // no IPv6 here
				continue
			}
			folder := t.TempDir()
			lock := filepath.Join(folder, "kaisen.lock")
			if err := errors.Join(os.WriteFile(lock, nil, 0o600), os.Chown(lock, owner, owner)); err != nil {
				t.Fatal(err)
			}
			conn, err := chdb.Dial(folder)(t.Context(), listener.Addr().String())
			if err == nil {
				conn.Close()
			}
			if (err == nil) != (test.want == "") || err != nil && !strings.Contains(err.Error(), test.want+listener.Addr().String()) {
				t.Errorf("a listener of user %d: %v", test.listener, err)
			}
			listener.Close()
		}
	}
}

// listenAs makes a socket that is another user's: the kernel takes the user of the thread for it.
func listenAs(user int, address string) (net.Listener, error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if err := unix.Setfsuid(user); err != nil {
		return nil, err
	}
	defer unix.Setfsuid(0)
	return net.Listen("tcp", address)
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
