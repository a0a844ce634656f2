package chdb

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"syscall"
)

// supervisedVariable tells a child that a Supervisor started it: the socket to serve is its descriptor 3, and its
// standard input ends when the supervisor does. The socket belongs to the supervisor, so that clients of an engine
// that is being restarted wait in its queue instead of being refused.
const supervisedVariable = "KAISEN_ENGINE_SUPERVISED"

// inherited returns the supervisor's socket, and a ctx that ends with the supervisor; without one, ctx and nil.
func inherited(ctx context.Context) (context.Context, net.Listener, error) {
	if os.Getenv(supervisedVariable) == "" {
		return ctx, nil, nil
	}
	if err := os.Unsetenv(supervisedVariable); err != nil {
		return nil, nil, err
	}
	file := os.NewFile(3, "supervisor's socket")
	defer file.Close()
	listener, err := net.FileListener(file)
	if err != nil {
		return nil, nil, fmt.Errorf("socket of the supervisor: %w", err)
	}
	ctx, cancel := context.WithCancel(ctx)
	go func() {
		io.Copy(io.Discard, os.Stdin) // nothing is ever written: it ends with the supervisor
		cancel()
	}()
	return ctx, listener, nil
}

// isTaken recognises an address that another program listens on.
func isTaken(err error) bool { return errors.Is(err, syscall.EADDRINUSE) }
