package chdb

import (
	"io"
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
		return t.to.Write(p)
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

// last is the last line, without the name of the program and the word error before it.
func (t *tail) last() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	line := lastLine(string(t.kept))
	for _, prefix := range []string{"kaisen: ", "kaisen clickhouse: ", "Error: ", "error: "} {
		line = strings.TrimPrefix(line, prefix)
	}
	return line
}
