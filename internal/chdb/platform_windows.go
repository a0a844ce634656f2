package chdb

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"syscall"
)

// errNoWindows is what everything says that only an engine needs: chDB has no library for Windows.
var errNoWindows = fmt.Errorf("the embedded ClickHouse does not run on Windows: set store.kind to clickhouse (%w)", errors.ErrUnsupported)

func openLibrary(string) (uintptr, error)         { return 0, errNoWindows }
func findSymbol(uintptr, string) (uintptr, error) { return 0, errNoWindows }
func confine(string, bool) error                  { return errNoWindows }
func lockFolder(string, Owner) error              { return errNoWindows }
func makePipe(string) error                       { return errNoWindows }
func setWritable([]byte, bool) error              { return errNoWindows }
func keepPrivate()                                {}
func isFree(*os.File) bool                        { return true }
func machineMemory() uint64                       { return 0 }
func childAttributes() *syscall.SysProcAttr       { return nil }

// Dial returns a function that connects to the engine on a data folder, which is always another machine's here.
func Dial(string) func(ctx context.Context, address string) (net.Conn, error) {
	return func(ctx context.Context, address string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "tcp", address)
	}
}
