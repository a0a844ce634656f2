package dashboards

import (
	"fmt"
	"strings"
	"testing"
	"text/tabwriter"
)

// shown is what a panel had to show.
type shown struct{ dashboard, panel, kind, rows string }

// report prints the table that says of every panel how much it had to show.
func report(t *testing.T, all []shown) {
	t.Helper()
	var text strings.Builder
	table := tabwriter.NewWriter(&text, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "dashboard\tpanel\tkind\trows of each query")
	for _, s := range all {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", s.dashboard, s.panel, s.kind, s.rows)
	}
	if err := table.Flush(); err != nil {
		t.Fatal(err)
	}
	t.Logf("%d panels\n%s", len(all), text.String())
}
