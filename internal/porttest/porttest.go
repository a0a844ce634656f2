// Package porttest gives tests addresses of this machine on which nobody listens, for programs that need to know
// where to listen. Who listens in the test itself uses port 0.
package porttest

import (
	"math/rand/v2"
	"net"
	"strconv"
	"testing"
)

// Address is one on which nobody listens now.
func Address(t testing.TB) string {
	t.Helper()
	return Addresses(t, 1)[0]
}

// Addresses are n different ones. Their ports lie below those that the system gives to outgoing connections: one of
// these would take it while the program that is to listen there is away.
func Addresses(t testing.TB, n int) []string {
	t.Helper()
	var addresses []string
	for tries := 0; len(addresses) < n; tries++ {
		listener, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(20_000+rand.N(12_000))))
		if err != nil && tries > 100+n {
			t.Fatal(err)
		}
		if err != nil {
			continue
		}
		defer listener.Close() // none is given out twice
		addresses = append(addresses, listener.Addr().String())
	}
	return addresses
}
