package main

import (
	"errors"

	"github.com/spf13/cobra"

	"kaisen/internal/app"
	"kaisen/internal/config"
	"kaisen/schema/clickhouse"
)

func newMigrate() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "migrate",
		Short: "Bring the database to this version",
		Long: "Applies the migrations that the database lacks, in order, and the retention of the configuration. --print shows\n" +
			"the SQL and changes nothing: what a database lacks where one is reachable, all of it with --all.",
		Example: "  kaisen migrate --config kaisen.yaml\n" +
			"  kaisen migrate --config kaisen.yaml --dsn clickhouse://admin@db:9000/kaisen\n" +
			"  kaisen migrate --print --all",
		Args: cobra.NoArgs,
	}
	flags := addConfigFlags(cmd)
	show := cmd.Flags().Bool("print", false, "show the SQL and change nothing")
	all := cmd.Flags().Bool("all", false, "with --print: every migration, without looking at a database")
	dsn := cmd.Flags().String("dsn", "", "server and user to migrate with, instead of store.dsn: the service's own user may then do without the rights")
	cmd.RunE = func(cmd *cobra.Command, _ []string) (err error) {
		cfg, log, err := flags.loadStore(cmd.ErrOrStderr())
		if err != nil {
			return err
		}
		if *dsn != "" {
			cfg.Store.Kind, cfg.Store.DSN, cfg.Store.DSNFile = config.StoreClickHouse, config.NewDSN(*dsn), ""
		}
		if *all {
			script, err := wholeScript(cfg.Store)
			printf(cmd, "%s", script)
			return err
		}
		db, closeAll, err := app.OpenDatabase(cmd.Context(), cfg, !*show, log)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, closeAll()) }()
		steps, err := db.Pending(cmd.Context())
		if err != nil {
			return err
		}
		if *show {
			rules, err := db.PendingRetention(cmd.Context())
			if err != nil {
				return err
			}
			script, err := clickhouse.Script(app.Layout(cfg.Store), steps, rules)
			printf(cmd, "%s", script)
			return err
		}
		if err := db.Migrate(cmd.Context()); err != nil {
			return err
		}
		printf(cmd, "the database is of this version; %d migrations applied\n", len(steps))
		return nil
	}
	return cmd
}

// wholeScript makes a new database.
func wholeScript(store config.Store) (string, error) {
	layout := app.Layout(store)
	steps, err := clickhouse.Steps(layout)
	if err != nil {
		return "", err
	}
	rules, err := app.Retention(store).Statements(layout)
	if err != nil {
		return "", err
	}
	return clickhouse.Script(layout, steps, rules)
}
