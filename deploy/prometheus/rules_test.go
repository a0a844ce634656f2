package prometheus

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/prometheus/promql/parser"
	"go.yaml.in/yaml/v3"
)

// rule is an alert or a record, as rule files have them.
type rule struct {
	Alert, Record, Expr, For string
	Labels, Annotations      map[string]string
}

// rules are those of every rule file.
func rules(t *testing.T) []rule {
	t.Helper()
	var all []rule
	for _, file := range glob(t, "rules/*.yml") {
		var content struct{ Groups []struct{ Rules []rule } }
		read(t, file, &content)
		for _, group := range content.Groups {
			all = append(all, group.Rules...)
		}
	}
	return all
}

func alerts(t *testing.T) []rule {
	t.Helper()
	return slices.DeleteFunc(rules(t), func(r rule) bool { return r.Alert == "" })
}

func read(t *testing.T, file string, into any) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err == nil {
		err = yaml.Unmarshal(text, into)
	}
	if err != nil {
		t.Fatalf("%s: %v", file, err)
	}
}

// selectors are what an expression selects: the metric, and the labels it is chosen by.
func selectors(t *testing.T, where, expr string) map[string][]string {
	t.Helper()
	parsed, err := parser.NewParser(parser.Options{}).ParseExpr(expr)
	if err != nil {
		t.Errorf("%s: %v", where, err)
		return nil
	}
	found := map[string][]string{}
	parser.Inspect(parsed, func(node parser.Node, _ []parser.Node) error {
		selector, ok := node.(*parser.VectorSelector)
		if !ok {
			return nil
		}
		if selector.Name == "" {
			t.Errorf("%s: %s names no metric", where, selector)
		}
		found[selector.Name] = append(found[selector.Name], "__name__")
		for _, matcher := range selector.LabelMatchers {
			found[selector.Name] = append(found[selector.Name], matcher.Name)
		}
		return nil
	})
	return found
}

// watchdog is the alert by which others see that alerts are told: it has the name that everybody gives it.
const watchdog = "Watchdog"

// TestTheWatchdog: nothing can keep it from firing, and nothing about it ever changes.
func TestTheWatchdog(t *testing.T) {
	all := slices.DeleteFunc(alerts(t), func(r rule) bool { return r.Alert != watchdog })
	if len(all) != 1 {
		t.Fatalf("%d rules %s", len(all), watchdog)
	}
	a := all[0]
	if a.Expr != "vector(1)" || a.For != "" || !maps.Equal(a.Labels, map[string]string{"severity": "none", "area": "watchdog"}) {
		t.Errorf("%+v", a)
	}
	for name, text := range a.Annotations {
		if strings.Contains(text, "{{") {
			t.Errorf("%s: %q", name, text)
		}
	}
}

// TestConventions of all alerts: what they are called, what they say, and where they lead.
func TestConventions(t *testing.T) {
	name := regexp.MustCompile(`^Kaisen([A-Z][a-zA-Z]+)+$`)
	for _, a := range alerts(t) {
		if a.Alert == watchdog { // TestTheWatchdog
			continue
		}
		if !name.MatchString(a.Alert) {
			t.Errorf("%s: want CamelCase behind the prefix Kaisen", a.Alert)
		}
		if !slices.Contains([]string{"critical", "warning", "info"}, a.Labels["severity"]) {
			t.Errorf("%s: severity %q", a.Alert, a.Labels["severity"])
		}
		if !slices.Contains([]string{"line", "pool", "contract", "kaisen"}, a.Labels["area"]) {
			t.Errorf("%s: area %q", a.Alert, a.Labels["area"])
		}
		if summary := a.Annotations["summary"]; strings.Contains(summary, "{{") || !strings.HasSuffix(summary, ".") {
			t.Errorf("%s: summary %q: want a fixed sentence", a.Alert, summary)
		}
		if description := a.Annotations["description"]; !strings.Contains(description, "{{") || !strings.HasSuffix(description, ".") {
			t.Errorf("%s: description %q: want a sentence that says who, and how much", a.Alert, description)
		}
		if len(a.Annotations) != 4 {
			t.Errorf("%s: annotations %v", a.Alert, a.Annotations)
		}
	}
}

// TestRunbooks: the section that an alert leads to is there, and no section is about an alert that is no more.
func TestRunbooks(t *testing.T) {
	sections := map[string]bool{} // by the address as an annotation has it; true once an alert led there
	for _, file := range glob(t, "../runbooks/*.md") {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, heading := range regexp.MustCompile(`(?m)^## (Kaisen\w+|Watchdog)$`).FindAllStringSubmatch(string(text), -1) {
			sections["deploy/runbooks/"+filepath.Base(file)+"#"+strings.ToLower(heading[1])] = false
		}
	}
	for _, a := range alerts(t) {
		address := a.Annotations["runbook_url"]
		if _, there := sections[address]; !there {
			t.Errorf("%s leads to %s, where nothing is", a.Alert, address)
		}
		if !strings.HasSuffix(address, "#"+strings.ToLower(a.Alert)) {
			t.Errorf("%s leads to %s, which is about another alert", a.Alert, address)
		}
		sections[address] = true
	}
	for address, used := range sections {
		if !used {
			t.Errorf("no alert leads to %s", address)
		}
	}
}

// TestDashboards: the dashboard that an alert leads to is there.
func TestDashboards(t *testing.T) {
	uids := map[string]bool{}
	for _, file := range glob(t, "../../dashboards/*.json") {
		var dashboard struct{ UID string }
		read(t, file, &dashboard) // JSON is YAML
		uids[dashboard.UID] = true
	}
	for _, a := range alerts(t) {
		path, _, _ := strings.Cut(strings.TrimPrefix(a.Annotations["dashboard_url"], "/d/"), "?")
		if !uids[path] {
			t.Errorf("%s leads to dashboard %q; there are %v", a.Alert, path, uids)
		}
	}
}

// TestRecordsAreRead: a record that nobody reads is work for nothing, and one that nobody makes never fires an alert.
func TestRecordsAreRead(t *testing.T) {
	made, used := map[string]bool{}, map[string]bool{}
	for _, r := range rules(t) {
		if r.Record != "" {
			made[r.Record] = true
		}
		for name := range selectors(t, r.Alert+r.Record, r.Expr) {
			if strings.HasPrefix(name, "kaisen:") && name != r.Record {
				used[name] = true
			}
		}
		for _, text := range r.Annotations { // which may ask, too
			for _, name := range regexp.MustCompile(`kaisen:[a-z_]+(:[a-z0-9]+)?`).FindAllString(text, -1) {
				used[name] = true
			}
		}
	}
	for name := range made {
		if !used[name] {
			t.Errorf("nobody reads %s", name)
		}
	}
	for name := range used {
		if !made[name] {
			t.Errorf("nobody makes %s", name)
		}
	}
}

// TestLastIsHeld: each record of what was known last goes on with what it said where nothing is known, or is made of such
// records alone. One that forgot after its quarter of an hour would end an alert in an outage.
func TestLastIsHeld(t *testing.T) {
	for _, r := range rules(t) {
		if !strings.HasSuffix(r.Record, ":last") {
			continue
		}
		asked := selectors(t, r.Record, r.Expr)
		_, itself := asked[r.Record]
		raw := false
		for name := range asked {
			raw = raw || !strings.HasSuffix(name, ":last")
		}
		if raw && !itself {
			t.Errorf("%s is not held: it reads %v", r.Record, asked)
		}
	}
}
