package chdb

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"runtime"
	"sync"
	"syscall"
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

// live starts one child and waits for its end. The goroutine keeps its OS thread, because Linux sends the child's
// death signal when the thread that started it ends, not the process.
func (s *Supervisor) live(ctx context.Context, socket *os.File) error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	command, err := s.command()
	if err != nil {
		return err
	}
	complaints := &tail{}
	cmd := exec.Command(command[0], command[1:]...)
	cmd.Env = append(append(os.Environ(), s.cfg.Env...), supervisedVariable+"=1")
	cmd.Stderr = complaints
	cmd.ExtraFiles = []*os.File{socket}
	cmd.SysProcAttr = childAttributes()
	lifeline, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	defer lifeline.Close()
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("start the embedded ClickHouse: %w", err)
	}
	s.setProcess(cmd.Process)
	defer s.setProcess(nil)

	exited := make(chan struct{})
	defer close(exited)
	go s.awaitAnswer(exited, complaints)
	stop := context.AfterFunc(ctx, func() { s.end(cmd.Process, exited) })
	defer stop()
	return s.childError(cmd.Wait(), complaints)
}

func (s *Supervisor) setProcess(p *os.Process) {
	s.mu.Lock()
	s.process = p
	s.mu.Unlock()
}

// command is the configured one, or this program's own.
func (s *Supervisor) command() ([]string, error) {
	if len(s.cfg.Command) > 0 {
		return s.cfg.Command, nil
	}
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("start the embedded ClickHouse: %w", err)
	}
	return []string{self, "clickhouse", "--path", s.cfg.Path, "--listen", s.cfg.Listen}, nil
}

// awaitAnswer pings until the child answers or is gone. A ping waits in the socket's queue, so one is enough most
// of the time.
func (s *Supervisor) awaitAnswer(exited <-chan struct{}, complaints *tail) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	go func() {
		defer cancel()
		select {
		case <-exited:
		case <-ctx.Done():
		}
	}()
	for ctx.Err() == nil {
		if s.ping(ctx) == nil {
			complaints.passOn(os.Stderr)
			if !s.wasReady() {
				close(s.ready)
			} else {
				s.log.Info("the embedded ClickHouse is back")
			}
			return
		}
		sleep(ctx, 20*time.Millisecond)
	}
}

func (s *Supervisor) ping(ctx context.Context) error {
	s.mu.Lock()
	address := s.address
	s.mu.Unlock()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+address+"/ping", nil)
	if err != nil {
		return err
	}
	transport := &http.Transport{DisableKeepAlives: true}
	defer transport.CloseIdleConnections()
	response, err := (&http.Client{Transport: transport}).Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return errors.New(response.Status)
	}
	return nil
}

// end asks the child to end, and ends it where it does not.
func (s *Supervisor) end(child *os.Process, exited <-chan struct{}) {
	child.Signal(syscall.SIGTERM)
	timer := time.NewTimer(s.cfg.KillAfter)
	defer timer.Stop()
	select {
	case <-exited:
	case <-timer.C:
		s.log.Error("the embedded ClickHouse does not end; killing it", "after", s.cfg.KillAfter)
		child.Kill()
	}
}

// childError says why a child ended: in its own words where it had any.
func (s *Supervisor) childError(err error, complaints *tail) error {
	if err == nil {
		return errors.New("the embedded ClickHouse ended by itself")
	}
	if last := complaints.last(); last != "" && !isKilled(err) {
		return errors.New(last)
	}
	return fmt.Errorf("the embedded ClickHouse ended: %w", err)
}

// isKilled tells whether a child ended by a signal, which starting it again may well cure.
func isKilled(err error) bool {
	var exit *exec.ExitError
	if !errors.As(err, &exit) {
		return false
	}
	status, ok := exit.Sys().(syscall.WaitStatus)
	return ok && status.Signaled()
}
