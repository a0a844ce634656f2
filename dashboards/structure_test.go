package dashboards

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestDashboardsAreWhole looks at what Grafana needs of a dashboard, and people of a panel.
func TestDashboardsAreWhole(t *testing.T) {
	uids := map[string]bool{}
	for _, m := range installed(t) {
		if uids[m.UID] {
			t.Errorf("%s is there twice", m.UID)
		}
		uids[m.UID] = true
	}
	for _, m := range installed(t) {
		t.Run(m.UID, func(t *testing.T) {
			if m.ID != nil || m.SchemaVersion != 42 || m.Title == "" || m.Description == "" || !slices.Contains(m.Tags, "kaisen") {
				t.Errorf("id %v, schemaVersion %d, title %q, description %q, tags %v", m.ID, m.SchemaVersion, m.Title, m.Description, m.Tags)
			}
			for _, p := range m.pictures() {
				p.check(t, m.store())
			}
			m.checkGrid(t)
			m.checkVariables(t)
			m.checkLinks(t, uids)
		})
	}
}

// check is what every panel must have.
func (p panelBox) check(t *testing.T, s store) {
	t.Helper()
	if p.Title == "" || !strings.HasSuffix(p.Description, ".") {
		t.Errorf("panel %d: title %q, description %q", p.ID, p.Title, p.Description)
	}
	if d := p.FieldConfig.Defaults; d.Unit == "" || !strings.HasSuffix(d.NoValue, ".") && !strings.HasSuffix(d.NoValue, "?") {
		t.Errorf("%s: unit %q, when empty %q", p.Title, d.Unit, d.NoValue)
	}
	if p.Type == string(table) && len(p.FieldConfig.Overrides) == 0 {
		t.Errorf("%s: a table without columns", p.Title)
	}
	for _, o := range p.FieldConfig.Overrides {
		if !slices.ContainsFunc(o.Properties, func(p property) bool { return p.ID == "unit" }) {
			t.Errorf("%s: column %s has no unit", p.Title, o.Matcher.Options)
		}
	}
	if len(p.Targets) == 0 || *p.Datasource != s.reference() {
		t.Errorf("%s: %d queries, data source %v", p.Title, len(p.Targets), p.Datasource)
	}
	for i, q := range p.Targets {
		if q.RefID != string(rune('A'+i)) || q.Datasource != s.reference() {
			t.Errorf("%s: query %s of %v", p.Title, q.RefID, q.Datasource)
		}
		if strings.Contains(q.RawSQL, "today()") || strings.Contains(q.RawSQL, "yesterday()") {
			t.Errorf("%s: query %s asks for the day of the server's time zone, not of the carrier's", p.Title, q.RefID)
		}
		if (q.Expr == "") == (s == prometheus()) || (q.RawSQL == "") == (s == clickhouse()) {
			t.Errorf("%s: query %s is no query of %s", p.Title, q.RefID, s.label)
		}
		if s == prometheus() && p.Type != string(table) && len(p.Targets) > 1 && q.LegendFormat == "" {
			t.Errorf("%s: query %s has no legend", p.Title, q.RefID)
		}
	}
}

// checkGrid: panels fill 24 columns without a hole, none upon another, each with a number of its own.
func (m model) checkGrid(t *testing.T) {
	t.Helper()
	taken, lowest := map[[2]int]string{}, 0
	ids := map[int]bool{}
	for _, p := range m.Panels {
		if ids[p.ID] || p.ID == 0 {
			t.Errorf("%s: id %d", p.Title, p.ID)
		}
		ids[p.ID] = true
		g := p.GridPos
		if g.X < 0 || g.W < 1 || g.H < 1 || g.X+g.W > 24 {
			t.Errorf("%s: at %+v", p.Title, g)
		}
		lowest = max(lowest, g.Y+g.H)
		for x := g.X; x < g.X+g.W; x++ {
			for y := g.Y; y < g.Y+g.H; y++ {
				if other := taken[[2]int{x, y}]; other != "" {
					t.Fatalf("%s lies upon %s", p.Title, other)
				}
				taken[[2]int{x, y}] = p.Title
			}
		}
	}
	for y := range lowest {
		for x := range 24 {
			if taken[[2]int{x, y}] == "" {
				t.Errorf("a hole at column %d of line %d, beside %s", x, y, taken[[2]int{0, y}])
				break
			}
		}
	}
}

// variablePattern finds ${name}, ${name:format} and $name, but neither Grafana's own (__) nor the macros.
var variablePattern = regexp.MustCompile(`\$\{([a-z]\w*)(?::\w+)?\}|\$([a-z]\w*)`)

// checkVariables: what is used is defined, further up where another variable uses it, and what is defined is used.
func (m model) checkVariables(t *testing.T) {
	t.Helper()
	defined, used := map[string]bool{}, map[string]bool{}
	use := func(where, text string) {
		for _, match := range variablePattern.FindAllStringSubmatch(text, -1) {
			name := match[1] + match[2]
			used[name] = true
			if !defined[name] {
				t.Errorf("%s uses $%s, which is not defined", where, name)
			}
		}
	}
	for i, v := range m.Templating.List {
		if (v.Type == "datasource") != (i == 0) {
			t.Errorf("variable %d is %s %s; the data source is the first and only one", i, v.Type, v.Name)
		}
		if v.Type == "query" {
			use("variable "+v.Name, v.Definition+v.Datasource.UID)
		}
		defined[v.Name] = true
	}
	for _, p := range m.pictures() {
		for _, q := range p.Targets {
			use(p.Title, q.Expr+q.RawSQL+q.LegendFormat+q.Datasource.UID)
		}
	}
	for name := range defined {
		if !used[name] {
			t.Errorf("nobody uses variable %s", name)
		}
	}
}

// checkLinks: they lead to dashboards that are there, and set variables that those have.
func (m model) checkLinks(t *testing.T, uids map[string]bool) {
	t.Helper()
	var addresses []string
	for _, l := range m.Links {
		addresses = append(addresses, l.URL)
	}
	if len(m.Links) != len(uids) {
		t.Errorf("%d links at the head, want one for each of %d dashboards", len(m.Links), len(uids))
	}
	for _, p := range m.pictures() {
		for _, o := range p.FieldConfig.Overrides {
			columns := map[string]bool{}
			for _, other := range p.FieldConfig.Overrides {
				columns[other.Matcher.Options] = true
			}
			for _, one := range o.Properties {
				if one.ID != "links" {
					continue
				}
				address := one.Value.([]any)[0].(map[string]any)["url"].(string)
				addresses = append(addresses, address)
				for _, field := range regexp.MustCompile(`__data\.fields\.(\w+)`).FindAllStringSubmatch(address, -1) {
					if !columns[field[1]] {
						t.Errorf("%s: the link of %s needs column %s", p.Title, o.Matcher.Options, field[1])
					}
				}
			}
		}
	}
	for _, address := range addresses {
		uid, query, _ := strings.Cut(strings.TrimPrefix(address, "/d/"), "?")
		if !uids[uid] {
			t.Errorf("a link leads to %s", address)
			continue
		}
		for _, name := range regexp.MustCompile(`var-(\w+)=`).FindAllStringSubmatch(query, -1) {
			if !slices.ContainsFunc(described(t, uid).choices, func(c choice) bool { return c.name == name[1] }) {
				t.Errorf("a link to %s sets variable %s, which it does not have", uid, name[1])
			}
		}
	}
}

func described(t *testing.T, uid string) dashboard {
	t.Helper()
	for _, d := range all() {
		if d.uid == uid {
			return d
		}
	}
	t.Fatal(fmt.Errorf("no dashboard %s", uid))
	return dashboard{}
}

// TestAlertsFindTheirVariables: an alert's link sets variables by name, and so these may not be renamed.
func TestAlertsFindTheirVariables(t *testing.T) {
	for uid, names := range map[string][]string{
		uidLine: {"source", "contract", "line"}, uidPools: {"source", "contract"}, uidSessions: {"source", "contract"}, uidOrders: {"source", "contract"}, uidHealth: nil,
	} {
		for _, name := range names {
			if !slices.ContainsFunc(described(t, uid).choices, func(c choice) bool { return c.name == name }) {
				t.Errorf("%s has no variable %s", uid, name)
			}
		}
	}
}
