package schema

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestGrantsFile compares grants.sql with the roles. `KAISEN_UPDATE=1 go test ./schema -run TestGrantsFile` writes it.
func TestGrantsFile(t *testing.T) {
	const file = "grants.sql"
	roles, err := Roles("kaisen", 16_000_000_000)
	if err != nil {
		t.Fatal(err)
	}
	text := grantsFile(roles)
	if os.Getenv("KAISEN_UPDATE") != "" {
		if err := os.WriteFile(file, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), text); diff != "" {
		t.Errorf("%s (-file +roles); KAISEN_UPDATE=1 writes it:\n%s", file, diff)
	}
}

const grantsHead = `-- Roles for those who share the database kaisen on a ClickHouse server. Written from schema/roles.go and from the
-- comments of the columns. Run it as an administrator after ` + "`kaisen migrate`" + `, again after every upgrade, and grant the
-- roles to users of your own:
--
--     CREATE USER kaisen IDENTIFIED WITH sha256_password BY '…';
--     GRANT kaisen_writer TO kaisen;
--
-- Where the database has another name, replace ` + "`kaisen.`" + ` below. On a cluster add ON CLUSTER to every statement, also to
-- those at the end, which are for clusters alone. What a role had before is taken back first, so that an upgrade that calls
-- a column personal data closes it. The embedded engine needs none of this: its accounts have the same rights.
--
-- Readers: readonly = 2, because clients send settings with their questions; what must hold is CONST or has a MAX. The time
-- may be chosen, but not be 0, which would be none; clients with a deadline send it with some seconds on top. final = 1
-- reads everything as with FINAL, so that no row counts twice. Bytes are for a server of 16 GB: change them to yours.
`

func grantsFile(roles []Role) string {
	var b, clusters strings.Builder
	b.WriteString(grantsHead)
	for _, role := range roles {
		fmt.Fprintf(&b, "\n%s\nCREATE ROLE IF NOT EXISTS %s;\n", wrapped(role.Name+" "+role.About), role.Name)
		fmt.Fprintf(&b, "REVOKE ALL ON *.* FROM %s;\n", role.Name)
		if len(role.Settings) > 0 {
			var settings []string
			for _, s := range role.Settings {
				if s.Value != "" {
					s.Value = "= " + s.Value
				}
				settings = append(settings, strings.Join(strings.Fields(s.Name+" "+s.Value+" "+s.Bound), " "))
			}
			fmt.Fprintf(&b, "ALTER ROLE %s SETTINGS %s;\n", role.Name, strings.Join(settings, ", "))
		}
		for _, grant := range append(role.Grants, role.Server...) {
			fmt.Fprintf(&b, "GRANT %s TO %s;\n", grant, role.Name)
		}
		for _, grant := range role.Cluster {
			fmt.Fprintf(&clusters, "GRANT %s TO %s;\n", grant, role.Name)
		}
	}
	return b.String() + "\n-- For a cluster: the tables that lie on each server, under the Distributed ones.\n" + clusters.String()
}

// wrapped is a comment in lines of at most 120 characters.
func wrapped(text string) string {
	line := "--"
	var lines []string
	for _, word := range strings.Fields(text) {
		if len(line)+len(word) > 118 {
			lines, line = append(lines, line), "--"
		}
		line += " " + word
	}
	return strings.Join(append(lines, line), "\n")
}
