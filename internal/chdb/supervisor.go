package chdb

import (
	"context"

	"kaisen/internal/wait"

	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"
)

// SupervisorConfig says which child runs the engine.
type SupervisorConfig struct {
	Config
	// Command is the child: a program whose main calls Serve with its standard input, reports an error as its last line
	// on stderr and ends with another code than 0. Empty: this program's own "clickhouse --supervised".
	Command     []string
	Env         []string      // added to the child's environment, as in exec.Cmd
	RestartMin  time.Duration // wait before the first restart; default 100 ms, doubling
	RestartMax  time.Duration // longest wait; default 5 s
	KillAfter   time.Duration // from SIGTERM to SIGKILL when Run ends; default 8 s
	StableAfter time.Duration // a child that lived that long is restarted after RestartMin again; default 1 min
	HangAfter   time.Duration // a child that answers nothing for so long is replaced by then; default 2 min
	StartWait   time.Duration // a child may take so long for its first answer; default 15 min
	FolderEvery time.Duration // how often the data folder is looked for; default 1 s
}

// DefaultSupervisorConfig has the defaults named above.
func DefaultSupervisorConfig() SupervisorConfig {
	return SupervisorConfig{
		Config:     DefaultConfig(),
		RestartMin: 100 * time.Millisecond, RestartMax: 5 * time.Second,
		KillAfter: 8 * time.Second, StableAfter: time.Minute, HangAfter: 2 * time.Minute, StartWait: 15 * time.Minute,
		FolderEvery: time.Second,
	}
}

// Supervisor keeps the engine alive in a child process.
type Supervisor struct {
	cfg       SupervisorConfig
	log       *slog.Logger
	ready     chan struct{}     // closed when the child first answered
	passwords map[string][]byte // content of the accounts' password files, by path
	removed   atomic.Bool       // somebody has removed the folder once
	ended     chan struct{}     // closed when Run has returned

	mu      sync.Mutex
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

// Owner is this engine, once it is ready; nil before.
func (s *Supervisor) Owner() *Owner {
	select {
	case <-s.ready:
		owner := s.cfg.Owner()
		return &owner
	default:
		return nil
	}
}

// DSN is where clickhouse-go finds the engine as the service; see [Owner.DSN]. It is "" before the engine is ready.
func (s *Supervisor) DSN() string {
	owner := s.Owner()
	if owner == nil {
		return ""
	}
	return owner.DSN(s.cfg.servicePassword(), s.cfg.Database)
}

// DSN is where clickhouse-go finds this engine as the service, over the native protocol where it listens, else over
// HTTP. It holds the password.
func (o *Owner) DSN(password, database string) string {
	if o.Native == "" {
		return o.HTTP(password, database)
	}
	return dsn("clickhouse", o.Native, password, database)
}

// HTTP is DSN over HTTP, in which the engine writes every format that ClickHouse knows.
func (o *Owner) HTTP(password, database string) string {
	return dsn("http", o.Listen, password, database)
}

func dsn(scheme, address, password, database string) string {
	target := url.URL{Scheme: scheme, Host: reachable(address), User: url.UserPassword(ServiceUser, password), Path: "/" + database}
	return target.String()
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

// Run starts the child and starts it again whenever it dies or hangs, until ctx ends; then it ends the child gently and
// returns nil. A child that fails before it was ever ready is not started again: its error is returned. Only a folder
// that a command has for a moment is waited for.
func (s *Supervisor) Run(ctx context.Context) (err error) {
	defer func() {
		s.mu.Lock()
		s.err = err
		s.mu.Unlock()
		close(s.ended)
	}()
	if s.cfg.Config, err = s.complete(); err != nil {
		return err
	}
	if s.passwords, err = readPasswords(s.cfg.Path); err != nil {
		return err
	}
	return s.keep(ctx)
}

// complete settles what the configuration leaves open: the folder, ports, memory, and the service's account.
func (s *Supervisor) complete() (cfg Config, err error) {
	if cfg, err = withPorts(s.cfg.Config); err != nil {
		return cfg, err
	}
	if cfg.Path, err = filepath.Abs(cfg.Path); err != nil {
		return cfg, err
	}
	if err := prepareFolder(cfg.Path); err != nil {
		return cfg, err
	}
	service := cfg.service()
	if service.Password, err = Password(cfg.Path, ServiceUser); err != nil {
		return cfg, err
	}
	cfg.Users = append([]User{service}, cfg.Users...)
	return cfg, nil
}

// keep is the loop of children.
func (s *Supervisor) keep(ctx context.Context) error {
	pauses := wait.Backoff{Min: s.cfg.RestartMin, Max: s.cfg.RestartMax}
	for {
		if s.awaitFolder(ctx) != nil {
			return nil
		}
		started := time.Now()
		err := s.live(ctx)
		switch owner, _ := FindOwner(s.cfg.Path); {
		case ctx.Err() != nil:
			return nil
		case owner != nil && owner.Temporary: // it was quicker
			continue
		case !s.wasReady() && !isKilled(err):
			return err
		}
		if time.Since(started) >= s.cfg.StableAfter {
			pauses.Reset()
		}
		pause := pauses.Next()
		s.log.Error("the embedded ClickHouse ended; starting it again", "error", err, "in", pause)
		if wait.For(ctx, pause) != nil {
			return nil
		}
	}
}

// awaitFolder waits while a command that ends soon has the folder; its error is ctx's.
func (s *Supervisor) awaitFolder(ctx context.Context) error {
	for logged := false; ; {
		owner, err := FindOwner(s.cfg.Path)
		if err != nil || owner == nil || !owner.Temporary {
			return ctx.Err() // what is wrong the child will say
		}
		if !logged {
			s.log.Info("waiting for the data folder, which another command has for a moment", "path", s.cfg.Path, "pid", owner.PID)
			logged = true
		}
		if err := wait.For(ctx, 100*time.Millisecond); err != nil {
			return err
		}
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

// isReady closes ready once; it reports whether this was the first time.
func (s *Supervisor) isReady() bool {
	if s.wasReady() {
		return false
	}
	close(s.ready)
	return true
}
