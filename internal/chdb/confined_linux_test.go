package chdb

import (
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// confinedVariable makes the test binary the confined process: its value is the job, as JSON.
const confinedVariable = "KAISEN_TEST_CONFINED"

// job is what the confined process tries.
type job struct {
	Folder, Beside, Address string
	Parent                  int
	Connect                 bool
}

// tries are the attempts by name, on the thread that is confined.
func (j job) tries() map[string]func() error {
	read := func(path string) func() error {
		return func() error { _, err := os.ReadFile(path); return err }
	}
	inside, outside := filepath.Join(j.Folder, "store", "inside"), filepath.Join(j.Beside, "secret")
	return map[string]func() error{
		"own file":              read(inside),
		"own numbers":           read("/proc/self/statm"),
		"own environment":       read("/proc/self/environ"),
		"machine's numbers":     read("/proc/meminfo"),
		"write":                 func() error { return os.WriteFile(inside+"2", nil, 0o600) },
		"make a folder":         func() error { return os.Mkdir(inside+"3", 0o700) },
		"make a symlink":        func() error { return os.Symlink(outside, inside+"4") },
		"no /etc/passwd":        read("/etc/passwd"),
		"no root":               read(filepath.Join("/proc/self", "root", "etc/passwd")),
		"no file beside":        read(outside),
		"no password":           read(filepath.Join(j.Folder, ServiceUser+".password")),
		"no other's folder":     read(filepath.Join(j.Folder, "spool", "run.db")),
		"no symlink":            read(filepath.Join(j.Folder, "link")),
		"no parent's secrets":   read(fmt.Sprintf("/proc/%d/environ", j.Parent)),
		"no parent's arguments": read(fmt.Sprintf("/proc/%d/cmdline", j.Parent)),
		"no parent's files":     read(fmt.Sprintf("/proc/%d/fd/%d", j.Parent, 3)),
		"no init":               read("/proc/1/status"),
		"no writing beside":     func() error { return os.WriteFile(outside+"2", nil, 0o600) },
		"no moving out":         func() error { return os.Rename(filepath.Join(j.Folder, "program"), outside+"3") },
		"no linking in":         func() error { return os.Link(outside, inside+"5") },
		"no removing beside":    func() error { return os.Remove(outside) },
		"no program":            func() error { return exec.Command("/bin/true").Run() },
		"no own program":        func() error { return exec.Command(filepath.Join(j.Folder, "program")).Run() },
	}
}

// TestAsConfined is not a test but the process that TestConfined starts.
func TestAsConfined(t *testing.T) {
	var j job
	if json.Unmarshal([]byte(os.Getenv(confinedVariable)), &j) != nil {
		return
	}
	runtime.LockOSThread() // and never unlocked: the thread ends with the test
	if err := confine(j.Folder, j.Connect); err != nil {
		t.Fatal(err)
	}
	results := map[string]string{}
	for name, try := range j.tries() {
		if err := try(); err != nil {
			results[name] = err.Error()
		} else {
			results[name] = ""
		}
	}
	results["connect"] = connect(j.Address)
	out, err := json.Marshal(results)
	if err != nil {
		t.Fatal(err)
	}
	fmt.Printf("results: %s\n", out)
}

// connect is a connection from this very thread, which a net.Dialer's need not be.
func connect(address string) string {
	target, err := net.ResolveTCPAddr("tcp", address)
	if err != nil {
		return err.Error()
	}
	socket, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM, 0)
	if err != nil {
		return err.Error()
	}
	defer unix.Close(socket)
	if err := unix.Connect(socket, &unix.SockaddrInet4{Port: target.Port, Addr: [4]byte(target.IP.To4())}); err != nil {
		return err.Error()
	}
	return ""
}

func TestConfined(t *testing.T) {
	version, _, failure := unix.Syscall(unix.SYS_LANDLOCK_CREATE_RULESET, 0, 0, unix.LANDLOCK_CREATE_RULESET_VERSION)
	if failure != 0 {
		t.Skipf("this kernel has no Landlock: %v", failure)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	for _, alone := range []bool{true, false} { // false: the engine is part of a cluster
		j := job{Folder: t.TempDir(), Beside: t.TempDir(), Address: listener.Addr().String(), Parent: os.Getpid(), Connect: !alone}
		secret := filepath.Join(j.Beside, "secret")
		for path, content := range map[string]string{filepath.Join(j.Folder, "store", "inside"): "x", secret: "hunter2",
			filepath.Join(j.Folder, "kaisen.password"): "hunter2", filepath.Join(j.Folder, "spool", "run.db"): "rows"} {
			if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, []byte(content), 0o644)); err != nil {
				t.Fatal(err)
			}
		}
		program := os.WriteFile(filepath.Join(j.Folder, "program"), []byte("#!/bin/sh\n"), 0o755)
		if err := errors.Join(program, os.Symlink(secret, filepath.Join(j.Folder, "link"))); err != nil {
			t.Fatal(err)
		}
		results := runConfined(t, j)
		for name := range j.tries() {
			result, tried := results[name]
			if refused := strings.Contains(result, "permission denied") || strings.Contains(result, "cross-device"); !tried || refused != strings.HasPrefix(name, "no ") || !refused && result != "" {
				t.Errorf("%s: %q", name, result)
			}
		}
		if refused := results["connect"] != ""; version >= 4 && refused != alone {
			t.Errorf("connection, alone %v: %q", alone, results["connect"])
		}
	}
}

func runConfined(t *testing.T, j job) map[string]string {
	t.Helper()
	text, err := json.Marshal(j)
	if err != nil {
		t.Fatal(err)
	}
	child := exec.CommandContext(t.Context(), os.Args[0], "-test.run", "^TestAsConfined$")
	child.Env = append(os.Environ(), confinedVariable+"="+string(text))
	child.WaitDelay = time.Second
	out, err := child.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	_, rest, _ := strings.Cut(string(out), "results: ")
	results := map[string]string{}
	if err := json.NewDecoder(strings.NewReader(rest)).Decode(&results); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return results
}
