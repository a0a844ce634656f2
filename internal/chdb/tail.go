package chdb

import (
	"fmt"
	"io"
	"regexp"
	"strings"
	"sync"
)

// tailSize is how much of a child's stderr is kept.
const tailSize = 16 << 10

// tail keeps the end of what a child writes to stderr. Until the child is ready it keeps it to itself, because a
// child that fails at the start is reported by its error alone; afterwards it passes everything on.
type tail struct {
	mu   sync.Mutex
	kept []byte
	to   io.Writer
}

// Write takes a piece of the child's output.
func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.kept = append(t.kept, p...)
	if excess := len(t.kept) - tailSize; excess > 0 {
		t.kept = append(t.kept[:0], t.kept[excess:]...)
	}
	if t.to != nil {
		_, _ = t.to.Write(p) // whoever reads there may be gone: the child must not lose its stderr with them
	}
	return len(p), nil
}

// passOn writes what is kept, and everything that follows, to w.
func (t *tail) passOn(w io.Writer) {
	t.mu.Lock()
	defer t.mu.Unlock()
	w.Write(t.kept)
	t.to = w
}

// reason is why the child ended, in one line: what the engine says where its words mean something to a user, else
// the child's last line without the name of the program and the word error before it.
func (t *tail) reason(cfg Config) string {
	t.mu.Lock()
	defer t.mu.Unlock()
	text := string(t.kept)
	switch said := regexp.MustCompile(`Code: \d+\. DB::Exception: .*`).FindString(text); {
	case strings.Contains(said, "Cannot lock file"):
		return fmt.Sprintf("data folder %s: %v: stop it, or choose another folder", cfg.Path, ErrInUse)
	case strings.Contains(said, "Address already in use"):
		return taken(cfg.Listen + " or " + cfg.ListenNative)
	case strings.Contains(said, "LISTEN"):
		return fmt.Sprintf("this engine cannot open ports; kaisen needs %s or later: %s", leastVersion, said)
	case said != "":
		return said
	}
	if crash := regexp.MustCompile(`(?m)^(SIG[A-Z]+: .*|fatal error: .*|panic: .*|runtime: .*)$`).FindString(text); crash != "" {
		return crash // what follows it are goroutines and registers
	}
	line := lastLine(text)
	for _, prefix := range []string{"kaisen: ", "kaisen clickhouse: ", "Error: ", "error: "} {
		line = strings.TrimPrefix(line, prefix)
	}
	return line
}
