//go:build !linux

package chdb

import (
	"context"
	"net"
)

// Dial returns a function that connects to the engine on a data folder. Whose the listener is cannot be told here.
func Dial(string) func(ctx context.Context, address string) (net.Conn, error) {
	return func(ctx context.Context, address string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "tcp", address)
	}
}
