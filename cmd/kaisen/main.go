// Command kaisen watches a company's mobile lines: see the README. Here are flags, signals and the exit code, a file
// a command; what the commands do is in the packages they call.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"runtime/debug"
	"syscall"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"

	"kaisen/exporter"
	"kaisen/internal/config"
	"kaisen/schema/clickhouse"
)

func main() { os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) }

// run is kaisen with its arguments; its result is the exit code, 0 only when the command did its job.
func run(args []string, in io.Reader, out, errs io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	out, errs = newScreen(out), newScreen(errs)
	root := newRoot(in, out, errs)
	root.SetArgs(args)
	tellMistypes(root, args)
	if err := root.ExecuteContext(ctx); err != nil {
		fmt.Fprintln(errs, "kaisen:", err)
		return exitCode(err)
	}
	return exitDone
}

func newRoot(in io.Reader, out, errs io.Writer) *cobra.Command {
	root := &cobra.Command{
		Use:   "kaisen",
		Short: "Traffic, restrictions and sessions of a company's mobile lines, before they run out",
		Long: "kaisen sweeps the carrier's Universal One Mobile API inside its rate limit, keeps exact byte series in\n" +
			"ClickHouse, and exports Prometheus gauges for remaining volume and restrictions.\n\n" +
			"Begin with: kaisen demo",
		SilenceUsage:  true,
		SilenceErrors: true,
		Version:       versionText(),
	}
	root.SetVersionTemplate("{{.Version}}\n")
	root.SetIn(in)
	root.SetOut(out)
	root.SetErr(errs)
	root.AddCommand(newDemo(), newRun(), newSweep(), newProbe(), newPlan(), newSimulator(), newClickHouse(), newMigrate(), newCopy(), newBackup(), newRestore(), newQuery(), newLine(), newReport(), newSpool(), newConfig(), newAPI(), newHealth(), newManual(), newVersion())
	return root
}

// printf writes to a command's stdout.
func printf(cmd *cobra.Command, format string, args ...any) {
	fmt.Fprintf(cmd.OutOrStdout(), format, args...)
}

// build is what is known of how this binary was made.
type build struct{ version, revision string }

// buildInfo reads what the Go toolchain wrote into the binary, and what the Makefile did where it writes nothing.
func buildInfo() build {
	b := build{version: version, revision: revision}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return b
	}
	if b.version == "" {
		b.version = info.Main.Version
	}
	for _, setting := range info.Settings {
		if setting.Key == "vcs.revision" && b.revision == "" {
			b.revision = setting.Value
		}
	}
	return b
}

// Set by the linker: go build -ldflags "-X main.version=… -X main.revision=…".
var version, revision string

func newVersion() *cobra.Command {
	return &cobra.Command{
		Use:     "version",
		Short:   "Version, commit and Go version",
		Example: "  kaisen version",
		Args:    cobra.NoArgs,
		Run:     func(cmd *cobra.Command, _ []string) { printf(cmd, "%s\n", versionText()) },
	}
}

// versionText is what kaisen version and kaisen --version say.
func versionText() string {
	b := buildInfo()
	return fmt.Sprintf("kaisen %s (revision %s, %s %s/%s)", orUnknown(b.version), orUnknown(b.revision),
		runtime.Version(), runtime.GOOS, runtime.GOARCH)
}

func orUnknown(s string) string {
	if s == "" {
		return "unknown"
	}
	return s
}

// newManual is for those who make packages; everybody else has --help. It is hidden for that reason.
func newManual() *cobra.Command {
	return &cobra.Command{
		Use:     "manual FOLDER",
		Short:   "Write a manual page for every command into a folder",
		Example: "  kaisen manual man1 && man ./man1/kaisen.1",
		Args:    cobra.ExactArgs(1),
		Hidden:  true,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := os.MkdirAll(args[0], 0o755); err != nil {
				return fmt.Errorf("folder for the manual pages: %w", err)
			}
			root := cmd.Root()
			root.DisableAutoGenTag = true // its date would make every build another one
			header := &doc.GenManHeader{Section: "1", Source: "kaisen " + orUnknown(buildInfo().version), Manual: "kaisen"}
			if err := doc.GenManTree(root, header, args[0]); err != nil {
				return fmt.Errorf("manual pages: %w", err)
			}
			return nil
		},
	}
}

// Exit codes of every command. A service manager goes by them: what exitFailed says may pass, the others are as wrong the next
// time. They are those of sysexits.h, by which systemctl status names them, and not 1 and 2, because a Go program that
// panics ends with 2, and that one is to be started again.
const (
	exitDone   = 0
	exitFailed = 1  // the carrier, the database, the disk, a port that is taken: trying again may do
	exitUsage  = 64 // it was called wrongly, or asked for what there is not
	exitConfig = 78 // the configuration is wrong, or a file that it names cannot be read
)

// fault is an error of whoever called or configured kaisen.
type fault struct {
	error
	code int
}

func (f fault) Unwrap() error { return f.error }

// misuse marks an error as one of how kaisen was called. Nil stays nil.
func misuse(err error) error { return faultOf(err, exitUsage) }

// misconfigured marks an error as one of the configuration. Nil stays nil.
func misconfigured(err error) error { return faultOf(err, exitConfig) }

func faultOf(err error, code int) error {
	if err == nil {
		return nil
	}
	return fault{err, code}
}

// exitCode is the code for what a command has returned.
func exitCode(err error) int {
	var marked fault
	var mistakes config.Mistakes
	var web *exporter.WebConfigError
	switch {
	case err == nil:
		return exitDone
	case errors.As(err, &marked):
		return marked.code
	case errors.As(err, &mistakes), errors.As(err, &web), errors.Is(err, clickhouse.ErrDSN):
		return exitConfig
	}
	return exitFailed
}
