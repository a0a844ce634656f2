// Package porttest gives tests addresses of this machine on which nobody listens, for programs that need to know
// where to listen. Who listens in the test itself uses port 0.
package porttest

import (
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"time"
)

// T is what is needed of a test.
type T interface {
	Fatal(args ...any)
	Cleanup(func())
}

// Address is one on which nobody listens, and which no other test is given before this one ends.
func Address(t T) string { return Addresses(t, 1)[0] }

// Addresses are n different ones. Their ports lie below those that the system gives to outgoing connections: one of
// these would take it while the program that is to listen there is away.
func Addresses(t T, n int) []string {
	var addresses []string
	for tries := 0; len(addresses) < n; tries++ {
		port := 20_000 + rand.N(12_000)
		err := reserve(t, port)
		if err == nil {
			var listener net.Listener
			if listener, err = net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port))); err == nil {
				addresses = append(addresses, listener.Addr().String())
				err = listener.Close()
			}
		}
		if err != nil && tries > 100+n {
			t.Fatal(err)
		}
	}
	return addresses
}

// staleAfter is longer than any test: what is reserved for so long was left by a process that was killed.
const staleAfter = time.Hour

// reserve takes a port for the time of a test, also before tests of other packages, which run at the same time: between being
// given a port and listening there, seconds may pass.
func reserve(t T, port int) error {
	name := filepath.Join(os.TempDir(), fmt.Sprintf("kaisen-port-%d", port))
	if info, err := os.Stat(name); err == nil && time.Since(info.ModTime()) > staleAfter {
		_ = os.Remove(name)
	}
	file, err := os.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	t.Cleanup(func() { _ = os.Remove(name) })
	return file.Close()
}
