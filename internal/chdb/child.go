package chdb

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"time"

	"kaisen/internal/wait"
)

// errNoAnswer is a child that hung, and errFull one that refused everything.
var (
	errNoAnswer = errors.New("the embedded ClickHouse did not answer any more and was killed")
	errFull     = errors.New("the embedded ClickHouse had no memory left for any statement (store.memory) and was killed")
)

// live starts one child and waits for its end. The goroutine keeps its OS thread, because Linux sends the child's
// death signal when the thread that started it ends, not the process.
func (s *Supervisor) live(ctx context.Context) error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	command, err := s.command()
	if err != nil {
		return err
	}
	complaints := &tail{}
	cmd := exec.Command(command[0], command[1:]...)
	cmd.Env = append(environment(os.Environ(), s.cfg.TimeZone), s.cfg.Env...)
	cmd.Stderr = complaints
	cmd.SysProcAttr = childAttributes()
	lifeline, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	defer lifeline.Close()
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("start the embedded ClickHouse: %w", err)
	}
	if err := json.NewEncoder(lifeline).Encode(s.cfg.Config); err != nil && !errors.Is(err, syscall.EPIPE) {
		cmd.Process.Kill()
		cmd.Wait()
		return fmt.Errorf("start the embedded ClickHouse: %w", err)
	}
	s.setProcess(cmd.Process)
	defer s.setProcess(nil)

	exited := make(chan struct{})
	watched := make(chan error, 1)
	go func() { watched <- s.watch(exited, cmd.Process, complaints) }()
	go s.watchFolder(exited, cmd.Process)
	stop := context.AfterFunc(ctx, func() {
		complaints.passOn(io.Discard) // that its last statement was cancelled
		s.end(cmd.Process, exited)
	})
	defer stop()
	err = cmd.Wait()
	close(exited)
	if hung := <-watched; hung != nil {
		return hung
	}
	return s.childError(err, complaints)
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
	return []string{self, "clickhouse", "--supervised"}, nil
}

// environment is what the child gets of the parent's: what a program needs to run and to find the library, and none of
// the secrets. TZ is the engine's time zone; GORACE is for tests alone, whose engines have the race detector.
func environment(parents []string, zone string) []string {
	kept := []string{"PATH", "HOME", "XDG_CACHE_HOME", "TMPDIR", "LANG", "GORACE", LibraryVariable}
	var env []string
	for _, pair := range parents {
		if name, _, _ := strings.Cut(pair, "="); slices.Contains(kept, name) {
			env = append(env, pair)
		}
	}
	return append(env, "TZ="+zone)
}

// watch pings the child: until it answers for the first time, and from then on to see whether it hangs, or refuses everything. It
// returns when the child is gone, with errNoAnswer or errFull where it had to kill it. One that answers slowly does answer.
func (s *Supervisor) watch(exited <-chan struct{}, child *os.Process, complaints *tail) error {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	go func() {
		defer cancel()
		select {
		case <-exited:
		case <-ctx.Done():
		}
	}()
	caller := newCaller(s.cfg.Config)
	defer caller.close()
	// Between pings, and what a last one may take; the engine keeps an idle connection for half a minute.
	pause := min(s.cfg.HangAfter/12, 10*time.Second)
	bound, again := s.cfg.StartWait, 20*time.Millisecond
	for answered := time.Now(); ctx.Err() == nil; {
		err := s.ping(ctx, caller, child.Pid, time.Until(answered.Add(bound)))
		if err != nil && time.Since(answered) >= bound {
			err = s.ping(ctx, caller, child.Pid, pause) // it may be this process that stood still
		}
		if err == nil && bound != s.cfg.StartWait {
			err = full(ctx, caller, pause)
		}
		switch {
		case err == nil:
			if bound == s.cfg.StartWait {
				s.announce(complaints)
			}
			answered, bound, again = time.Now(), s.cfg.HangAfter-2*pause, min(pause, time.Second)
			wait.For(ctx, pause)
		case ctx.Err() != nil:
		case time.Since(answered) >= bound:
			child.Kill()
			if errors.Is(err, errFull) {
				return errFull
			}
			return errNoAnswer
		default:
			wait.For(ctx, again)
		}
	}
	return nil
}

// ping asks for an answer within a time; one that took a connection and says nothing takes it all. The answer counts
// while the child has the folder: another program may listen on the address.
func (s *Supervisor) ping(ctx context.Context, caller *caller, child int, within time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	if err := caller.ask(ctx, ""); err != nil {
		return err
	}
	owner, err := FindOwner(s.cfg.Path)
	if err == nil && (owner == nil || owner.PID != child) {
		err = fmt.Errorf("process %d does not have the data folder %s", child, s.cfg.Path)
	}
	return err
}

// full is errFull where the engine has no memory left for the smallest statement, as when somebody has filled a table of engine
// Memory: it still answers a ping. Whatever else keeps it from answering says nothing.
func full(ctx context.Context, caller *caller, within time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	if err := caller.ask(ctx, "SELECT 1"); err != nil && strings.Contains(err.Error(), "Code: 241.") {
		return errFull
	}
	return nil
}

// announce says that the child is there.
func (s *Supervisor) announce(complaints *tail) {
	complaints.passOn(os.Stderr)
	if !s.isReady() {
		s.log.Info("the embedded ClickHouse is back")
	}
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
		return errEnded
	}
	if reason := complaints.reason(s.cfg.Config); reason != "" && !isKilled(err) {
		return errors.New(reason)
	}
	return fmt.Errorf("the embedded ClickHouse ended: %w", err)
}

// isKilled reports whether a child ended by a signal, which starting it again may well cure.
func isKilled(err error) bool {
	if errors.Is(err, errNoAnswer) {
		return true
	}
	var exit *exec.ExitError
	if !errors.As(err, &exit) {
		return false
	}
	status, ok := exit.Sys().(syscall.WaitStatus)
	return ok && status.Signaled()
}
