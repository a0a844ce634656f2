package prometheus

import (
	"errors"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"
	"go.yaml.in/yaml/v3"
)

// promtool works out every rule for every minute of a timeline, and parses it anew each time: most of that is for rules that
// see nothing of the timeline. What can have no part in a timeline is left out of its run, and nothing else: a rule stays where
// a series of the timeline leads to it, over however many records and alerts, or where a check of the timeline leads to it,
// and so does what it reads. TestNeeded says so of cases that are known.

// ruleFile is a rule file as it is written; a rule of it is looked at as a rule.
type ruleFile struct{ Groups []ruleGroup }

type ruleGroup struct {
	Name     string
	Interval string `yaml:",omitempty"`
	Rules    []ruleNode
}

// ruleNode is a rule and all that is written of it.
type ruleNode struct {
	rule
	whole map[string]any
}

func (r *ruleNode) UnmarshalYAML(text *yaml.Node) error {
	err := errors.Join(text.Decode(&r.whole), text.Decode(&r.rule))
	for key, is := range map[string]any{"expr": r.Expr, "labels": r.Labels, "annotations": r.Annotations} { // as text: 0x10 is no number here
		if _, there := r.whole[key]; there {
			r.whole[key] = is
		}
	}
	return err
}

func (r ruleNode) MarshalYAML() (any, error) { return r.whole, nil }

// ruleGraph says of each rule what it reads.
type ruleGraph struct {
	rules []ruleNode
	reads [][]*parser.VectorSelector
}

// newRuleGraph reads the expressions of rules, and of what their annotations ask.
func newRuleGraph(t *testing.T, files []ruleFile) ruleGraph {
	t.Helper()
	var g ruleGraph
	for _, file := range files {
		for _, group := range file.Groups {
			for _, r := range group.Rules {
				g.rules, g.reads = append(g.rules, r), append(g.reads, append(selected(t, r.Expr), r.asked()...))
			}
		}
	}
	return g
}

// asked is what the annotations and labels of a rule ask: records by their names, and alerts of its own area.
func (r rule) asked() []*parser.VectorSelector {
	var all []*parser.VectorSelector
	for _, texts := range []map[string]string{r.Annotations, r.Labels} {
		for _, text := range texts {
			for _, name := range regexp.MustCompile(`kaisen[:_][a-z0-9_:]+`).FindAllString(text, -1) {
				all = append(all, &parser.VectorSelector{Name: name})
			}
			if strings.Contains(text, "ALERTS") {
				area := labels.MustNewMatcher(labels.MatchEqual, "area", r.Labels["area"])
				all = append(all, &parser.VectorSelector{Name: "ALERTS", LabelMatchers: []*labels.Matcher{area}})
			}
		}
	}
	return all
}

// selected is what an expression selects.
func selected(t *testing.T, expr string) []*parser.VectorSelector {
	t.Helper()
	parsed, err := parser.NewParser(parser.Options{}).ParseExpr(expr)
	if err != nil {
		t.Fatalf("%s: %v", expr, err)
	}
	var all []*parser.VectorSelector
	parser.Inspect(parsed, func(node parser.Node, _ []parser.Node) error {
		if selector, ok := node.(*parser.VectorSelector); ok {
			all = append(all, selector)
		}
		return nil
	})
	return all
}

// makes reports whether what a rule makes can be what is selected.
func (r rule) makes(selector *parser.VectorSelector) bool {
	switch selector.Name {
	case "":
		return true
	case "ALERTS", "ALERTS_FOR_STATE":
		return r.Alert != "" && !slices.ContainsFunc(selector.LabelMatchers, func(m *labels.Matcher) bool {
			is, fixed := r.Labels[m.Name]
			if m.Name == "alertname" {
				is, fixed = r.Alert, true
			}
			return fixed && !strings.Contains(is, "{{") && !m.Matches(is)
		})
	}
	return r.Record == selector.Name
}

// needed says of each rule whether it has a part in a timeline.
func (g ruleGraph) needed(t *testing.T, l timeline) []bool {
	t.Helper()
	need := make([]bool, len(g.rules))
	for i := range g.rules {
		need[i] = slices.ContainsFunc(l.Alerts, func(a alertCheck) bool { return a.Alertname == g.rules[i].Alert })
	}
	var asked []*parser.VectorSelector
	for _, c := range l.Checks {
		asked = append(asked, selected(t, c.Expr)...)
	}
	g.spread(need, func(i int) bool { return g.reached(i, l, need) })
	g.spread(need, func(i int) bool {
		return slices.ContainsFunc(asked, g.rules[i].makes) || g.readByAny(i, need)
	})
	return need
}

// spread adds rules as long as there is one to add.
func (g ruleGraph) spread(need []bool, more func(i int) bool) {
	for grown := true; grown; {
		grown = false
		for i := range g.rules {
			if !need[i] && more(i) {
				need[i], grown = true, true
			}
		}
	}
}

// reached reports whether a rule reads a series of the timeline, or what a needed rule makes.
func (g ruleGraph) reached(i int, l timeline, need []bool) bool {
	return slices.ContainsFunc(g.reads[i], func(selector *parser.VectorSelector) bool {
		for _, series := range l.InputSeries {
			if name, _, _ := strings.Cut(series.Series, "{"); selector.Name == "" || selector.Name == name {
				return true
			}
		}
		for j := range g.rules {
			if need[j] && g.rules[j].makes(selector) {
				return true
			}
		}
		return false
	})
}

// readByAny reports whether a needed rule reads what this one makes.
func (g ruleGraph) readByAny(i int, need []bool) bool {
	for j := range g.rules {
		if need[j] && slices.ContainsFunc(g.reads[j], g.rules[i].makes) {
			return true
		}
	}
	return false
}

// without returns rule files that have the needed rules only.
func without(files []ruleFile, need []bool) ruleFile {
	var kept ruleFile
	i := 0
	for _, file := range files {
		for _, group := range file.Groups {
			of := ruleGroup{Name: group.Name, Interval: group.Interval}
			for _, r := range group.Rules {
				if need[i] {
					of.Rules = append(of.Rules, r)
				}
				i++
			}
			if len(of.Rules) > 0 {
				kept.Groups = append(kept.Groups, of)
			}
		}
	}
	return kept
}

// ruleFiles reads the rule files that a file of timelines names.
func ruleFiles(t *testing.T, patterns []string) []ruleFile {
	t.Helper()
	var all []ruleFile
	for _, pattern := range patterns {
		for _, path := range glob(t, filepath.Join("tests", pattern)) {
			var file ruleFile
			read(t, path, &file)
			all = append(all, file)
		}
	}
	return all
}

// TestNeeded: what a timeline leads to, and what leads to its checks.
func TestNeeded(t *testing.T) {
	files := ruleFiles(t, []string{"../rules/*.yml"})
	g := newRuleGraph(t, files)
	names := func(l timeline) (all []string) {
		for _, group := range without(files, g.needed(t, l)).Groups {
			for _, r := range group.Rules {
				all = append(all, r.Alert+r.Record)
			}
		}
		return all
	}
	if got := names(timeline{}); len(got) > 0 {
		t.Errorf("nothing is asked, and %q needed", got)
	}
	if got := names(timeline{Alerts: []alertCheck{{Alertname: watchdog}}}); !slices.Equal(got, []string{watchdog}) {
		t.Errorf("of the watchdog %q", got)
	}
	if got := names(timeline{Checks: []check{{Expr: "ALERTS"}}}); len(got) < len(alerts(t)) {
		t.Errorf("of all alerts %d", len(got))
	}
	var series timeline
	series.InputSeries = append(series.InputSeries, inputSeries{Series: `kaisen_dead_letters_total{source="hq"}`})
	for _, want := range []string{"kaisen:dead_letters:increase1h", "KaisenDeadLetters", "kaisen:process_unasked:1h", "kaisen:setting:dead_letters"} {
		if got := names(series); !slices.Contains(got, want) || slices.Contains(got, "kaisen:pool_restricted:last") {
			t.Errorf("of dead letters %q, where %s is looked for", got, want)
		}
	}
	if got := names(timeline{Checks: []check{{Expr: `ALERTS{alertname="KaisenLineStorm"}`}}}); !slices.Contains(got, "KaisenLineNearCap") || slices.Contains(got, "KaisenDeadLetters") {
		t.Errorf("of a storm %q", got)
	}
}
