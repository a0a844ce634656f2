// Command kaisen watches a company's mobile lines: see the README. Here are flags, signals and the exit code, a file
// a command; what the commands do is in the packages they call.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
)

func main() { os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) }

// run is kaisen with its arguments; its result is the exit code: 0 only when the command did its job.
func run(args []string, in io.Reader, out, errs io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	root := newRoot(in, out, errs)
	root.SetArgs(args)
	if err := root.ExecuteContext(ctx); err != nil {
		fmt.Fprintln(errs, "kaisen:", err)
		return 1
	}
	return 0
}
