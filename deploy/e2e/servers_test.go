package e2e

import (
	"bytes"
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"sync"
	"syscall"
	"testing"
	"time"
)

const (
	// maxWait is how long anything may take; only a machine that has much else to do comes near it.
	maxWait = 3 * time.Minute
	// pause is how long to wait before one looks again.
	pause = 50 * time.Millisecond
)

// server is a program that runs until the test ends.
type server struct {
	t     *testing.T
	name  string
	ended chan struct{}
	stop  func() // asks it to end

	mu   sync.Mutex
	said bytes.Buffer
}

// serve starts a program.
func serve(t *testing.T, program string, args ...string) *server {
	t.Helper()
	s := &server{t: t, name: filepath.Base(program), ended: make(chan struct{})}
	command := exec.CommandContext(t.Context(), program, args...)
	command.Cancel = func() error { return command.Process.Signal(syscall.SIGTERM) }
	command.WaitDelay = 20 * time.Second
	command.Env = append(os.Environ(), "TZ=Asia/Tokyo")
	command.Stdout, command.Stderr = s, s
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	s.stop = func() { _ = command.Cancel() }                 // it may have ended
	go func() { defer close(s.ended); _ = command.Wait() }() // it ends by our signal
	t.Cleanup(func() {
		<-s.ended
		if t.Failed() {
			log := s.log()
			t.Logf("the end of what %s said:\n%s", s.name, log[max(0, len(log)-4000):])
		}
	})
	return s
}

// look finds a program under one of its names, the first of which is that of Debian's package.
func look(t *testing.T, names ...string) string {
	t.Helper()
	for _, name := range names {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	t.Fatalf("%[1]s is not on the PATH: install it (Debian: apt-get install %[1]s), or run make test, which fetches it", names[0])
	return ""
}

// Write takes what the program says.
func (s *server) Write(text []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.said.Write(text)
}

func (s *server) log() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.said.String()
}

// until waits for something that the server is to bring about.
func (s *server) until(what string, happened func() bool) {
	s.t.Helper()
	for deadline := time.Now().Add(maxWait); !happened(); {
		select {
		case <-s.ended:
			s.t.Fatalf("%s ended before %s", s.name, what)
		case <-time.After(pause):
		}
		if time.Now().After(deadline) {
			s.t.Fatalf("%s: not within %s: %s", s.name, maxWait, what)
		}
	}
}

// address waits until the server says where it listens: host and port, the pattern's group.
func (s *server) address(pattern string) string {
	s.t.Helper()
	said := regexp.MustCompile(pattern)
	var match []string
	s.until("it said where it listens", func() bool {
		match = said.FindStringSubmatch(s.log())
		return match != nil
	})
	return match[1]
}

// listening is how the servers of Prometheus's family say it, kaisen's exporter among them.
const listening = `msg="Listening on" .*address=(\S+)`

// get asks a server for JSON, and reports whether it got any.
func get(t *testing.T, address string, into any) bool {
	t.Helper()
	response, err := http.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if response.StatusCode == http.StatusServiceUnavailable { // it is about to start
		return false
	}
	if err := json.NewDecoder(response.Body).Decode(into); err != nil || response.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s, %v", address, response.Status, err)
	}
	return true
}

// change is a piece of a configuration, and what stands in its place in the test.
type change struct{ from, to string }

// adapt writes one of the repository's files with changes into a folder of its own. What is changed must be there, or
// the test would go on with something else than it thinks.
func adapt(t *testing.T, file string, changes ...change) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range changes {
		if !bytes.Contains(text, []byte(c.from)) {
			t.Fatalf("%s has no %q any more", file, c.from)
		}
		text = bytes.ReplaceAll(text, []byte(c.from), []byte(c.to))
	}
	return write(t, filepath.Base(file), string(text))
}

func write(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// absolute is the path of a neighbour's file, as a configuration elsewhere has to name it.
func absolute(t *testing.T, path string) string {
	t.Helper()
	whole, err := filepath.Abs(path)
	if err != nil {
		t.Fatal(err)
	}
	return whole
}
