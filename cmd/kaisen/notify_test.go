package main

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"kaisen/internal/simulator"
)

// manager is a service manager's side: the socket that kaisen notifies.
type manager struct {
	t      *testing.T
	socket *net.UnixConn
}

func newManager(t *testing.T) *manager {
	t.Helper()
	address := &net.UnixAddr{Name: filepath.Join(t.TempDir(), "notify"), Net: "unixgram"}
	socket, err := net.ListenUnixgram("unixgram", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { socket.Close() })
	t.Setenv("NOTIFY_SOCKET", address.Name)
	return &manager{t, socket}
}

// await reads messages until one begins with a word, and returns all of it.
func (m *manager) await(word string) string {
	m.t.Helper()
	if err := m.socket.SetReadDeadline(time.Now().Add(time.Minute)); err != nil {
		m.t.Fatal(err)
	}
	buffer := make([]byte, 4096)
	for {
		n, err := m.socket.Read(buffer)
		if err != nil {
			m.t.Fatalf("waiting for %s: %v", word, err)
		}
		if message := string(buffer[:n]); strings.HasPrefix(message, word) {
			return message
		}
	}
}

// A whole kaisen, as systemd would start it.
func TestTheServiceManagerIsTold(t *testing.T) {
	systemd := newManager(t)
	t.Setenv("WATCHDOG_USEC", "400000")
	carrier, err := simulator.New(simulator.DefaultConfig())
	if err != nil {
		t.Fatal(err)
	}
	s := startService(t, carrier)
	if got, want := systemd.await("READY=1"), "READY=1\nSTATUS=ready"; got != want {
		t.Errorf("told %q, want %q", got, want)
	}
	for range 3 {
		began := time.Now()
		systemd.await("WATCHDOG=1")
		if took := time.Since(began); took > 5*time.Second {
			t.Errorf("%s until the next sign of life", took)
		}
	}
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	systemd.await("STOPPING=1\nSTATUS=stopping")
}

func TestNobodyIsToldOutsideOfAService(t *testing.T) {
	t.Setenv("NOTIFY_SOCKET", "")
	n := newNotifier(nil, slog.New(slog.NewTextHandler(io.Discard, nil)))
	n.run(t.Context()) // would ask ready, which is nil
	if n != nil {
		t.Error("there is a notifier, and nobody to notify")
	}
}

// at is a message with the virtual time at which it was sent.
type at struct {
	After time.Duration
	State string
}

func TestWhatIsTold(t *testing.T) {
	const notReady = "STATUS=running, but not ready: source hq: the secret is refused; line 090****5678: ; no MAINPID=1"
	tests := []struct {
		name  string
		ready time.Duration // when kaisen becomes ready
		hangs time.Duration // when the question is no longer answered
		want  []at
	}{
		{"ready at once", 0, never, []at{
			{0, "READY=1\nSTATUS=ready"},
			{30 * time.Second, "WATCHDOG=1\nSTATUS=ready"},
			{60 * time.Second, "WATCHDOG=1\nSTATUS=ready"},
			{90 * time.Second, "WATCHDOG=1\nSTATUS=ready"},
		}},
		{"ready after a while", 20 * time.Second, never, []at{
			{20 * time.Second, "READY=1\nSTATUS=ready"},
			{50 * time.Second, "WATCHDOG=1\nSTATUS=ready"},
			{80 * time.Second, "WATCHDOG=1\nSTATUS=ready"},
		}},
		{"a carrier that is away ends no start and bites no watchdog", 100 * time.Second, never, []at{
			{60 * time.Second, "READY=1\n" + notReady},
			{91 * time.Second, "WATCHDOG=1\n" + notReady},
		}},
		{"a service that hangs gives no sign of life", 0, 40 * time.Second, []at{
			{0, "READY=1\nSTATUS=ready"},
			{30 * time.Second, "WATCHDOG=1\nSTATUS=ready"},
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				start := time.Now()
				var mu sync.Mutex // STOPPING comes from a goroutine of its own
				var told []at
				hung := make(chan struct{})
				n := &notifier{every: 30 * time.Second,
					send: func(state string) {
						mu.Lock()
						defer mu.Unlock()
						told = append(told, at{time.Since(start), state})
					},
					ready: func(ctx context.Context) error {
						if time.Since(start) >= test.hangs {
							<-hung
						}
						select {
						case <-ctx.Done():
							return errors.New("source hq: the secret\tis refused\nline 090-1234-5678:\r\nno MAINPID=1\n")
						case <-time.After(time.Until(start.Add(test.ready))):
							return nil
						}
					}}
				ctx, cancel := context.WithTimeout(t.Context(), 99*time.Second)
				defer cancel()
				ended := make(chan struct{})
				go func() {
					defer close(ended)
					n.run(ctx)
				}()
				<-ctx.Done()
				close(hung)
				<-ended
				synctest.Wait()
				want := append(test.want, at{99 * time.Second, "STOPPING=1\nSTATUS=stopping: writing what is still held"})
				if diff := cmp.Diff(want, told); diff != "" {
					t.Error(diff)
				}
			})
		})
	}
}

// A reload that ends, or begins, while kaisen stops: to the manager kaisen stops.
func TestNothingIsToldAfterStopping(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		var told []string
		n := &notifier{every: time.Minute, ready: func(context.Context) error { return nil }, send: func(state string) {
			mu.Lock()
			defer mu.Unlock()
			word, _, _ := strings.Cut(state, "=")
			told = append(told, word)
		}}
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			n.run(ctx)
		}()
		synctest.Wait()
		done := n.reloading()
		stop()
		synctest.Wait()
		done()
		n.reloading()()
		<-ended
		if diff := cmp.Diff([]string{"READY", "RELOADING", "STOPPING"}, told); diff != "" {
			t.Error(diff)
		}
	})
}

// never is later than any test.
const never = time.Hour

func TestALongReasonIsCut(t *testing.T) {
	if got := statusText(strings.Repeat("回", 400)); !strings.HasPrefix(got, "回回") || !strings.HasSuffix(got, "回 …") || len(got) > 700 {
		t.Errorf("%d bytes: %s", len(got), got)
	}
}
