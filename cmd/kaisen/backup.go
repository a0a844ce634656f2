package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"kaisen/internal/app"
	"kaisen/internal/backup"
)

func newBackup() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "backup",
		Short: "Save the embedded database to a file, while kaisen runs",
		Long: "Writes every table of the embedded database, as it is at this moment, into an archive from which kaisen restore makes\n" +
			"the database again. A service may go on running, and the data folder needs no room for it. An archive has line numbers\n" +
			"and other personal data, and only its owner may read it. Passwords of the engine's accounts are not in it, nor are rows\n" +
			"that wait in store.spool for the database: as a rule there are none.\n\n" +
			"A folder gets a file whose name has the time; - is stdout. A server's database is saved by its own BACKUP DATABASE.",
		Example: "  kaisen backup --config kaisen.yaml --to /var/backups\n" +
			"  docker compose exec -T kaisen kaisen backup --to - > kaisen.tar",
		Args: cobra.NoArgs,
	}
	flags := addConfigFlags(cmd)
	to := cmd.Flags().String("to", "", "file, folder, or - for stdout")
	cmd.MarkFlagRequired("to")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if *to == "" { // as a variable is that was not set
			return misuse(errors.New("--to is empty"))
		}
		cfg, log, err := flags.loadStore(cmd.ErrOrStderr())
		if err != nil {
			return err
		}
		if *to == "-" {
			if isTerminal(cmd.OutOrStdout()) {
				return misuse(errors.New("--to -: an archive is nothing for a terminal; send it into a file"))
			}
			signal.Ignore(syscall.SIGPIPE) // where nobody reads any more, what the engine has frozen is still to be removed
			_, err := app.Backup(cmd.Context(), cfg, orUnknown(buildInfo().version), cmd.OutOrStdout(), log)
			return err
		}
		path := backupPath(*to, time.Now())
		var made backup.Manifest
		if err := writeFile(path, func(out io.Writer) (err error) {
			made, err = app.Backup(cmd.Context(), cfg, orUnknown(buildInfo().version), out, log)
			return err
		}); err != nil {
			return err
		}
		printf(cmd, "%s: %d tables, %d rows (%d bytes of data), at migration %s\n", path, len(made.Tables), made.Rows, made.Bytes, made.LastStep)
		return nil
	}
	return cmd
}

// backupPath is the file to write: one with the time in its name where a folder is given.
func backupPath(to string, now time.Time) string {
	if info, err := os.Stat(to); err == nil && info.IsDir() {
		return filepath.Join(to, "kaisen-"+now.UTC().Format("20060102T150405Z")+".tar")
	}
	return to
}

// writeFile writes a new file, which has its name once it is whole and on the disk.
func writeFile(path string, write func(io.Writer) error) error {
	if _, err := os.Stat(path); err == nil {
		return fmt.Errorf("%s is there already", path)
	}
	folder := filepath.Dir(path)
	if _, err := os.Stat(folder); errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("--to %s: there is no folder %s", path, folder)
	}
	draft, err := os.CreateTemp(folder, filepath.Base(path)+".partial-") // mode 0600
	if err != nil {
		return err
	}
	defer os.Remove(draft.Name())
	err = write(draft)
	if err := errors.Join(err, draft.Sync(), draft.Close()); err != nil {
		return err
	}
	return os.Rename(draft.Name(), path)
}

func newRestore() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "restore",
		Short: "Make the embedded database from a backup",
		Long: "Makes the database of an archive that kaisen backup has written, in a store.path that has none yet, and brings it to this\n" +
			"version; with --replace, the folder that is there is moved aside and kept. Every file is compared with its checksum and\n" +
			"every table with its number of rows. A backup of a later version is refused: its database knows what this kaisen does\n" +
			"not. Passwords of the engine's accounts are made anew where store.path has none. kaisen must not run meanwhile. One that\n" +
			"was broken off is run again. Where nobody else gives files back to the user that kaisen runs as, run it as that one.",
		Example: "  kaisen restore --config kaisen.yaml --from kaisen-20261128T001500Z.tar\n" +
			"  kaisen restore --config kaisen.yaml --replace --from - < kaisen.tar",
		Args: cobra.NoArgs,
	}
	flags := addConfigFlags(cmd)
	from := cmd.Flags().String("from", "", "file, or - for stdin")
	replace := cmd.Flags().Bool("replace", false, "move the folder aside that has a database already, to PATH.before-TIME")
	cmd.MarkFlagRequired("from")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if *from == "" {
			return misuse(errors.New("--from is empty"))
		}
		cfg, log, err := flags.loadStore(cmd.ErrOrStderr())
		if err != nil {
			return err
		}
		in := cmd.InOrStdin()
		if *from != "-" {
			file, err := os.Open(*from)
			if err != nil {
				return fmt.Errorf("--from: %w", err)
			}
			defer file.Close()
			in = file
		}
		made, err := app.Restore(cmd.Context(), cfg, in, *replace, log)
		if err != nil {
			return err
		}
		printf(cmd, "%s has the database of %s: %d tables, %d rows; it was at migration %s, and is of this version now\n",
			cfg.Store.Path, made.Made.Local().Format(time.DateTime), len(made.Tables), made.Rows, made.LastStep)
		return nil
	}
	return cmd
}
