package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"kaisen/internal/app"
	"kaisen/internal/report"
)

// reportFlags are the flags of kaisen report.
type reportFlags struct{ month, format, language, out, by string }

func newReport() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "report",
		Short: "Write what a month was: a page to print, or a table for a spreadsheet",
		Long: "Writes the month against the one before, the lines and departments that used most, lines that used next to nothing for\n" +
			"three months, plans that are far too large or too small, restricted hours, and how share groups were used: as HTML that\n" +
			"prints on A4, or as CSV with a row a line. Its figures are those of the views line_months, pool_months and plan_fit, with the\n" +
			"restricted hours that the carrier told of before there was a sample, as restriction_episodes has them, and it says where\n" +
			"kaisen saw only a part of the month. It names lines by their numbers: keep it as you keep the database.",
		Example: "  kaisen report --config kaisen.yaml --month 2026-10 --out october.html\n" +
			"  kaisen report --month 2026-10 --lang ja > 2026-10.html\n" +
			"  kaisen report --format csv --by owner --out last-month.csv",
		Args: cobra.NoArgs,
	}
	flags := addConfigFlags(cmd)
	f := new(reportFlags)
	cmd.Flags().StringVar(&f.month, "month", "", "the month, as `2026-10`; default the last one that has ended")
	cmd.Flags().StringVar(&f.format, "format", "html", "html or csv")
	cmd.Flags().StringVar(&f.language, "lang", report.Languages()[0], "language of the HTML: "+strings.Join(report.Languages(), " or "))
	cmd.Flags().StringVar(&f.out, "out", "", "write to this `file` instead of stdout")
	cmd.Flags().StringVar(&f.by, "by", "", "`column` of labels_file that departments are in; default "+report.DefaultBy+", where there is one")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if err := f.check(cmd); err != nil {
			return misuse(err)
		}
		cfg, log, err := flags.loadStore(cmd.ErrOrStderr())
		if err != nil {
			return err
		}
		zone, err := cfg.Location()
		if err != nil {
			return err
		}
		options := report.Options{By: f.by, Now: time.Now()}
		if options.Month, err = f.monthIn(zone, options.Now); err != nil {
			return misuse(err)
		}
		db, closeAll, err := app.OpenDatabase(cmd.Context(), cfg, false, log)
		if err != nil {
			return err
		}
		made, err := report.Read(cmd.Context(), db, options)
		if err = errors.Join(err, closeAll()); err != nil {
			return err
		}
		return f.write(made, cmd.OutOrStdout())
	}
	return cmd
}

// check refuses what is no format or language before the database is opened, and a page on a terminal.
func (f *reportFlags) check(cmd *cobra.Command) error {
	switch {
	case f.format != "html" && f.format != "csv":
		return fmt.Errorf("--format %q: there are html and csv", f.format)
	case !slices.Contains(report.Languages(), f.language):
		return fmt.Errorf("--lang %q: there are %s", f.language, strings.Join(report.Languages(), " and "))
	case f.format == "html" && f.out == "" && isTerminal(cmd.OutOrStdout()):
		return errors.New("HTML on a terminal is for nobody: --out FILE")
	}
	return nil
}

// monthIn is the month that is asked for; its last day has passed unless it was named.
func (f *reportFlags) monthIn(zone *time.Location, now time.Time) (time.Time, error) {
	if f.month == "" {
		now = now.In(zone)
		return time.Date(now.Year(), now.Month()-1, 1, 0, 0, 0, 0, zone), nil
	}
	month, err := time.ParseInLocation("2006-01", f.month, zone)
	if err != nil {
		return month, fmt.Errorf("--month %q: want a month such as 2026-10", f.month)
	}
	return month, nil
}

// write writes the report to its file, which only its owner may read, or to stdout.
func (f *reportFlags) write(made *report.Report, stdout io.Writer) error {
	if f.out == "" {
		return f.writeTo(stdout, made)
	}
	file, err := os.OpenFile(f.out, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return fmt.Errorf("--out: %w", err)
	}
	return errors.Join(f.writeTo(file, made), file.Close())
}

func (f *reportFlags) writeTo(out io.Writer, made *report.Report) error {
	buffered := bufio.NewWriter(out)
	if f.format == "csv" {
		return errors.Join(made.WriteCSV(buffered), buffered.Flush())
	}
	return errors.Join(made.WriteHTML(buffered, f.language), buffered.Flush())
}
