package chdb

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"kaisen/internal/sqltext"
	"kaisen/internal/wait"
)

// The engine's command line was made for one person, who may read all files anyway: the function file('…') asks for no
// right there, as the table function of the same name does, and no setting turns it off. It would hand everybody
// kaisen.password. But before it opens anything it looks the working folder up, and fails where there is none. The engine
// itself needs one to start, so the folder goes in between: the session's first statement is a file() of a pipe, which
// lasts until the folder is gone; only then are ports opened.
//
// What the kernel lets the engine see (confine) is no answer to this one: its own configuration and its tables' files are
// among it, and an account that may read one table should not read all.

// gate is the pipe.
func (c Config) gate() string { return filepath.Join(c.folder(), "gate") }

// makeGate makes the pipe, and throws away what a killed predecessor left.
func (c Config) makeGate() error {
	if err := os.Remove(c.gate()); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return makePipe(c.gate())
}

// awaitGate is the statement that waits.
func (c Config) awaitGate() string {
	return "SELECT file(" + sqltext.Quote(c.gate()) + ") FORMAT Null"
}

// openGate waits until the engine does, takes this process's working folder away, and lets the engine go on.
func (c Config) openGate() error {
	gate, err := os.OpenFile(c.gate(), os.O_WRONLY, 0) // lasts until the engine reads
	if err != nil {
		return err
	}
	gone, err := os.MkdirTemp(c.folder(), "gone-")
	if err != nil {
		return err
	}
	return errors.Join(os.Chdir(gone), os.Remove(gone), os.Remove(c.gate()), gate.Close())
}

// proveSeal waits until the engine answers, and fails where file() still reads: the next release may do without a
// working folder.
func (c Config) proveSeal(ctx context.Context) error {
	caller := newCaller(c)
	defer caller.close()
	if wait.Until(ctx, 10*time.Millisecond, func() bool { return caller.ask(ctx, "") == nil }) != nil {
		return nil
	}
	if err := caller.ask(ctx, "SELECT file('/dev/null')"); err == nil {
		return fmt.Errorf("this engine lets everybody read files; kaisen knows release %s", Version)
	}
	return nil
}
