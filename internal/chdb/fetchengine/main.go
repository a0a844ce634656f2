// Command fetchengine brings the embedded ClickHouse engine into the user's cache folder: what "make engine" runs.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"kaisen/internal/chdb"
)

func main() { os.Exit(run()) }

func run() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if _, err := chdb.Fetch(ctx, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "fetchengine:", err)
		return 1
	}
	return 0
}
