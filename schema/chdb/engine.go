package chdb

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// lockPatience is how long Open waits for the folder while another engine holds it: a killed one takes a moment to
// die, and its successor should not give up meanwhile.
const lockPatience = 3 * time.Second

// ErrInUse says that another engine, in this process or another, has the data folder.
var ErrInUse = errors.New("another engine has the data folder")

// Exception is an error that the engine itself reports.
type Exception struct {
	Code int    // ClickHouse's error code; 0 where the text has none
	Text string // Code: 60. DB::Exception: … (UNKNOWN_TABLE)
}

// Error is the engine's text.
func (e *Exception) Error() string { return e.Text }

// newException reads the code out of the engine's text.
func newException(text string) *Exception {
	e := &Exception{Text: strings.TrimSpace(text)}
	if m := regexp.MustCompile(`\bCode: (\d+)\.`).FindStringSubmatch(text); m != nil {
		e.Code, _ = strconv.Atoi(m[1])
	}
	return e
}

// Engine is the embedded ClickHouse on one data folder. A process has at most one: the library keeps one folder
// for each process, and loads once.
type Engine struct {
	abi  *abi
	path string
	base *handle // keeps the engine up between requests

	mu     sync.Mutex
	closed bool
	inUse  sync.WaitGroup
}

// Open loads the library and opens the folder, which is made if it is not there. It fails where the library cannot
// be loaded, where the folder cannot be written, and with ErrInUse where another engine has it.
func Open(library, path string) (*Engine, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("data folder %s: %w", path, err)
	}
	if err := prepareFolder(path); err != nil {
		return nil, err
	}
	a, err := loadABI(library)
	if err != nil {
		return nil, err
	}
	if err := awaitFolder(path); err != nil {
		return nil, err
	}
	a.setSignalHandlersEnabled(0)
	e := &Engine{abi: a, path: path}
	if e.base = e.connect(); e.base == nil {
		if err := folderInUse(path); err != nil {
			return nil, err
		}
		return nil, fmt.Errorf("data folder %s: the engine does not open it; it says why on stderr", path)
	}
	return e, nil
}

// connect opens one more connection. Three things that the engine does by default are switched off. Asynchronous inserts
// answer before the rows are safe. What is asked for the third time is compiled to machine code: half a second for
// line_forecast, which no question to 35 million samples has won back. And the plans of EXPLAIN are drawn in a new way
// (26.7) that takes gigabytes for those of kaisen's views.
func (e *Engine) connect() *handle {
	return e.abi.open("clickhouse", "--path="+e.path, "--async_insert=0",
		"--compile_expressions=0", "--compile_aggregate_expressions=0", "--compile_sort_description=0",
		"--explain_query_plan_default=legacy")
}

// enter counts a request in, unless the engine is closed.
func (e *Engine) enter() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	if !e.closed {
		e.inUse.Add(1)
	}
	return !e.closed
}

// Close waits for the requests under way and lets the folder go.
func (e *Engine) Close() error {
	e.mu.Lock()
	already := e.closed
	e.closed = true
	e.mu.Unlock()
	if already {
		return nil
	}
	e.inUse.Wait()
	e.abi.closeConn(e.base)
	return nil
}

// prepareFolder makes the folder and proves that a file can be written there, because the engine itself gives no
// reason when it cannot.
func prepareFolder(path string) error {
	if err := os.MkdirAll(path, 0o700); err != nil {
		return fmt.Errorf("data folder: %w", err)
	}
	probe, err := os.CreateTemp(path, "kaisen-probe-")
	if err != nil {
		return fmt.Errorf("data folder %s cannot be written: %w", path, errors.Unwrap(err))
	}
	return errors.Join(probe.Close(), os.Remove(probe.Name()))
}

// awaitFolder waits until no engine has the folder, for lockPatience at most.
func awaitFolder(path string) error {
	deadline := time.Now().Add(lockPatience)
	for {
		err := folderInUse(path)
		if err == nil || time.Now().After(deadline) {
			return err
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// folderInUse looks at the lock that a running engine holds on the file "status", in which it writes its PID.
func folderInUse(path string) error {
	status, err := os.Open(filepath.Join(path, "status"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("data folder %s: %w", path, err)
	}
	defer status.Close()
	if syscall.Flock(int(status.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) == nil {
		return nil // closing the file releases it
	}
	text := make([]byte, 256)
	n, _ := status.Read(text)
	owner, _, _ := strings.Cut(string(text[:n]), "\n")
	return fmt.Errorf("data folder %s: %w (%s): stop it, or choose another folder", path, ErrInUse, owner)
}
