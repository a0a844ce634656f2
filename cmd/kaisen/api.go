package main

import (
	"encoding/json"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"kaisen/collector/carrier"
	"kaisen/internal/kinds"
)

// operations are all that the carrier's documents describe.
func operations() []carrier.Operation {
	var all []carrier.Operation
	for _, kind := range kinds.All() {
		all = append(all, kind.Operations...)
	}
	return all
}

func newAPI() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "api",
		Short: "Call any one of the carrier's documented operations by hand",
		Long: "Sends one request to the carrier and prints its answer as JSON. Operations that change something show what\n" +
			"they will send and ask first; kaisen itself, as a service, only reads.\n\n" +
			"Beside a running service its requests are not part of that one's rate_limit: only those of the day (daily_requests) are\n" +
			"counted together, where both have the same store.spool. To have the service ask, POST /-/poll?line= of its exporter.",
		Example: "  kaisen api list\n" +
			"  kaisen api unom traffic get 09012345678 --config kaisen.yaml --format table\n" +
			"  kaisen api unom data-volume add 09012345678 --dry-run\n" +
			"  kaisen api ipoe orders create --file order.json",
	}
	cmd.AddCommand(newAPIList())
	for _, kind := range kinds.All() {
		top := branch(cmd, kind.Name, "The "+kind.Title)
		for _, o := range kind.Operations {
			parent, words := top, o.Command
			for ; len(words) > 1; words = words[1:] {
				parent = branch(parent, words[0], "Operations:")
				parent.Short += " " + words[1]
			}
			parent.AddCommand(newAPICall(kind, o, words[0]))
		}
	}
	return cmd
}

// branch is the command of a name below another, made where it is not there yet.
func branch(parent *cobra.Command, name, short string) *cobra.Command {
	for _, child := range parent.Commands() {
		if child.Name() == name {
			return child
		}
	}
	child := &cobra.Command{
		Use: name, Short: short, Example: "  kaisen api list",
		FParseErrWhitelist: cobra.FParseErrWhitelist{UnknownFlags: true}, // a misspelt verb is what to complain of, not its flags
	}
	parent.AddCommand(child)
	return child
}

// listed is an operation as kaisen api list shows it.
type listed struct {
	API      string `json:"api"`
	Command  string `json:"command"`
	Method   string `json:"method"`
	Path     string `json:"path"`
	Document string `json:"document"`
	Changes  bool   `json:"changes"`
	Summary  string `json:"summary"`
}

func newAPIList() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "list",
		Short:   "All operations, with method, path, the document's section, and whether they change anything",
		Example: "  kaisen api list\n  kaisen api list --format json",
		Args:    cobra.NoArgs,
	}
	format := addFormatFlag(cmd, formatTable, formatJSON)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if err := format.check(); err != nil {
			return err
		}
		return writeList(cmd.OutOrStdout(), format.chosen, operations())
	}
	return cmd
}

func writeList(w io.Writer, format string, all []carrier.Operation) error {
	rows := make([]listed, len(all))
	for i, o := range all {
		rows[i] = listed{o.API, strings.Join(o.Command, " "), o.Method, o.Path, o.Document, o.Changes, o.Summary}
	}
	if format == formatJSON {
		return writeJSON(w, rows)
	}
	t := newTable(w, "api", "command", "method", "path", "document", "changes")
	for _, r := range rows {
		changes := "no"
		if r.Changes {
			changes = "yes"
		}
		t.AppendRow([]any{r.API, r.Command, r.Method, r.Path, r.Document, changes})
	}
	t.Render()
	return nil
}

// writeJSON writes a value for people and programs alike: indented, with < > and & as they are.
func writeJSON(w io.Writer, value any) error {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(value)
}
