package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"kaisen/collector/probing"
	"kaisen/internal/app"
	"kaisen/internal/config"
	"kaisen/internal/kinds"
)

// probeFormat is the number of the form of kaisen probe --format json: it rises when a field is taken away or means
// something else, and stays when one is added.
const probeFormat = 1

// probeResult is what kaisen probe --format json prints.
type probeResult struct {
	Format   int              `json:"format"` // probeFormat
	Version  string           `json:"version"`
	Accounts []probing.Report `json:"accounts"`
}

func newProbe() *cobra.Command {
	var source, format string
	cmd := &cobra.Command{
		Use:   "probe",
		Short: "First contact with an account, read-only: what answers, and how the documents are meant there",
		Long: fmt.Sprintf("Asks each configured account a few questions (%d requests at most, those for tokens included, inside its\n"+
			"rate_limit), and prints what answers, which reading of the carrier's documents holds, which forms were met, what\n"+
			"the configuration needs therefore, and what could not be found out. It only reads, needs no database, stores\n"+
			"nothing, and works beside the service. Line numbers are masked.\n\n"+
			"Exit code 0 means that every operation answered that a job needs.", probing.MostRequests),
		Example: "  kaisen probe --config kaisen.yaml\n  kaisen probe --config kaisen.yaml --source hq --format json | jq '.accounts[].findings'",
		Args:    cobra.NoArgs,
	}
	flags := addConfigFlags(cmd)
	cmd.Flags().StringVar(&source, "source", "", "only this account, by the name of its source")
	cmd.Flags().StringVar(&format, "format", "text", "text or json")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if format != "text" && format != "json" {
			return misuse(fmt.Errorf("--format %s: want text or json", format))
		}
		cfg, log, err := flags.load(cmd.ErrOrStderr())
		if err != nil {
			return err
		}
		if err := cfg.RequireSources(); err != nil {
			return err
		}
		sources := cfg.Sources
		if source != "" {
			if sources = slices.DeleteFunc(slices.Clone(sources), func(s config.Source) bool { return s.Name != source }); len(sources) == 0 {
				return misuse(fmt.Errorf("--source %s: the configuration has no such source, but %s", source, strings.Join(names(cfg.Sources), ", ")))
			}
		}
		build := buildInfo()
		opts := app.Options{Kinds: kinds.All(), Version: build.version, Revision: build.revision}
		result := probeResult{Format: probeFormat, Version: orUnknown(build.version), Accounts: []probing.Report{}}
		var failures []error
		for _, source := range sources {
			report, err := app.Probe(cmd.Context(), cfg, source, log, opts)
			if err != nil {
				failures = append(failures, err)
				continue
			}
			result.Accounts = append(result.Accounts, report)
			failures = append(failures, verdict(report))
		}
		if err := printProbe(cmd, format, result); err != nil {
			return err
		}
		return errors.Join(failures...)
	}
	return cmd
}

// verdict is the error of an account of which not every operation that is needed answered.
func verdict(r probing.Report) error {
	if r.Complete {
		return nil
	}
	var missing []string
	for _, o := range r.Operations {
		if o.Outcome != probing.Answered && (len(o.Jobs) > 0 || o.Outcome == probing.Failed) && !slices.Contains(missing, o.Operation) {
			missing = append(missing, o.Operation)
		}
	}
	why := "not everything that the jobs need has answered: " + strings.Join(missing, ", ")
	if r.Stopped != "" {
		why = r.Stopped + "; " + why
	}
	return fmt.Errorf("source %s: %s", r.Source, why)
}

// printProbe prints the result in a format.
func printProbe(cmd *cobra.Command, format string, result probeResult) error {
	if format == "json" {
		encoder := json.NewEncoder(cmd.OutOrStdout())
		encoder.SetIndent("", "  ")
		encoder.SetEscapeHTML(false)
		return encoder.Encode(result)
	}
	for i, report := range result.Accounts {
		if i > 0 {
			printf(cmd, "\n")
		}
		printf(cmd, "%s", probePage(report))
	}
	return nil
}
