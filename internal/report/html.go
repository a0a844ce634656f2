package report

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"html/template"
	"io"
	"math"
	"strings"

	"kaisen/internal/volume"
)

//go:embed report.html
var page string

//go:embed words.json
var catalogue []byte

// Languages are those that a report can be in, the first unless another is asked for.
func Languages() []string { return []string{"en", "ja"} }

// words are the texts of a language by their names in words.json.
type words map[string]string

func wordsOf(language string) (words, error) {
	var texts map[string]map[string]string
	if err := json.Unmarshal(catalogue, &texts); err != nil {
		return nil, fmt.Errorf("words.json: %w", err)
	}
	w := make(words, len(texts))
	for name, in := range texts {
		text, has := in[language]
		if !has {
			return nil, fmt.Errorf("words.json: %s has no text in %q", name, language)
		}
		w[name] = text
	}
	return w, nil
}

// say is a text with its gaps filled in; a name that the catalogue lacks shows as itself.
func (w words) say(name string, gaps ...any) string {
	text, has := w[name]
	if !has {
		return name
	}
	if len(gaps) == 0 {
		return text
	}
	return fmt.Sprintf(text, gaps...)
}

// WriteHTML writes a page that needs nothing from elsewhere, and prints on A4.
func (r *Report) WriteHTML(to io.Writer, language string) error {
	w, err := wordsOf(language)
	if err != nil {
		return err
	}
	byContract := groups{w.say("contract"), r.Contracts}
	var byDepartment *groups
	if len(r.Departments) > 0 {
		byDepartment = &groups{r.By, r.Departments}
	}
	parsed, err := template.New("report").Funcs(template.FuncMap{
		"say": w.say, "gb": gigabytes, "count": countOf, "change": change, "percent": percent, "known": w.known,
		"who": who, "bar": r.bar, "affected": r.affected, "month": func(text string) string { return text[:7] },
		"first": func(lines []*Line) []*Line { return lines[:min(most, len(lines))] },
		"more":  func(lines []*Line) int { return max(len(lines)-most, 0) },
		"lang":  func() string { return language },
	}).Parse(page)
	if err != nil {
		return err
	}
	return parsed.Execute(to, struct {
		*Report
		ByContract   groups
		ByDepartment *groups
	}{r, byContract, byDepartment})
}

// gigabytes is a volume in the one unit of the report, which is that of all surfaces.
func gigabytes(bytes uint64) string {
	switch gb := float64(bytes) / volume.GB; {
	case bytes == 0:
		return "0"
	case gb < 0.01:
		return "< 0.01"
	case gb < 100:
		return fmt.Sprintf("%.2f", gb)
	default:
		return thousands(uint64(math.Round(gb)))
	}
}

// hours is a time to the tenth of an hour.
func hours(seconds uint64) string {
	switch {
	case seconds == 0:
		return "0"
	case seconds < 360:
		return "< 0.1"
	case seconds < 360_000:
		return fmt.Sprintf("%.1f", float64(seconds)/3600)
	}
	return thousands((seconds + 1800) / 3600)
}

// known is a figure in gb, hours or lines, or the word for what nobody knows.
func (w words) known(m Maybe, unit string) string {
	if !m.Known {
		return w.say("unknown")
	}
	text := gigabytes(m.N)
	switch unit {
	case "hours":
		text = hours(m.N)
	case "lines":
		text = thousands(m.N)
	}
	switch {
	case !m.AtLeast:
		return text
	case strings.HasPrefix(text, "<"):
		return "> 0"
	}
	return "≥ " + text
}

// affected is how many lines of all were restricted, or abroad.
func (r *Report) affected(a Affected) Maybe {
	return Maybe{Known: a.Unknown < r.Total.Lines, N: uint64(a.Lines), AtLeast: a.AtLeast()}
}

// thousands is a number with its thousands apart.
func thousands[N int | uint64](n N) string {
	digits := fmt.Sprint(n)
	for at := len(digits) - 3; at > 0; at -= 3 {
		digits = digits[:at] + "," + digits[at:]
	}
	return digits
}

// countOf is thousands of what a template has.
func countOf(n int) string { return thousands(n) }

// groups are those of one kind, under the name of what they have in common.
type groups struct {
	Title  string
	Groups []Group
}

// change is by how much a month differs from the one before.
func change(now, before uint64) string {
	if before == 0 {
		return "–"
	}
	return fmt.Sprintf("%+.0f %%", 100*(float64(now)-float64(before))/float64(before))
}

func percent(part, whole uint64) string {
	if whole == 0 {
		return "–"
	}
	return fmt.Sprintf("%.0f %%", 100*float64(part)/float64(whole))
}

// bar is how long the bar of a month is, in percent of the longest.
func (r *Report) bar(bytes uint64) string {
	longest := uint64(1)
	for _, m := range r.Months {
		longest = max(longest, m.Bytes)
	}
	return fmt.Sprintf("%.1f", 100*float64(bytes)/float64(longest))
}

// who is a line for people: its name, and its number.
func who(l *Line) template.HTML {
	number := template.HTMLEscapeString(l.identity.LineNo)
	if strings.TrimSpace(l.Name) == "" {
		return template.HTML(number)
	}
	return template.HTML(template.HTMLEscapeString(l.Name) + " <small>" + number + "</small>")
}
