package dashboards

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// answer is what ClickHouse says in FORMAT JSONCompact.
type answer struct {
	Meta []struct{ Name, Type string }
	Data [][]any
}

// rows asks a question. The embedded engine hands an answer out in pieces, each of which it writes as a JSON of its own.
func (w *fixture) rows(sql string) (answer, error) {
	w.t.Helper()
	text, err := w.ask(sql + " FORMAT JSONCompact")
	if err != nil {
		return answer{}, err
	}
	var whole answer
	for decoder := json.NewDecoder(strings.NewReader(text)); decoder.More(); {
		var piece answer
		if err := decoder.Decode(&piece); err != nil {
			return answer{}, fmt.Errorf("%w in\n%s", err, text)
		}
		whole.Meta, whole.Data = piece.Meta, append(whole.Data, piece.Data...)
	}
	return whole, nil
}

// understood are the types that every version 4 of the plugin turns into what Grafana shows; it has converters by
// name, and Enum came late.
var understood = regexp.MustCompile(`^(LowCardinality\(String\)|(Nullable\()?(String|Bool|U?Int(8|16|32|64)|Float64|DateTime\('Asia/Tokyo'\)|DateTime64\(3, 'Asia/Tokyo'\))\)?)$`)

var numeric = regexp.MustCompile(`Int|Float`)

// clickhousePanels asks every query of the dashboards for ClickHouse.
func (w *fixture) clickhousePanels(t *testing.T) (all []shown) {
	for _, m := range installed(t) {
		if m.store() != clickhouse() {
			continue
		}
		a := asking{from: began(t), to: w.sim.Now().Add(time.Minute), values: map[string][]string{}, all: map[string]bool{}}
		w.choose(t, m, a)
		for _, p := range m.pictures() {
			s := shown{m.UID, p.Title, p.Type, ""}
			for _, q := range p.Targets {
				got, err := w.rows(a.sql(t, q.RawSQL))
				if err != nil {
					t.Errorf("%s, %s: %v\n%s", m.UID, p.Title, err, a.sql(t, q.RawSQL))
					continue
				}
				p.checkAnswer(t, m.UID, got)
				s.rows += fmt.Sprint(" ", got.filled())
			}
			all = append(all, s)
		}
	}
	return all
}

// choose gives every variable a value as Grafana would: all of what its query finds or, of a line, the hero.
func (w *fixture) choose(t *testing.T, m model, a asking) {
	t.Helper()
	wanted := map[string]string{"source": "unom", "contract": w.contract, "line": w.hero()}
	for _, v := range m.Templating.List[1:] {
		got, err := w.rows(a.sql(t, v.Definition))
		if err != nil || v.Query != any(v.Definition) {
			t.Fatalf("%s, variable %s: %v\n%v", m.UID, v.Name, err, v.Query)
		}
		for _, row := range got.Data {
			a.values[v.Name] = append(a.values[v.Name], fmt.Sprint(row[0]))
		}
		if !slices.Contains(a.values[v.Name], wanted[v.Name]) {
			t.Errorf("%s, variable %s finds %v, want %s among them", m.UID, v.Name, a.values[v.Name], wanted[v.Name])
		}
		if a.all[v.Name] = v.IncludeAll; !v.Multi {
			a.values[v.Name] = []string{wanted[v.Name]}
		}
	}
}

// filled counts the rows that have a figure where there are figures, or anything where there are none.
func (a answer) filled() (n int) {
	for _, row := range a.Data {
		figures, known := 0, 0
		for i, column := range a.Meta {
			if numeric.MatchString(column.Type) {
				figures++
				if row[i] != nil {
					known++
				}
			}
		}
		if figures == 0 || known > 0 {
			n++
		}
	}
	return n
}

// checkAnswer: something is there to show, and the panel knows what to do with each column of it.
func (p panelBox) checkAnswer(t *testing.T, dashboard string, got answer) {
	t.Helper()
	complain := func(format string, args ...any) {
		t.Helper()
		t.Errorf("%s, %s: %s", dashboard, p.Title, fmt.Sprintf(format, args...))
	}
	if got.filled() == 0 {
		complain("nothing to show")
	}
	var names []string
	for _, c := range got.Meta {
		names = append(names, c.Name)
		if !understood.MatchString(c.Type) {
			complain("column %s is of type %s, which not every plugin understands", c.Name, c.Type)
		}
	}
	figures := slices.DeleteFunc(slices.Clone(got.Meta), func(c struct{ Name, Type string }) bool { return !numeric.MatchString(c.Type) })
	switch kind(p.Type) {
	case table:
		var columns []string
		for _, o := range p.FieldConfig.Overrides {
			columns = append(columns, o.Matcher.Options)
		}
		if !slices.Equal(names, columns) {
			complain("has columns %v, describes %v", names, columns)
		}
	case graph, states:
		if names[0] != "time" || !strings.HasPrefix(got.Meta[0].Type, "DateTime") || len(figures) == 0 {
			complain("columns %v, want a time and figures", got.Meta)
		}
		p.checkSeries(complain, got)
	case stat:
		if len(figures) != 1 || len(got.Data) > 1 {
			complain("%d figures in %d rows, want one", len(figures), len(got.Data))
		}
	case bars, chart:
		if len(figures) != 1 || len(names) != 2 {
			complain("columns %v, want a name and a figure", got.Meta)
		}
	}
}

// checkSeries: in the order of time, as Grafana wants it, and each series with a name.
func (p panelBox) checkSeries(complain func(string, ...any), got answer) {
	before := ""
	for _, row := range got.Data {
		if at := row[0].(string); at < before {
			complain("%s comes after %s", at, before)
			return
		} else {
			before = at
		}
	}
	name := strings.TrimSuffix(strings.TrimPrefix(p.FieldConfig.Defaults.DisplayName, "${__field.labels."), "}")
	for _, c := range got.Meta[1:] {
		if !numeric.MatchString(c.Type) && c.Name != name {
			complain("series differ by %s, but are called after %q", c.Name, name)
		}
	}
}
