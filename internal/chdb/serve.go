package chdb

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"kaisen/internal/wait"
)

// endWait is how long the engine may take to end by itself once it has to.
const endWait = 5 * time.Second

// Serve is the child that runs the engine: it reads its configuration from in, which a [Supervisor] writes and then
// keeps open, and serves until ctx or in ends. It fails, with one line that says what to do, where the library is
// missing or too old, the folder is in use or cannot be written, or a port is taken; what the engine itself has to say
// it says on stderr. The process is of no use to anything else afterwards, and should end.
func Serve(ctx context.Context, in io.Reader) error {
	reader := bufio.NewReader(in)
	line, err := reader.ReadBytes('\n')
	if err != nil {
		return fmt.Errorf("the supervisor's configuration: %w", err)
	}
	var cfg Config
	if err := json.Unmarshal(line, &cfg); err != nil {
		return fmt.Errorf("the supervisor's configuration: %w", err)
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() {
		io.Copy(io.Discard, reader) // nothing more is written: it ends with the supervisor
		cancel()
	}()
	keepPrivate()
	if err := prepareFolder(cfg.Path); err != nil {
		return err
	}
	for _, address := range []string{cfg.Listen, cfg.ListenNative} {
		if err := awaitPort(ctx, address); err != nil {
			return err
		}
	}
	if err := lockFolder(cfg.Path, cfg.Owner()); err != nil {
		return err
	}
	if err := forgetUndone(cfg.Path); err != nil {
		return err
	}
	ended := make(chan error, 2)
	go func() { ended <- cfg.runEngine(ctx, ended) }()
	select {
	case err := <-ended:
		if err == nil {
			err = errEnded
		}
		return err
	case <-ctx.Done():
	}
	cfg.endEngine()
	return nil
}

// errEnded is an engine that ended although nobody asked it to; it has said why.
var errEnded = errors.New("the engine ended by itself")

// runEngine gives this goroutine's thread to the engine, for good: it is confined. What is wrong with an engine that
// runs goes to failed.
func (c Config) runEngine(ctx context.Context, failed chan<- error) error {
	runtime.LockOSThread()
	library := c.Library
	if library == "" {
		var err error
		if library, err = Library(); err != nil {
			return err
		}
	}
	engine, err := loadLibrary(library)
	if err != nil {
		return err
	}
	file, err := c.write()
	if err != nil {
		return err
	}
	if err := c.makeGate(); err != nil {
		return fmt.Errorf("configuration of the engine: %w", err)
	}
	if err := confine(c.Path, len(c.Clusters) > 0); err != nil {
		return fmt.Errorf("confine the engine to its folder: %w", err)
	}
	go func() {
		err := errors.Join(c.openGate(), c.proveSeal(ctx))
		if err = errors.Join(err, c.forget()); err != nil && ctx.Err() == nil {
			failed <- err
		}
	}()
	engine.setSignalHandlersEnabled(0)
	script := c.awaitGate() + ";"
	for _, statement := range c.startListeners() {
		script += statement + ";"
	}
	engine.run("clickhouse", "--config-file="+file, "--path="+filepath.Clean(c.Path), "--query", script)
	return nil
}

// startListeners are the statements of the engine's own session. The last one does nothing until it is killed; HTTP
// comes up after the native protocol, so that an answer to /ping means that both are there.
func (c Config) startListeners() []string {
	var all []string
	if c.ListenNative != "" {
		all = append(all, "SYSTEM START LISTEN TCP")
	}
	return append(all, "SYSTEM START LISTEN HTTP", "SELECT sleepEachRow(3) FROM numbers(1000000000000) SETTINGS max_block_size = 1, max_execution_time = 0 FORMAT Null")
}

// endEngine lets inserts under way come to their end, for endWait at most, and ends everything else. The engine then ends
// with the process: what was acknowledged is on the disk, and its own way out aborts where there is no working folder.
func (c Config) endEngine() {
	ctx, cancel := context.WithTimeout(context.Background(), endWait)
	defer cancel()
	caller := newCaller(c)
	defer caller.close()
	if caller.ask(ctx, "KILL QUERY WHERE user != '' AND query_kind != 'Insert' AND query_id != queryID() ASYNC") != nil {
		return // it does not answer, or not yet
	}
	_ = wait.Until(ctx, 20*time.Millisecond, func() bool { // the rest ends with the process
		return caller.ask(ctx, "SELECT throwIf(count() > 0) FROM system.processes WHERE query_kind = 'Insert'") == nil
	})
}

// Owner is what the folder's lock says of an engine with this configuration in this process.
func (c Config) Owner() Owner {
	return Owner{PID: os.Getpid(), Listen: c.Listen, Native: c.ListenNative, Temporary: c.Temporary, Private: c.Private}
}

// taken says what to do about an address that another program listens on.
func taken(address string) string {
	return "the address " + address + " for ClickHouse clients is taken by another program: stop it, or choose another (store.listen, store.listen_native)"
}

// awaitPort waits a moment where a predecessor that was killed still holds the address.
func awaitPort(ctx context.Context, address string) error {
	if address == "" {
		return nil
	}
	deadline := time.Now().Add(lockWait)
	for {
		var config net.ListenConfig
		listener, err := config.Listen(ctx, "tcp", address)
		switch {
		case err == nil:
			return listener.Close()
		case !isTaken(err):
			return fmt.Errorf("listen for ClickHouse clients: %w", err)
		case time.Now().After(deadline):
			return errors.New(taken(address))
		}
		if err := wait.For(ctx, 50*time.Millisecond); err != nil {
			return err
		}
	}
}
