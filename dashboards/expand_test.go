package dashboards

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"
)

// asking is what Grafana fills into a query: the time of the dashboard, and what is chosen.
type asking struct {
	from, to time.Time
	values   map[string][]string // of each variable
	all      map[string]bool     // chosen by nobody: all of them
}

// choosing is the same where somebody has chosen something.
func (a asking) choosing() asking {
	a.values, a.all = map[string][]string{"source": {"hq"}, "contract": {"N123456789"}, "line": {"08012345678"}}, nil
	return a
}

// stepSeconds is how far the points of a graph lie apart.
const stepSeconds = 900

// sql is the query as the ClickHouse plugin sends it: Grafana fills in the variables, the plugin its macros. The two
// must agree with pkg/macros and CHDatasource.ts of grafana/clickhouse-datasource 4.
func (a asking) sql(t testing.TB, text string) string {
	t.Helper()
	conditional := regexp.MustCompile(`(?s)\$__conditionalAll\(([^$]*?\(\$\{\w+:singlequote\}\)), \$(\w+)\)`)
	text = conditional.ReplaceAllStringFunc(text, func(found string) string {
		parts := conditional.FindStringSubmatch(found)
		if a.all[parts[2]] {
			return "1=1"
		}
		return parts[1]
	})
	text = regexp.MustCompile(`\$\{(\w+):singlequote\}`).ReplaceAllStringFunc(text, func(found string) string {
		name := strings.TrimSuffix(strings.TrimPrefix(found, "${"), ":singlequote}")
		var quoted []string
		for _, value := range a.values[name] {
			quoted = append(quoted, "'"+strings.ReplaceAll(value, "'", `\'`)+"'")
		}
		return strings.Join(quoted, ",")
	})
	seconds := func(at time.Time) string { return fmt.Sprintf("toDateTime(%d)", at.Unix()) }
	for name, macro := range map[string]func(column string) string{
		"timeFilter": func(c string) string {
			return fmt.Sprintf("%s >= %s AND %s <= %s", c, seconds(a.from), c, seconds(a.to))
		},
		"timeInterval": func(c string) string {
			return fmt.Sprintf("toStartOfInterval(toDateTime(%s), INTERVAL %d second)", c, stepSeconds)
		},
	} {
		text = replaceCalls(text, "$__"+name+"(", macro)
	}
	text = strings.NewReplacer("$__fromTime", seconds(a.from), "$__toTime", seconds(a.to)).Replace(text)
	if left := regexp.MustCompile(`\$(__\w+|\{[^}]*\}|[a-z]\w*)`).FindString(text); left != "" {
		t.Errorf("nobody fills in %s of\n%s", left, text)
	}
	return text
}

// replaceCalls replaces each call of a macro, whose argument may have brackets of its own.
func replaceCalls(text, opening string, with func(argument string) string) string {
	for {
		start := strings.Index(text, opening)
		if start < 0 {
			return text
		}
		end, depth := start+len(opening), 1
		for ; depth > 0 && end < len(text); end++ {
			switch text[end] {
			case '(':
				depth++
			case ')':
				depth--
			}
		}
		text = text[:start] + with(text[start+len(opening):end-1]) + text[end:]
	}
}

// promql is the query as Grafana sends it to Prometheus: of several values a pattern.
func (a asking) promql(text string) string {
	text = strings.NewReplacer("$__rate_interval", "30s", "$__range", "1m", "$__interval", "5s").Replace(text)
	for name, values := range a.values {
		var patterns []string
		for _, value := range values {
			patterns = append(patterns, strings.ReplaceAll(regexp.QuoteMeta(value), `\`, `\\`))
		}
		text = strings.ReplaceAll(text, "$"+name, "("+strings.Join(patterns, "|")+")")
	}
	return text
}
