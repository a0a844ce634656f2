package main

import (
	"fmt"
	"io"
	"log/slog"
	"os"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"kaisen/internal/config"
	"kaisen/internal/kinds"
)

func newRoot(in io.Reader, out, errs io.Writer) *cobra.Command {
	root := &cobra.Command{
		Use:   "kaisen",
		Short: "Traffic, restrictions and sessions of a company's mobile lines, before they run out",
		Long: "kaisen sweeps the carrier's Universal One Mobile API inside its rate limit, keeps exact byte series in\n" +
			"ClickHouse, and exports Prometheus gauges for remaining volume and restrictions.\n\n" +
			"Begin with: kaisen demo",
		SilenceUsage:  true,
		SilenceErrors: true,
		Args:          cobra.NoArgs,
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.SetIn(in)
	root.SetOut(out)
	root.SetErr(errs)
	root.AddCommand(newDemo(), newRun(), newSweep(), newSimulator(), newClickHouse(), newMigrate(), newQuery(), newLine(), newConfig(), newAPI(), newHealth(), newManual(), newVersion())
	return root
}

// configFlags are the flags of every command that reads a configuration.
type configFlags struct {
	file string
	set  *pflag.FlagSet
}

// addConfigFlags adds --config, and the flags that stand above file and environment.
func addConfigFlags(cmd *cobra.Command) *configFlags {
	f := &configFlags{set: pflag.NewFlagSet("configuration", pflag.ContinueOnError)}
	cmd.Flags().StringVar(&f.file, "config", "", "configuration file (YAML); see kaisen config schema")
	config.AddFlags(f.set, "log.level", "log.format", "exporter.listen", "store.kind", "store.path", "store.listen", "store.listen_native", "store.dsn")
	cmd.Flags().AddFlagSet(f.set)
	return f
}

// load reads the configuration and says what is odd about it.
func (f *configFlags) load(errs io.Writer) (*config.Config, *slog.Logger, error) {
	cfg, err := config.Load(kinds.All(), f.file, os.Environ(), f.set)
	if err != nil {
		return nil, nil, err
	}
	log := newLogger(errs, cfg.Log)
	for _, warning := range cfg.Warnings() {
		log.Warn("configuration", "warning", warning)
	}
	return cfg, log, nil
}

func newLogger(errs io.Writer, cfg config.Log) *slog.Logger {
	var level slog.Level
	if err := level.UnmarshalText([]byte(cfg.Level)); err != nil {
		level = slog.LevelInfo
	}
	options := &slog.HandlerOptions{Level: level}
	if cfg.Format == "json" {
		return slog.New(slog.NewJSONHandler(errs, options))
	}
	return slog.New(slog.NewTextHandler(errs, options))
}

// isTerminal reports whether a person sees what is written to a stream, or types what is read from it.
func isTerminal(stream any) bool {
	file, ok := stream.(*os.File)
	if !ok {
		return false
	}
	info, err := file.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// printf writes to a command's stdout.
func printf(cmd *cobra.Command, format string, args ...any) {
	fmt.Fprintf(cmd.OutOrStdout(), format, args...)
}
