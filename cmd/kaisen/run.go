package main

import (
	"github.com/spf13/cobra"

	"kaisen/internal/app"
	"kaisen/internal/kinds"
)

func newRun() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "run",
		Short:   "The service: collector, exporter and, unless told otherwise, an embedded ClickHouse",
		Example: "  kaisen run --config kaisen.yaml",
		Args:    cobra.NoArgs,
	}
	flags := addConfigFlags(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		cfg, log, err := flags.load(cmd.ErrOrStderr())
		if err != nil {
			return err
		}
		if err := cfg.RequireSources(); err != nil {
			return err
		}
		build := buildInfo()
		service, err := app.New(cfg, log, app.Options{Kinds: kinds.All(), Version: build.version, Revision: build.revision})
		if err != nil {
			return err
		}
		go newNotifier(service.WaitReady, cfg.Exporter.Listen, log).run(cmd.Context())
		return service.Run(cmd.Context())
	}
	return cmd
}
