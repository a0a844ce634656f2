package main

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

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
		cfg, log, err := flags.loadSources(config.Load, cmd.ErrOrStderr())
		if err != nil {
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

// probePage is what a first contact with an account has shown, for people.
func probePage(r probing.Report) string {
	var b strings.Builder
	fmt.Fprintf(&b, "Account %s: %s\n", r.Source, r.API)
	fmt.Fprintf(&b, "  base_url   %s\n  token_url  %s, token_style %s\n", r.BaseURL, r.TokenURL, r.TokenStyle)
	fmt.Fprintf(&b, "  asked      %s, %d of at most %d requests in %s\n", r.StartedAt.Format(time.DateTime+" MST"), r.Requests, r.MostRequests,
		(time.Duration(r.TookMS) * time.Millisecond).String())
	if r.Stopped != "" {
		fmt.Fprintf(&b, "  stopped    %s\n", r.Stopped)
	}
	writeOperations(&b, r.Operations)
	writeFindings(&b, r.Findings)
	section(&b, "Forms met", "none", len(r.Forms), func(i int) string {
		f := r.Forms[i]
		text := strings.TrimSpace(f.Form+" "+f.Operation) + ": " + f.Detail
		if f.Times > 1 {
			text += fmt.Sprintf(" (%d times)", f.Times)
		}
		return text
	})
	section(&b, "What the configuration needs", "nothing that was found", len(r.Needs), func(i int) string {
		n := r.Needs[i]
		return n.Key + ": " + n.Found + "; " + n.Advice
	})
	if r.NeededPerHour > 0 {
		allowed := "any number"
		if r.AllowedPerHour > 0 {
			allowed = fmt.Sprintf("%.0f", r.AllowedPerHour)
		}
		fmt.Fprintf(&b, "  The jobs need %.0f requests an hour; rate_limit allows %s.\n", r.NeededPerHour, allowed)
	}
	section(&b, "What could not be found out", "nothing", len(r.Unknown), func(i int) string {
		u := r.Unknown[i]
		return prefixed(u.ContractID) + u.What + ": " + u.Why
	})
	return b.String()
}

// prefixed is a contract before what is said of it.
func prefixed(contract string) string {
	if contract == "" {
		return ""
	}
	return contract + " "
}

// section writes a headline with a line for each item.
func section(b *strings.Builder, title, none string, n int, item func(i int) string) {
	fmt.Fprintf(b, "\n%s\n", title)
	if n == 0 {
		fmt.Fprintf(b, "  %s\n", none)
	}
	for i := range n {
		fmt.Fprintf(b, "  %s\n", item(i))
	}
}

// writeOperations writes the table of what answers.
func writeOperations(b *strings.Builder, operations []probing.Operation) {
	b.WriteString("\nWhat answers\n")
	t := tabwriter.NewWriter(b, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "  CONTRACT\tNO.\tOPERATION\tJOB\tANSWER\tHTTP\tASKED\tSLOWEST\tROWS\tSIZE")
	for _, o := range operations {
		status := "-"
		if o.Status != 0 {
			status = fmt.Sprint(o.Status)
		}
		outcome := strings.ReplaceAll(o.Outcome, "_", " ")
		fmt.Fprintf(t, "  %s\t%s\t%s\t%s\t%s\t%s\t%d\t%d ms\t%d\t%d B\n", cmp.Or(o.ContractID, "-"), cmp.Or(o.Number, "-"), o.Operation,
			cmp.Or(strings.Join(o.Jobs, ", "), "-"), outcome, status, o.Asked, o.TookMS, o.Rows, o.Bytes)
	}
	_ = t.Flush() // a strings.Builder takes everything
	for _, o := range operations {
		if o.Note != "" {
			fmt.Fprintf(b, "  %s%s: %s\n", prefixed(o.ContractID), o.Operation, o.Note)
		}
	}
}

// writeFindings writes which reading holds, what showed it and what kaisen does about it.
func writeFindings(b *strings.Builder, findings []probing.Finding) {
	b.WriteString("\nWhich reading of the documents holds\n")
	if len(findings) == 0 {
		b.WriteString("  none was found out\n")
	}
	for i, f := range findings {
		if i == 0 || findings[i-1].Reading != f.Reading {
			fmt.Fprintf(b, "  %s: %s\n", f.Reading, f.Question)
		}
		fmt.Fprintf(b, "    %s: %s, %s\n      seen: %s\n", cmp.Or(strings.TrimSpace(f.ContractID+" "+f.Operation), "the account"), f.Value, f.Means, f.Evidence)
		if next := i + 1; next == len(findings) || findings[next].Reading != f.Reading || findings[next].Value != f.Value {
			fmt.Fprintf(b, "    kaisen: %s\n", f.Does)
		}
	}
}
