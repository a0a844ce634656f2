package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"kaisen/collector"
	"kaisen/internal/capacity"
	"kaisen/internal/config"
	"kaisen/internal/kinds"
	"kaisen/schema"
)

func newConfig() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "config",
		Short:   "Check the configuration, show what is in force, or print its JSON Schema",
		Example: "  kaisen config check --config kaisen.yaml",
	}
	cmd.AddCommand(newConfigCheck(), newConfigPrint(), newConfigSchema())
	return cmd
}

func newConfigCheck() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "check",
		Short:   "List everything that is wrong with the configuration, for a service",
		Example: "  kaisen config check --config kaisen.yaml",
		Args:    cobra.NoArgs,
	}
	flags := addConfigFlags(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		cfg, _, err := flags.loadSources(config.Check, cmd.ErrOrStderr())
		if err != nil {
			return err
		}
		room, err := capacity.Room(cfg, kinds.All())
		if err != nil {
			return err
		}
		printf(cmd, "the configuration is good: %d sources, store %s\n%s\n", len(cfg.Sources), cfg.Store.Kind, room)
		return nil
	}
	return cmd
}

func newConfigPrint() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "print",
		Short:   "Show the values in force after file, environment and flags; secrets are hidden",
		Example: "  kaisen config print --config kaisen.yaml",
		Args:    cobra.NoArgs,
	}
	flags := addConfigFlags(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		cfg, _, err := flags.load(cmd.ErrOrStderr())
		if err != nil {
			return err
		}
		return cfg.Print(kinds.All(), cmd.OutOrStdout())
	}
	return cmd
}

func newConfigSchema() *cobra.Command {
	return &cobra.Command{
		Use:     "schema",
		Short:   "Print the JSON Schema of the configuration file, for editors",
		Example: "  kaisen config schema > kaisen.schema.json",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			text, err := config.Schema(kinds.All())
			if err != nil {
				return fmt.Errorf("JSON Schema: %w", err)
			}
			printf(cmd, "%s\n", text)
			return nil
		},
	}
}

// configFlags are the flags of every command that reads a configuration.
type configFlags struct {
	file  string
	set   *pflag.FlagSet
	level slog.LevelVar // the least that is logged, once load has read it
}

// addConfigFlags adds --config, and the flags that stand above file and environment.
func addConfigFlags(cmd *cobra.Command) *configFlags {
	return addConfigFlagsOf(cmd, "log.level", "log.format", "exporter.listen", "store.kind", "store.path", "store.listen", "store.listen_native", "store.dsn")
}

// addConfigFileFlags is addConfigFlags for a command that needs no store and no exporter.
func addConfigFileFlags(cmd *cobra.Command) *configFlags {
	return addConfigFlagsOf(cmd, "log.level", "log.format")
}

func addConfigFlagsOf(cmd *cobra.Command, keys ...string) *configFlags {
	f := &configFlags{set: pflag.NewFlagSet("configuration", pflag.ContinueOnError)}
	cmd.Flags().StringVar(&f.file, "config", "", "configuration file (YAML), see kaisen config schema; without it /etc/kaisen/kaisen.yaml, or else kaisen.yaml")
	config.AddFlags(f.set, keys...)
	cmd.Flags().AddFlagSet(f.set)
	return f
}

// defaultConfigFiles are where the configuration is looked for that no flag names: where the package has put it, and where
// the user stands.
func defaultConfigFiles() []string { return []string{"/etc/kaisen/kaisen.yaml", "kaisen.yaml"} }

// configFile is the file to read: the one that was named, or the first of the others that is there, and whether it is one
// of those. One that is there and may not be read is not passed over: another configuration would be in force than the
// administrator's.
func configFile(named string, others []string) (file string, found bool) {
	if named != "" {
		return named, false
	}
	for _, file := range others {
		if _, err := os.Stat(file); !errors.Is(err, fs.ErrNotExist) {
			return file, true
		}
	}
	return "", false
}

// load reads the configuration, and says where it was found and what is odd about it.
func (f *configFlags) load(errs io.Writer) (*config.Config, *slog.Logger, error) {
	return f.loadBy(config.Load, errs)
}

// loadStore is load for a command that asks the store or the exporter alone: an analyst may read no secret of the carrier's.
func (f *configFlags) loadStore(errs io.Writer) (*config.Config, *slog.Logger, error) {
	return f.loadBy(config.LoadWithoutSources, errs)
}

// loadSources is loadBy for a command that talks to the carrier.
func (f *configFlags) loadSources(load loader, errs io.Writer) (*config.Config, *slog.Logger, error) {
	cfg, log, err := f.loadBy(load, errs)
	if err != nil {
		return nil, nil, err
	}
	if err := cfg.RequireSources(); err != nil {
		return nil, nil, f.saying(err)
	}
	return cfg, log, nil
}

// saying has an error say that no file was found, or else whoever stands in the wrong folder looks for a mistake in a good one.
func (f *configFlags) saying(err error) error {
	if file, _ := configFile(f.file, defaultConfigFiles()); file == "" {
		err = fmt.Errorf("no --config, and no file %s: %w", strings.Join(defaultConfigFiles(), " or "), err)
	}
	return misconfigured(err)
}

// loader is one of the functions Load of the package config.
type loader func(collector.Kinds, string, []string, *pflag.FlagSet) (*config.Config, error)

func (f *configFlags) loadBy(load loader, errs io.Writer) (*config.Config, *slog.Logger, error) {
	file, found := configFile(f.file, defaultConfigFiles())
	cfg, err := load(kinds.All(), file, os.Environ(), f.set)
	if err != nil {
		return nil, nil, f.saying(err)
	}
	f.level.Set(levelOf(cfg.Log))
	log := newLoggerAt(errs, cfg.Log.Format, &f.level)
	if found {
		log.Info("configuration", "file", file)
	}
	for _, warning := range cfg.Warnings() {
		log.Warn("configuration", "warning", warning)
	}
	return cfg, log, nil
}

// pin makes the file that was found the one that is read from now on: another may be put before it.
func (f *configFlags) pin() { f.file, _ = configFile(f.file, defaultConfigFiles()) }

func newLogger(errs io.Writer, cfg config.Log) *slog.Logger {
	return newLoggerAt(errs, cfg.Format, levelOf(cfg))
}

func levelOf(cfg config.Log) (level slog.Level) {
	if err := level.UnmarshalText([]byte(cfg.Level)); err != nil {
		level = slog.LevelInfo
	}
	return level
}

func newLoggerAt(errs io.Writer, format string, level slog.Leveler) *slog.Logger {
	options := &slog.HandlerOptions{Level: level, ReplaceAttr: maskedAttr}
	if format == "json" {
		return slog.New(slog.NewJSONHandler(errs, options))
	}
	return slog.New(slog.NewTextHandler(errs, options))
}

// maskedAttr hides line numbers in whatever is logged, also where an error repeats what a carrier, a proxy or a database
// said: a log is read and kept by others than the lines are meant for.
func maskedAttr(_ []string, a slog.Attr) slog.Attr {
	switch a.Value.Kind() {
	case slog.KindString, slog.KindAny:
		text := a.Value.String()
		if masked := schema.MaskLines(text); masked != text {
			return slog.String(a.Key, masked)
		}
	}
	return a
}
