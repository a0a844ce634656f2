package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

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
			"  kaisen migrate --config kaisen.yaml --dsn-file admin.dsn\n" +
			"  kaisen migrate --print --all",
		Args: cobra.NoArgs,
	}
	flags := addConfigFlags(cmd)
	show := cmd.Flags().Bool("print", false, "show the SQL and change nothing")
	all := cmd.Flags().Bool("all", false, "with --print: every migration, without looking at a database")
	cmd.Flags().String("dsn", "", "server and user to migrate with, instead of store.dsn, without a password: the service's own user may then do without the rights")
	cmd.Flags().String("dsn-file", "", "file that holds such an address, with its password; /dev/stdin is one")
	cmd.MarkFlagsMutuallyExclusive("dsn", "dsn-file")
	cmd.RunE = func(cmd *cobra.Command, _ []string) (err error) {
		cfg, log, err := flags.loadStore(cmd.ErrOrStderr())
		if err != nil {
			return err
		}
		if err := otherDSN(cmd, &cfg.Store, "dsn"); err != nil {
			return err
		}
		if *all {
			if !*show {
				return misuse(errors.New("--all goes with --print; without either, what the database lacks is applied"))
			}
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

// otherDSN takes the address that the flags name and name-file give in place of the configuration's.
func otherDSN(cmd *cobra.Command, store *config.Store, name string) error {
	dsn, file := cmd.Flags().Lookup(name), cmd.Flags().Lookup(name+"-file")
	if !dsn.Changed && !file.Changed {
		return nil
	}
	for _, flag := range []*pflag.Flag{dsn, file} {
		if flag.Changed && flag.Value.String() == "" { // as a variable is that was not set
			return misuse(fmt.Errorf("--%s is empty", flag.Name))
		}
	}
	if hasPassword(dsn.Value.String()) {
		return misuse(fmt.Errorf("--%[1]s has a password, which others on this machine can see: put the address into a file, and name that with --%[1]s-file", name))
	}
	store.Kind, store.DSN, store.DSNFile = config.StoreClickHouse, config.NewDSN(dsn.Value.String()), file.Value.String()
	if _, err := store.ReadDSN(); err != nil {
		return misuse(fmt.Errorf("--%s-file: %w", name, err))
	}
	return nil
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
