package chdb

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"os"
	"sync"
	"time"
)

// SupervisorConfig says which child runs the engine.
type SupervisorConfig struct {
	Config
	// Command is the child: a program whose main calls Serve with this Config, reports an error as its last line on
	// stderr and ends with another code than 0. Empty: this program's own "clickhouse" command.
	Command     []string
	Env         []string      // added to the child's environment, as in exec.Cmd
	RestartMin  time.Duration // wait before the first restart; default 100 ms, doubling
	RestartMax  time.Duration // longest wait; default 5 s
	KillAfter   time.Duration // from SIGTERM to SIGKILL when Run ends; default 8 s
	StableAfter time.Duration // a child that lived that long is restarted after RestartMin again; default 1 min
}

// DefaultSupervisorConfig has the defaults named above.
func DefaultSupervisorConfig() SupervisorConfig {
	return SupervisorConfig{
		Config:     DefaultConfig(),
		RestartMin: 100 * time.Millisecond, RestartMax: 5 * time.Second,
		KillAfter: 8 * time.Second, StableAfter: time.Minute,
	}
}

// Supervisor keeps the engine alive in a child process. It holds the listening socket itself, so that the port is
// taken once and for all, and clients of an engine that is being restarted wait rather than fail.
type Supervisor struct {
	cfg   SupervisorConfig
	log   *slog.Logger
	ready chan struct{} // closed when the child first answered
	ended chan struct{} // closed when Run has returned

	mu      sync.Mutex
	address string
	process *os.Process
	err     error // why Run returned, once ended is closed
}

// NewSupervisor starts nothing yet.
func NewSupervisor(cfg SupervisorConfig, log *slog.Logger) *Supervisor {
	return &Supervisor{cfg: cfg, log: log, ready: make(chan struct{}), ended: make(chan struct{})}
}

// WaitReady returns nil once the engine has answered, or the error that Run ended with before.
func (s *Supervisor) WaitReady(ctx context.Context) error {
	select {
	case <-s.ready:
		return nil
	case <-s.ended:
		s.mu.Lock()
		defer s.mu.Unlock()
		return s.err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// DSN is where clickhouse-go finds the engine; "" before it is ready.
func (s *Supervisor) DSN() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.address == "" {
		return ""
	}
	return "http://" + s.address + "/" + s.cfg.Database
}

// PID is the child's process number, or 0 while there is none.
func (s *Supervisor) PID() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.process == nil {
		return 0
	}
	return s.process.Pid
}

// Run starts the child and starts it again whenever it dies, until ctx ends; then it ends the child gently and
// returns nil. A child that fails before it was ever ready is not started again: its error is returned.
func (s *Supervisor) Run(ctx context.Context) (err error) {
	defer func() {
		s.mu.Lock()
		s.err = err
		s.mu.Unlock()
		close(s.ended)
	}()
	listener, err := listen(ctx, s.cfg.Listen)
	if err != nil {
		return err
	}
	defer listener.Close()
	socket, err := listener.(*net.TCPListener).File()
	if err != nil {
		return fmt.Errorf("socket for the engine: %w", err)
	}
	defer socket.Close()
	s.mu.Lock()
	s.address = listener.Addr().String()
	s.mu.Unlock()
	return s.keep(ctx, socket)
}

// keep is the loop of children.
func (s *Supervisor) keep(ctx context.Context, socket *os.File) error {
	wait := s.cfg.RestartMin
	for {
		started := time.Now()
		err := s.live(ctx, socket)
		if ctx.Err() != nil {
			return nil
		}
		if !s.wasReady() && !isKilled(err) {
			return err
		}
		if time.Since(started) >= s.cfg.StableAfter {
			wait = s.cfg.RestartMin
		}
		s.log.Error("the embedded ClickHouse ended; starting it again", "error", err, "in", wait)
		if sleep(ctx, wait) != nil {
			return nil
		}
		wait = min(2*wait, s.cfg.RestartMax)
	}
}

func (s *Supervisor) wasReady() bool {
	select {
	case <-s.ready:
		return true
	default:
		return false
	}
}
