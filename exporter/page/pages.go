// Package page draws what a person without Grafana sees of the fleet: HTML with charts in SVG, in the reader's language, on
// a light or a dark ground. It needs no build step and no JavaScript, and a page is whole in one answer: the browser loads
// nothing else, and the Content-Security-Policy forbids it to.
//
//	Fleet, Detail, Found, Orders, Sites, Missing  ─→  template + words  ─→  one page
//
// It refuses to know where figures come from: it gets views, and asks for nothing. It refuses to show what is not known:
// an unknown day is a gap, not a zero.
package page

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"net/http"
	"strconv"

	"golang.org/x/text/language"

	"kaisen/exporter/fleet"
	"kaisen/internal/volume"
)

//go:embed *.html style.css
var files embed.FS

// Pages draws views. It is made once.
type Pages struct {
	matcher   language.Matcher
	templates []*template.Template // by language
	tags      []language.Tag
	words     []words // likewise
	policy    string
}

// New reads the templates and the catalogue. Its error is a mistake in those files, so of the program.
func New() (*Pages, error) {
	style, err := files.ReadFile("style.css")
	if err != nil {
		return nil, err
	}
	all, err := readWords()
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(style)
	p := &Pages{
		matcher: language.NewMatcher(languages()), tags: languages(), words: all,
		policy: "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'; img-src data:; " +
			"form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
	}
	for _, w := range all {
		parsed, err := template.New("").Funcs(w.functions(template.CSS(style))).ParseFS(files, "*.html")
		if err != nil {
			return nil, fmt.Errorf("templates in %s: %w", w.tag, err)
		}
		p.templates = append(p.templates, parsed)
	}
	return p, nil
}

// Draw answers with a view, in the language that the request prefers. An error is a mistake in a template, and nothing was
// answered yet.
func (p *Pages) Draw(w http.ResponseWriter, r *http.Request, status int, view View) error {
	chosen, named := p.choose(r)
	var out bytes.Buffer
	if err := p.templates[chosen].ExecuteTemplate(&out, view.template(), view); err != nil {
		return fmt.Errorf("page %s: %w", view.template(), err)
	}
	header := w.Header()
	header.Set("Content-Type", "text/html; charset=utf-8")
	header.Set("Content-Language", p.tags[chosen].String())
	header.Set("Vary", "Accept-Language, Cookie")
	if named != "" {
		const year = 365 * 24 * 60 * 60
		http.SetCookie(w, &http.Cookie{Name: languageCookie, Value: named, Path: "/", MaxAge: year, HttpOnly: true, SameSite: http.SameSiteLaxMode})
	}
	if every := view.refresh(); every > 0 { // a header, because a page that names it in itself would keep it for good
		header.Set("Refresh", strconv.Itoa(every))
	}
	header.Set("Cache-Control", "no-store") // it names lines, and is of this moment
	header.Set("Content-Security-Policy", p.policy)
	header.Set("Referrer-Policy", "no-referrer")
	header.Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	_, _ = w.Write(out.Bytes()) // a client that left needs no answer
	return nil
}

// functions are what the templates call.
func (w words) functions(style template.CSS) template.FuncMap {
	return template.FuncMap{
		"t": w.say, "n": w.says, "some": w.sayIfAny, "lang": w.tag.String, "style": func() template.CSS { return style },
		"bytes": volume.Text, "percent": percent, "count": count[int], "total": count[uint64], "join": join,
		"span": w.span, "ago": w.ago, "ahead": w.ahead, "clock": w.clock, "day": w.day,
		"spark": w.spark, "bars": w.bars, "month": w.month, "verdict": w.verdict, "gauge": newGauge,
		"yearMonth": w.yearMonth, "choice": newChoice, "known": newKnown,
		"path": Path, "figures": figures, "date": w.date, "pace": w.pace, "tally": func(lines int, list string) fleet.Count { return fleet.Count{Name: list, Lines: lines} },
	}
}

// choice is a list of options in a form.
type choice struct {
	Name    string
	Options []string
	Chosen  string
}

func newChoice(name string, options []string, chosen string) choice {
	return choice{name, options, chosen}
}

// known is a count that says nothing where nothing is known.
type known struct {
	Blind bool
	Lines int
	List  string
}

func newKnown(blind bool, lines int, list string) known { return known{blind, lines, list} }

// criticalRatio is the share of the month's volume below which a line is about to hit its cap.
const criticalRatio = 0.05

// Gauge is how much of a volume is left, as a bar.
type Gauge struct {
	Share float64
	Level string
}

func newGauge(share float64) Gauge {
	level := levelFine
	switch {
	case share < criticalRatio:
		level = levelCritical
	case share < fleet.NearRatio:
		level = levelWatch
	}
	return Gauge{Share: share, Level: level}
}

// W is the bar's length in a hundred units.
func (g Gauge) W() string { return fmt.Sprintf("%.1f", 100*g.Share) }
