package main

import (
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"kaisen/internal/porttest"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"kaisen": func() { os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) },
	})
}

// TestScripts runs the commands as a user would: each script is a little session, with what it must print.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(env *testscript.Env) error {
			names := []string{"PORT1", "PORT2", "PORT3", "PORT4"}
			for i, address := range porttest.Addresses(script{env.T(), env}, len(names)) {
				env.Setenv(names[i], strings.TrimPrefix(address, "127.0.0.1:"))
			}
			// The engine lies in the cache of the user who runs the tests.
			env.Setenv("XDG_CACHE_HOME", cacheHome())
			env.Setenv("KAISEN_LIBCHDB", os.Getenv("KAISEN_LIBCHDB"))
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"waitport": waitPort, "waitsql": waitSQL, "waitsays": waitSays, "exits": exits},
	})
}

// script is the test of one script, as porttest needs it.
type script struct {
	testscript.T
	env *testscript.Env
}

func (s script) Cleanup(f func()) { s.env.Defer(f) }

// exits runs a command that must end with an exit code: exits CODE COMMAND...
func exits(ts *testscript.TestScript, _ bool, args []string) {
	code := 0
	var ended *exec.ExitError
	if err := ts.Exec(args[1], args[2:]...); errors.As(err, &ended) {
		code = ended.ExitCode()
	} else {
		ts.Check(err)
	}
	if strconv.Itoa(code) != args[0] {
		ts.Fatalf("exit code %d, want %s", code, args[0])
	}
}

// waitPort waits until somebody listens on a port of this machine: waitport PORT.
func waitPort(ts *testscript.TestScript, _ bool, args []string) {
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); {
		conn, err := net.DialTimeout("tcp", "127.0.0.1:"+args[0], time.Second)
		if err == nil {
			ts.Check(conn.Close())
			return
		}
		<-time.After(20 * time.Millisecond)
	}
	ts.Fatalf("nobody listens on port %s", args[0])
}

// waitSQL waits until an engine answers on a port: it takes the port before it has its folder. waitsql PORT.
func waitSQL(ts *testscript.TestScript, _ bool, args []string) {
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); <-time.After(20 * time.Millisecond) {
		answer, err := http.Get("http://127.0.0.1:" + args[0] + "/ping")
		if err != nil {
			continue
		}
		answer.Body.Close()
		if answer.StatusCode == http.StatusOK {
			return
		}
	}
	ts.Fatalf("no engine answers on port %s", args[0])
}

// waitSays waits until what the kaisen on a port says of whether it is ready has a text in it: waitsays PORT TEXT.
func waitSays(ts *testscript.TestScript, _ bool, args []string) {
	var body []byte
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); <-time.After(20 * time.Millisecond) {
		answer, err := http.Get("http://127.0.0.1:" + args[0] + "/-/ready")
		if err != nil {
			continue
		}
		body, _ = io.ReadAll(answer.Body)
		answer.Body.Close()
		if strings.Contains(string(body), args[1]) {
			return
		}
	}
	ts.Fatalf("port %s does not say %q, but %s", args[0], args[1], body)
}

func cacheHome() string {
	dir, err := os.UserCacheDir()
	if err != nil {
		return ""
	}
	return dir
}

// freePort is a port that nobody listens on at this moment. It lies below those that the system gives to outgoing
