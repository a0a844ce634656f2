//go:build unix && !linux

package chdb

import (
	"context"
	"net"
	"syscall"
)

// confine does nothing where there is no Landlock: the accounts have no right to files either.
func confine(string, bool) error { return nil }

// Dial returns a function that connects to the engine on a data folder. Whose the listener is cannot be found out here.
func Dial(string) func(ctx context.Context, address string) (net.Conn, error) {
	return func(ctx context.Context, address string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "tcp", address)
	}
}

// machineMemory is unknown where kaisen has no engine.
func machineMemory() uint64 { return 0 }

// childAttributes put the child out of the terminal's process group, so that Ctrl-C reaches the parent alone. That
// the child ends with its parent rests on its standard input here.
func childAttributes() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }
