package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"kaisen/internal/app"
	"kaisen/internal/kinds"
	"kaisen/internal/spool"
)

func newSpool() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "spool",
		Short: "What could not be written to the database yet",
	}
	cmd.AddCommand(newSpoolRecover())
	return cmd
}

func newSpoolRecover() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "recover [FILE...]",
		Short: "Store what can be read of a damaged spool",
		Long: "Of a file of the spool that a failing disk has damaged, kaisen sends what it can read when it starts, and keeps a copy,\n" +
			"which kaisen_spool_damaged_files counts; that of a kaisen before segments it moves aside. This finds the rows that can\n" +
			"still be read in it, wherever they lie, and stores them: of the files that are named, or of all such in store.spool.\n" +
			"A service may go on running. Each file is kept, under a name with\n" +
			"recovered in it, and may be deleted then. Rows that the database has already it recognises. Exit code 0 means that all\n" +
			"that was found and can be read is in the database.\n\n" +
			"Where no file is named it also says which files of the spool have batches kept aside, because they were damaged there or\n" +
			"a later kaisen wrote them. The service tries those again at each start.",
		Example: "  kaisen spool recover --config kaisen.yaml\n" +
			"  kaisen spool recover data/spool/run.00000007.log.corrupt-20261128T054325",
	}
	flags := addConfigFlags(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		cfg, log, err := flags.loadStore(cmd.ErrOrStderr())
		if err != nil {
			return err
		}
		var aside []spool.Aside
		if len(args) == 0 {
			if aside, err = spool.KeptAside(cfg.Store.Spool); err != nil {
				return err
			}
		}
		for _, file := range aside {
			printf(cmd, "%s: %d batches of %d bytes cannot be read, and are kept aside in it; kaisen tries them again at each start\n", file.Path, file.Batches, file.Bytes)
		}
		done, err := app.RecoverSpool(cmd.Context(), cfg, kinds.All(), args, log)
		later := 0
		for _, file := range done {
			later += file.Later
			printf(cmd, "%s\n", recoveredText(file))
		}
		switch {
		case err != nil:
			return err
		case later > 0:
			return fmt.Errorf("%d batches were written by a later kaisen: run the same command of that version", later)
		case len(done) == 0 && len(aside) == 0:
			printf(cmd, "no file of %s was damaged\n", cfg.Store.Spool)
		}
		return nil
	}
	return cmd
}

// recoveredText says what came of a file.
func recoveredText(file app.RecoveredFile) string {
	text := fmt.Sprintf("%s: %d rows in %d batches are stored", file.Path, file.Rows, file.Batches)
	if file.Salvaged == (spool.Salvaged{}) {
		text = file.Path + ": there is no row in it that can be read"
	}
	if file.Unreadable > 0 {
		text += fmt.Sprintf("; %d batches cannot be read", file.Unreadable)
	}
	if file.Kept != file.Path {
		text += "; it is kept as " + file.Kept
	}
	return text
}
