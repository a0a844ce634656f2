package schema

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestComposeGrants compares the accounts of deploy/compose with the roles. `KAISEN_UPDATE=1 go test ./schema -run
// TestComposeGrants` writes them.
func TestComposeGrants(t *testing.T) {
	roles, err := Roles("kaisen", 16_000_000_000)
	if err != nil {
		t.Fatal(err)
	}
	byName := make(map[string]Role)
	for _, role := range roles {
		byName[role.Name] = role
	}
	for file, text := range map[string]string{
		"kaisen.xml": composeUser("kaisen", "KAISEN_PASSWORD", `kaisen itself writes rows and changes tables, and nothing else: the roles kaisen_writer and
     kaisen_migrator of schema/grants.sql.`, byName[RoleWriter], byName[RoleMigrator]),
		"grafana.xml": composeUser("grafana", "GRAFANA_PASSWORD", `Who looks at dashboards reads what is no personal data and changes nothing: the role kaisen_grafana of
     schema/grants.sql, which tells why.`, byName[RoleGrafana]),
	} {
		file = "../deploy/compose/clickhouse/" + file
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
			t.Errorf("%s (-file +role); KAISEN_UPDATE=1 writes it:\n%s", file, diff)
		}
	}
}

// composeUser is the configuration of an account with roles, as the image of ClickHouse reads it.
func composeUser(name, password, about string, roles ...Role) string {
	var values, constraints, grants strings.Builder
	for _, role := range roles {
		for _, s := range role.Settings {
			if s.Value != "" {
				fmt.Fprintf(&values, "      <%s>%s</%[1]s>\n", s.Name, s.Value)
			}
			var least, most string
			if n, _ := fmt.Sscanf(s.Bound, "MIN %s MAX %s", &least, &most); n == 2 {
				fmt.Fprintf(&constraints, "        <%s><min>%s</min><max>%s</max></%[1]s>\n", s.Name, least, most)
			} else if s.Bound == "CONST" {
				fmt.Fprintf(&constraints, "        <%s><const/></%[1]s>\n", s.Name)
			}
		}
		for _, grant := range role.Grants {
			fmt.Fprintf(&grants, "        <query>GRANT %s</query>\n", grant)
		}
	}
	profile, profiles := "default", ""
	if values.Len() > 0 {
		profile = name
		profiles = "  <profiles>\n    <" + name + ">\n" + values.String() + "      <constraints>\n" + constraints.String() +
			"      </constraints>\n    </" + name + ">\n  </profiles>\n"
	}
	return "<!-- " + about + ` Written by a test of schema. -->
<clickhouse>
` + profiles + `  <users>
    <` + name + `>
      <password from_env="` + password + `"/>
      <profile>` + profile + `</profile>
      <quota>default</quota>
      <networks><ip>::/0</ip></networks>
      <grants>
` + grants.String() + `      </grants>
    </` + name + `>
  </users>
</clickhouse>
`
}
