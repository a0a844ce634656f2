package chdb

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"runtime"
	"syscall"
	"time"
)

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
