package main

import (
	"github.com/spf13/cobra"

	"kaisen/internal/config"
	"kaisen/schema/chdb"
)

func newClickHouse() *cobra.Command {
	cfg := chdb.DefaultConfig()
	cmd := &cobra.Command{
		Use:   "clickhouse",
		Short: "The embedded ClickHouse alone, over HTTP",
		Long: "Serves ClickHouse's HTTP interface on a folder of its own, for curl, Grafana (protocol HTTP) and DBeaver. There is\n" +
			"no password: keep it on loopback.",
		Example: "  kaisen clickhouse --path ./data --listen 127.0.0.1:8123\n" +
			"  curl 'http://127.0.0.1:8123/?query=SELECT+version()'",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return chdb.Serve(cmd.Context(), cfg, newLogger(cmd.ErrOrStderr(), config.DefaultConfig().Log))
		},
	}
	cmd.Flags().StringVar(&cfg.Path, "path", cfg.Path, "folder with the engine's files")
	cmd.Flags().StringVar(&cfg.Listen, "listen", cfg.Listen, "address of the HTTP interface")
	cmd.Flags().StringVar(&cfg.Database, "database", cfg.Database, "made if it is not there, and the default of queries")
	cmd.Flags().StringVar(&cfg.Library, "library", cfg.Library, "libchdb.so; empty: KAISEN_LIBCHDB, or the one that make engine fetched")
	return cmd
}
