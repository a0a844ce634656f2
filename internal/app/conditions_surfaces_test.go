package app

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// pageSurfaces are what the page says at its top, above its lists, and in their files.
func pageSurfaces(t *testing.T, at string) []surface {
	head, lists, files := surface{"page, verdict", map[string]string{}}, surface{"page, lists", map[string]string{}}, surface{"page, lines.csv", map[string]string{}}
	front := get(t, at+"/")
	for _, condition := range []string{"restricted", "near_cap", "will_run_out", "silent", "unknown"} {
		list := listOf(condition)
		head.count[condition] = firstOf(front, `<span>(?:Of )?([0-9]+) lines?[^<]*</span><a href="/lines\?list=`+list+`"`)
		lists.count[condition] = firstOf(get(t, at+"/lines?list="+list), `id="h-found">([0-9]+) `)
		files.count[condition] = fmt.Sprint(strings.Count(strings.TrimSpace(get(t, at+"/lines.csv?list="+list)), "\n"))
	}
	return []surface{head, lists, files}
}

// firstOf is the first group of a pattern in a text.
func firstOf(text, pattern string) string {
	found := regexp.MustCompile(pattern).FindStringSubmatch(text)
	if found == nil {
		return "nothing"
	}
	return found[1]
}

func (r *fixture) sqlSurfaces() []surface {
	one := func(sql string) string { return r.query(sql)[0] }
	return []surface{
		{"line_status", map[string]string{
			"restricted": one("SELECT countIf(restricted) FROM line_status"), "near_cap": one("SELECT countIf(near_cap) FROM line_status"),
			"silent": one("SELECT countIf(silent) FROM line_status"), "unknown": one("SELECT countIf(unknown) FROM line_status"),
		}},
		{"near_cap_lines", map[string]string{
			"restricted": one("SELECT countIf(restricted) FROM near_cap_lines"), "near_cap": one("SELECT count() FROM near_cap_lines WHERE NOT restricted"),
		}},
		{"run_out_lines", map[string]string{"will_run_out": one("SELECT count() FROM run_out_lines")}},
	}
}

// panelSurfaces are the figures of the dashboards that ask ClickHouse.
func (r *fixture) panelSurfaces() []surface {
	panel := func(title string) string {
		rows := r.query(everyContract(panelQuery(r.t, "cap", title)))
		return fmt.Sprint(len(rows), " rows, ", rows[0])
	}
	figure := func(title string) string { return strings.TrimPrefix(panel(title), "1 rows, ") }
	listed := func(title string) string { return strings.Fields(panel(title))[0] }
	plans := 0
	for _, row := range r.query(everyContract(panelQuery(r.t, "cap", "Plans"))) {
		var code, lines, out string
		if _, err := fmt.Sscan(row, &code, &lines, &out); err != nil {
			r.t.Fatalf("plans: %v: %s", err, row)
		}
		n, _ := strconv.Atoi(out)
		plans += n
	}
	return []surface{
		{"dashboard near cap, plans", map[string]string{"will_run_out": fmt.Sprint(plans)}},
		{"dashboard near cap, figures", map[string]string{"restricted": figure("Restricted"), "near_cap": figure("Near their cap"), "will_run_out": figure("Will run out this month")}},
		{"dashboard near cap, lists", map[string]string{"will_run_out": listed("Will run out before the month ends")}},
	}
}

// everyContract is a panel's SQL where all sources and contracts are chosen.
func everyContract(sql string) string {
	return regexp.MustCompile(`\$__conditionalAll\([^$]*\$\{\w+:singlequote\}\), \$\w+\)`).ReplaceAllString(sql, "1 = 1")
}

// panelQuery is the first query of a panel, as it is in the installed file.
func panelQuery(t testing.TB, dashboard, title string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "dashboards", "kaisen-"+dashboard+".json"))
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Panels []struct {
			Title   string
			Targets []struct{ RawSQL, Expr string }
		}
	}
	if err := json.Unmarshal(text, &file); err != nil {
		t.Fatal(err)
	}
	for _, p := range file.Panels {
		if p.Title == title && len(p.Targets) > 0 {
			return p.Targets[0].RawSQL + p.Targets[0].Expr
		}
	}
	t.Fatalf("dashboard %s has no panel %q", dashboard, title)
	return ""
}

// Parts of the queries below.
const (
	byLine       = "on (source, contract_id, line_no)"
	member       = `kaisen_line_info{data_share=~"registered|removal_reserved"}`
	throttledOwn = `(kaisen_line_restriction{scope="line",restriction=~"recent|monthly.*"} == 1)`
	throttled    = `group by (source, contract_id) (kaisen_data_share_restriction{restriction=~"recent|monthly.*"} == 1)`
	ratioOwn     = `kaisen_line_remaining_ratio{scope="line"}`
	firing       = `ALERTS{alertstate="firing",alertname=~`
)

// membersOf is how many lines draw on the pools of a query, and nothing where there are none.
func membersOf(pools string) string {
	return "(sum(kaisen_data_share_members and on (source, contract_id) " + pools + ") or vector(0))"
}

// lines is how many lines a query has, whatever their other labels.
func lines(query string) string {
	return "count(group by (source, contract_id, line_no) (" + query + "))"
}

// prometheusSurfaces are the gauges, of all lines and of each, the dashboards that ask Prometheus, and the alerts that fire when
// all stays as it is for a while.
func prometheusSurfaces(t *testing.T, metrics string, want map[string]int) []surface {
	known := `(kaisen_line_restriction{scope="line",restriction!="unknown"} == 1)`
	gauges, each, panels, alerts := map[string]string{}, map[string]string{}, map[string]string{}, map[string]string{}
	for condition := range want {
		gauges[condition] = `sum(kaisen_lines_by_condition{condition="` + condition + `"})`
	}
	each["restricted"] = lines(throttledOwn+" unless "+byLine+" "+member) + " + " + membersOf(throttled)
	each["near_cap"] = lines("("+ratioOwn+" < "+byLine+" kaisen_line_near_cap_ratio or ("+ratioOwn+" unless "+byLine+" kaisen_line_near_cap_ratio) < 0.2)"+
		" unless "+byLine+" "+member+" unless "+byLine+" "+throttledOwn) + " + " +
		membersOf("(kaisen_data_share_remaining_bytes / (kaisen_data_share_remaining_bytes + kaisen_data_share_month_bytes) < 0.2 unless on (source, contract_id) "+throttled+")")
	each["will_run_out"] = lines("kaisen_line_exhaustion_timestamp_seconds unless " + byLine + " " + throttledOwn + " unless " + byLine + ` kaisen_line_remaining_bytes{scope="line"} == 0`)
	each["silent"] = `sum(kaisen_lines{state="active"}) - ` + lines(`kaisen_line_observed_timestamp_seconds{job="traffic"}`)
	each["unknown"] = `sum(kaisen_lines{state="active"}) - ` + lines(known+" unless "+byLine+" "+member) + " - " +
		membersOf(`kaisen_data_share_restriction{restriction!="unknown"} == 1`)
	for condition, title := range map[string]string{"restricted": "Restricted", "near_cap": "Near their cap", "will_run_out": "Will run out this month"} {
		panels[condition] = strings.NewReplacer("$source", ".+", "$contract", ".+").Replace(panelQuery(t, "fleet", title))
	}
	alerts["restricted"] = lines(firing+`"KaisenLineRestricted(Monthly|Recent)"}`) + " + " + membersOf(firing+`"KaisenPoolRestricted(Monthly|Recent)"}`)
	alerts["near_cap"] = lines(firing+`"KaisenLineNearCap"}`) + " + " + membersOf(firing+`"KaisenPoolNearCap"}`)
	alerts["will_run_out"] = lines(firing + `"KaisenLineWillRunOut"}`)
	surfaces := []surface{{"kaisen_lines_by_condition", gauges}, {"gauges of each line and pool", each}, {"dashboard fleet", panels}, {"alerts", alerts}}
	answer(t, metrics, surfaces)
	return surfaces
}

// answer lets Prometheus' own engine answer the queries of surfaces with the rules of deploy, and puts the figures in their place.
func answer(t *testing.T, metrics string, surfaces []surface) {
	t.Helper()
	path, err := exec.LookPath("promtool")
	if err != nil {
		t.Fatalf("%v: install it (Debian: apt-get install prometheus), or run make test, which fetches it", err)
	}
	rules, err := filepath.Abs("../../deploy/prometheus/rules/*.yml")
	if err != nil {
		t.Fatal(err)
	}
	var file strings.Builder
	// Nothing changes in these hours, so that a look every five minutes sees what one every minute does, in a fifth of the time.
	fmt.Fprintf(&file, "rule_files: [%q]\nevaluation_interval: 5m\ngroup_eval_order: [kaisen_settings, kaisen_thresholds, kaisen_unheard, kaisen_lines, kaisen_pools, kaisen_line_alerts]\n"+
		"tests:\n- interval: 1m\n  input_series:\n", rules)
	for line := range strings.Lines(metrics) {
		if series, value, found := strings.Cut(strings.TrimSpace(line), "} "); found && regexp.MustCompile(`^kaisen_(line|data_share)`).MatchString(series) {
			fmt.Fprintf(&file, "  - {series: '%s}', values: '%sx400'}\n", strings.ReplaceAll(series, "'", "''"), value)
		}
	}
	file.WriteString("  promql_expr_test:\n")
	for i, s := range surfaces {
		for condition, query := range s.count {
			fmt.Fprintf(&file, "  - {eval_time: 390m, expr: 'label_replace(%s, \"asked\", \"%d %s\", \"\", \"\")', exp_samples: []}\n",
				strings.ReplaceAll(query, "'", "''"), i, condition)
		}
	}
	name := filepath.Join(t.TempDir(), "moment.yml")
	if err := os.WriteFile(name, []byte(file.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	out, _ := exec.Command(path, "test", "rules", name).CombinedOutput() // it expects nothing, and says what there is
	for i, s := range surfaces {
		for condition := range s.count {
			got := firstOf(string(out), `asked="`+fmt.Sprint(i, " ", condition)+`"\} ([0-9.E+-]+)`)
			number, err := strconv.ParseFloat(got, 64)
			if err != nil {
				t.Fatalf("no answer to %s, %s: %v\n%.3000s", s.name, condition, err, out)
			}
			s.count[condition] = fmt.Sprint(number)
		}
	}
}
