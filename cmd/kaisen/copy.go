package main

import (
	"errors"
	"fmt"
	"io"
	"net/url"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"kaisen/internal/app"
	"kaisen/internal/config"
	"kaisen/internal/kinds"
	"kaisen/schema/clickhouse/transfer"
)

// copyFlags say where a database is copied to.
type copyFlags struct {
	config, cluster   string
	replicated, merge bool
}

func newCopy() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "copy",
		Short: "Copy the database to a server, or to the shards of a cluster",
		Long: "Makes the database on another server, or brings the one that is there to this version, and copies every table of the\n" +
			"configured store to it. A service may go on running. What the other database has already is found by count and\n" +
			"checksum of each part of each table: a copy that was broken off goes on where it was, and one that is run again brings\n" +
			"what has come since. Nothing is deleted on either side. Every table is compared again at the end; exit code 0 means that\n" +
			"all arrived as it was read. A database that has rows of another kaisen is refused: the two would be mixed.\n\n" +
			"To move: copy while kaisen runs (long), stop kaisen, copy once more (short), and start kaisen with the new store. What\n" +
			"the spool holds goes to the new database then.\n\n" +
			"Others on this machine see the command line: a DSN with a password comes from a file (--to-file, which may be\n" +
			"/dev/stdin), or from a second configuration (--to-config), of which the section store counts and no environment.",
		Example: "  kaisen copy --config kaisen.yaml --to-file /etc/kaisen/server.dsn\n" +
			"  kaisen copy --config kaisen.yaml --to clickhouse://kaisen@db1:9000/kaisen --to-cluster kaisen --to-replicated=false\n" +
			"  kaisen copy --config kaisen.yaml --to-config server.yaml",
		Args: cobra.NoArgs,
	}
	flags := addConfigFlags(cmd)
	f := new(copyFlags)
	cmd.Flags().String("to", "", "address of the other database, clickhouse:// or http(s)://, without a password")
	cmd.Flags().String("to-file", "", "file that holds the address, with its password")
	cmd.Flags().StringVar(&f.config, "to-config", "", "configuration file whose store is the other database")
	cmd.Flags().StringVar(&f.cluster, "to-cluster", "", "with --to or --to-file: name of the cluster, as store.cluster")
	cmd.Flags().BoolVar(&f.replicated, "to-replicated", true, "with --to-cluster: replicated tables, as store.replicated; false for shards alone")
	cmd.Flags().BoolVar(&f.merge, "merge", false, "also into a database that has rows, and none of those that are to be copied")
	cmd.MarkFlagsOneRequired("to", "to-file", "to-config")
	cmd.MarkFlagsMutuallyExclusive("to", "to-file", "to-config")
	cmd.MarkFlagsMutuallyExclusive("to-config", "to-cluster")
	cmd.MarkFlagsMutuallyExclusive("to-config", "to-replicated")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		cfg, log, err := flags.loadStore(cmd.ErrOrStderr())
		if err != nil {
			return err
		}
		other, err := f.store(cmd, cfg.Store)
		if err != nil {
			return err
		}
		result, err := app.Copy(cmd.Context(), cfg, other, f.merge, log)
		writeCopied(cmd.OutOrStdout(), result)
		switch {
		case errors.Is(err, transfer.ErrUnrelated):
			return fmt.Errorf("%w; empty that database, or name another; --merge copies all the same", err)
		case err != nil && len(result.Tables) > 0:
			return fmt.Errorf("%w; what is copied stays, and the same command goes on from there", err)
		case err != nil:
			return err
		case !result.Equal():
			return errors.New("the other database has something else than what was copied: somebody writes to it, as a service that was started on it does; or it had rows of another kaisen before")
		}
		return nil
	}
	return cmd
}

// store is the other database, with the retention of the one that is copied unless its own configuration says another.
func (f *copyFlags) store(cmd *cobra.Command, own config.Store) (config.Store, error) {
	if f.config != "" {
		cfg, err := config.LoadWithoutSources(kinds.All(), f.config, nil, nil)
		if err != nil {
			return config.Store{}, misconfigured(err)
		}
		return cfg.Store, nil
	}
	if err := otherDSN(cmd, &own, "to"); err != nil {
		return config.Store{}, err
	}
	own.Cluster, own.Replicated = f.cluster, f.replicated
	return own, nil
}

// hasPassword reports whether a DSN holds a password, in its user or in its parameters.
func hasPassword(dsn string) bool {
	before, query, _ := strings.Cut(dsn, "?")
	if _, rest, found := strings.Cut(before, "://"); found {
		if at := strings.LastIndexByte(rest, '@'); at >= 0 && strings.Contains(rest[:at], ":") {
			return true
		}
	}
	for pair := range strings.SplitSeq(query, "&") {
		name, _, _ := strings.Cut(pair, "=")
		if name, err := url.QueryUnescape(name); err != nil || strings.EqualFold(name, "password") {
			return true
		}
	}
	return false
}

// writeCopied shows what came of every table.
func writeCopied(out io.Writer, result transfer.Result) {
	if len(result.Tables) == 0 {
		return
	}
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "table\trows\tcopied\tbytes\tseconds\tchecksum\t")
	var all transfer.Table
	for _, t := range result.Tables {
		verdict := "equal"
		if len(t.Differs) > 0 {
			verdict = "DIFFERS in " + strings.Join(t.Differs, ", ")
		}
		if t.Kept > 0 {
			verdict += fmt.Sprintf("; %d rows whose retention is over were left", t.Kept)
		}
		fmt.Fprintf(table, "%s\t%d\t%d\t%d\t%.1f\t%016x\t%s\n", t.Name, t.Rows, t.Sent, t.Bytes, t.Took.Seconds(), t.Checksum, verdict)
		all.Rows, all.Sent, all.Bytes, all.Took = all.Rows+t.Rows, all.Sent+t.Sent, all.Bytes+t.Bytes, all.Took+t.Took
	}
	fmt.Fprintf(table, "%d tables\t%d\t%d\t%d\t%.1f\t\t\n", len(result.Tables), all.Rows, all.Sent, all.Bytes, all.Took.Seconds())
	table.Flush()
	for _, name := range result.Foreign {
		fmt.Fprintf(out, "%s is no table of kaisen's, and was not copied\n", name)
	}
	fmt.Fprintf(out, "took %s\n", all.Took.Round(time.Second))
}
