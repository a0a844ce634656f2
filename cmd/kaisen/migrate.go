package main

import (
	"errors"

	"github.com/spf13/cobra"

	"kaisen/internal/app"
	"kaisen/schema"
	"kaisen/schema/clickhouse"
)

func newMigrate() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "migrate",
		Short: "Bring the database to this version",
		Long: "Applies the migrations that the database lacks, in order. --print shows their SQL and changes nothing: what a\n" +
			"database lacks where one is reachable, all of them with --all.",
		Example: "  kaisen migrate --config kaisen.yaml\n  kaisen migrate --print --all",
		Args:    cobra.NoArgs,
	}
	flags := addConfigFlags(cmd)
	show := cmd.Flags().Bool("print", false, "show the SQL and change nothing")
	all := cmd.Flags().Bool("all", false, "with --print: every migration, without looking at a database")
	cmd.RunE = func(cmd *cobra.Command, _ []string) (err error) {
		cfg, log, err := flags.load(cmd.ErrOrStderr())
		if err != nil {
			return err
		}
		if *all {
			steps, err := schema.Migrations()
			printf(cmd, "%s", clickhouse.Script(steps))
			return err
		}
		db, closeAll, err := app.OpenDatabase(cmd.Context(), cfg.Store, !*show, log)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, closeAll()) }()
		pending, err := db.Pending(cmd.Context())
		if err != nil {
			return err
		}
		if *show {
			printf(cmd, "%s", clickhouse.Script(pending))
			return nil
		}
		if err := db.Migrate(cmd.Context()); err != nil {
			return err
		}
		printf(cmd, "the database is of this version; %d migrations applied\n", len(pending))
		return nil
	}
	return cmd
}
