package schema

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestComposeGrants compares the account that Grafana has in deploy/compose with the role. `KAISEN_UPDATE=1 go test
// ./schema -run TestComposeGrants` writes it.
func TestComposeGrants(t *testing.T) {
	const file = "../deploy/compose/clickhouse/grafana.xml"
	roles, err := Roles("kaisen", 16_000_000_000)
	if err != nil {
		t.Fatal(err)
	}
	text := composeGrants(roles[len(roles)-1])
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

func composeGrants(role Role) string {
	var values, constraints, grants strings.Builder
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
	return `<!-- Who looks at dashboards reads what is no personal data and changes nothing: the role kaisen_grafana of
     schema/grants.sql, which tells why. Written by a test of schema. -->
<clickhouse>
  <profiles>
    <grafana>
` + values.String() + "      <constraints>\n" + constraints.String() + `      </constraints>
    </grafana>
  </profiles>
  <users>
    <grafana>
      <password from_env="GRAFANA_PASSWORD"/>
      <profile>grafana</profile>
      <quota>default</quota>
      <networks><ip>::/0</ip></networks>
      <grants>
` + grants.String() + `      </grants>
    </grafana>
  </users>
</clickhouse>
`
}
