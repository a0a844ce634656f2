package main

import (
	"encoding/json"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"kaisen/collector/carrier"
)

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
