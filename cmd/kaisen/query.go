package main

import (
	"errors"
	"io"

	"github.com/spf13/cobra"

	"kaisen/internal/app"
)

func newQuery() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "query SQL",
		Short: "Run SQL on the configured store",
		Long: "Runs one statement, whether or not a service is running on the store. On a terminal the answer is a table,\n" +
			"otherwise tab-separated; --format takes any of ClickHouse's.",
		Example: "  kaisen query --config kaisen.yaml 'SELECT line_no, restriction FROM line_status LIMIT 10'\n" +
			"  kaisen query --format CSVWithNames 'SELECT * FROM traffic_daily' > daily.csv",
		Args: cobra.ExactArgs(1),
	}
	flags := addConfigFlags(cmd)
	format := cmd.Flags().String("format", "", "a ClickHouse format; default PrettyCompact on a terminal, else TabSeparated")
	cmd.RunE = func(cmd *cobra.Command, args []string) (err error) {
		cfg, log, err := flags.load(cmd.ErrOrStderr())
		if err != nil {
			return err
		}
		db, closeAll, err := app.OpenDatabase(cmd.Context(), cfg.Store, false, log)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, closeAll()) }()
		if *format == "" {
			*format = "TabSeparated"
			if isTerminal(cmd.OutOrStdout()) {
				*format = "PrettyCompact"
			}
		}
		answer, err := db.Query(cmd.Context(), args[0], *format)
		if err != nil {
			return err
		}
		defer answer.Close()
		_, err = io.Copy(cmd.OutOrStdout(), answer)
		return err
	}
	return cmd
}
