package alertmanager

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// message is what Alertmanager gives a template, as amtool reads it from JSON.
type message struct {
	Status            string            `json:"status"`
	Alerts            []alert           `json:"alerts"`
	CommonLabels      map[string]string `json:"commonLabels"`
	CommonAnnotations map[string]string `json:"commonAnnotations"`
	ExternalURL       string            `json:"externalURL"`
}

type alert struct {
	Status      string            `json:"status"`
	Labels      map[string]string `json:"labels"`
	Annotations map[string]string `json:"annotations"`
	StartsAt    time.Time         `json:"startsAt"`
	EndsAt      time.Time         `json:"endsAt"`

	GeneratorURL string `json:"generatorURL"`
}

// nearCap is a message about lines of one contract near their cap, as the rules word it; the last ones are over.
func nearCap(firing, resolved int) message {
	m := message{
		Status:            "firing",
		CommonLabels:      map[string]string{"alertname": "KaisenLineNearCap", "severity": "critical", "source": "hq", "contract_id": "N123456789"},
		CommonAnnotations: map[string]string{"summary": "A line has nearly used up its volume of the month.", "runbook_url": "deploy/runbooks/lines.md#kaisenlinenearcap"},
		ExternalURL:       "http://alertmanager:9093",
	}
	for i := range firing + resolved {
		line := fmt.Sprintf("090000000%02d", i)
		a := alert{
			Status: "firing", Labels: map[string]string{"line_no": line},
			Annotations: map[string]string{
				"description":   "Line " + line + " of contract N123456789 has 12.5 MB left of this month's volume.",
				"dashboard_url": "/d/kaisen-line?var-source=hq&var-contract=N123456789&var-line=" + line,
			},
			StartsAt: time.Date(2026, 5, 20, 18, 30, 0, 0, time.UTC),
		}
		if i >= firing {
			a.Status, a.EndsAt = "resolved", time.Date(2026, 5, 20, 19, 5, 0, 0, time.UTC)
		}
		m.Alerts = append(m.Alerts, a)
	}
	if firing == 0 {
		m.Status = "resolved"
	}
	return m
}

// render renders one of the templates with amtool.
func render(t *testing.T, name, kind string, m message) string {
	t.Helper()
	return renderFrom(t, "templates", name, kind, m)
}

func renderFrom(t *testing.T, folder, name, kind string, m message) string {
	t.Helper()
	data, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "data.json")
	if err := os.WriteFile(file, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return amtool(t, "template", "render", "--template.glob="+folder+"/*.tmpl", "--template.data="+file,
		"--template.type="+kind, fmt.Sprintf("--template.text={{ template %q . }}", name))
}

// TestAddressesOfOnesOwn: a file beside kaisen's sets where Grafana and the runbooks are, for text, Slack and mail.
func TestAddressesOfOnesOwn(t *testing.T) {
	folder := t.TempDir()
	text, err := os.ReadFile("templates/kaisen.tmpl")
	if err != nil {
		t.Fatal(err)
	}
	const mine = `{{ define "kaisen.grafana" }}https://grafana.example.com{{ end }}{{ define "kaisen.runbooks" }}https://git.example.com/kaisen/{{ end }}`
	for name, content := range map[string]string{"kaisen.tmpl": string(text), "my-addresses.tmpl": mine} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for name, kind := range map[string]string{"kaisen.text": "text", "kaisen.slack": "text", "kaisen.mail": "html"} {
		got := renderFrom(t, folder, name, kind, nearCap(1, 0))
		if !strings.Contains(got, "https://grafana.example.com/d/kaisen-line?") || !strings.Contains(got, "https://git.example.com/kaisen/deploy/runbooks/lines.md#kaisenlinenearcap") {
			t.Errorf("%s:\n%s", name, got)
		}
	}
}

func TestTitle(t *testing.T) {
	several := nearCap(2, 0)
	several.CommonLabels, several.CommonAnnotations = map[string]string{"source": "hq"}, nil
	for want, m := range map[string]message{
		"[CRITICAL] A line has nearly used up its volume of the month. N123456789 (hq)":    nearCap(1, 0),
		"[CRITICAL 50] A line has nearly used up its volume of the month. N123456789 (hq)": nearCap(50, 3),
		"[RESOLVED 3] A line has nearly used up its volume of the month. N123456789 (hq)":  nearCap(0, 3),
		"[ALERT 2] Several things about kaisen's lines. (hq)":                              several,
	} {
		if got := render(t, "kaisen.title", "text", m); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}

func TestTextOfOne(t *testing.T) {
	want := `- Line 09000000000 of contract N123456789 has 12.5 MB left of this month's volume. (since May 21 03:30)
  http://localhost:3000/d/kaisen-line?var-source=hq&var-contract=N123456789&var-line=09000000000
Over:
- Line 09000000001 of contract N123456789 has 12.5 MB left of this month's volume. (May 21 03:30 to May 21 04:05)
  http://localhost:3000/d/kaisen-line?var-source=hq&var-contract=N123456789&var-line=09000000001
What to do: deploy/runbooks/lines.md#kaisenlinenearcap
All of it: http://alertmanager:9093
`
	if diff := cmp.Diff(want, render(t, "kaisen.text", "text", nearCap(1, 1))); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// Fifty lines are a message that can be read in a chat: the first twenty, and how many there are.
func TestChatOfFifty(t *testing.T) {
	for _, name := range []string{"kaisen.text", "kaisen.slack"} {
		got := render(t, name, "text", nearCap(50, 0))
		if n := strings.Count(got, "12.5 MB left"); n != 20 {
			t.Errorf("%s lists %d lines, want 20", name, n)
		}
		if !strings.Contains(got, "and 30 more; 50 are not over") || len(got) > 6000 {
			t.Errorf("%s, %d characters:\n%s", name, len(got), got)
		}
	}
	link := "<http://localhost:3000/d/kaisen-line?var-source=hq&var-contract=N123456789&var-line=09000000019|Dashboard>\n"
	if got := render(t, "kaisen.slack", "text", nearCap(50, 0)); !strings.Contains(got, link) {
		t.Errorf("no %s in\n%s", link, got)
	}
}

// TestNewComesFirst of at most twenty, and what is over comes last, wherever they stand in the message.
func TestNewComesFirst(t *testing.T) {
	m := nearCap(50, 2)
	m.Alerts[45].Annotations["description"] = "Shibuya camera 3 (090****5678): of 22.5 GB 2 % left, empty on 28 November 13:30; new."
	m.Alerts[45].GeneratorURL = "https://prometheus.example.com:9090/graph?g0.expr=up"
	for _, c := range []struct{ name, kind, row string }{{"kaisen.text", "text", "- "}, {"kaisen.slack", "text", "• "}, {"kaisen.mail", "html", "<tr>"}} {
		got := render(t, c.name, c.kind, m)
		_, first, _ := strings.Cut(got, c.row)
		first, _, _ = strings.Cut(first, c.row)
		if !strings.Contains(first, "empty on 28 November 13:30; new.") || !strings.Contains(first, "http://prometheus.example.com:3000/d/") {
			t.Errorf("%s begins with %s", c.name, first)
		}
		if !strings.Contains(got, "and 32 more; 50 are not over") || strings.Contains(got, "Over") || strings.Count(got, "12.5 MB left") != 19 {
			t.Errorf("%s:\n%s", c.name, got)
		}
	}
}

// A mail is no longer than that, and what comes from outside cannot become part of its HTML.
func TestMail(t *testing.T) {
	m := nearCap(10, 2)
	m.Alerts[0].Annotations["description"] = `Line <script>"x"</script>`
	m.Alerts[11].Annotations["description"] = "Line 09000000011 is throttled; new."
	got := render(t, "kaisen.mail", "html", m)
	if strings.Contains(got, "throttled; new.") || !strings.Contains(got, "throttled.<") {
		t.Errorf("what is over is new:\n%s", got)
	}
	if n := strings.Count(got, "<tr>"); n != 13 {
		t.Errorf("%d rows, want 12, and a heading", n)
	}
	for _, want := range []string{
		">Line &lt;script&gt;&#34;x&#34;&lt;/script&gt;</td>",
		`<a href="http://localhost:3000/d/kaisen-line?var-source=hq&amp;var-contract=N123456789&amp;var-line=09000000009">Dashboard</a>`,
		"May 21 03:30 to May 21 04:05",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no %s in\n%s", want, got)
		}
	}
	if long := render(t, "kaisen.mail", "html", nearCap(1080, 0)); len(long) > 8000 {
		t.Errorf("a mail of %d bytes", len(long))
	}
}

func TestColorAndLink(t *testing.T) {
	calm := nearCap(1, 0)
	calm.CommonLabels["severity"] = "warning"
	for want, m := range map[string]message{"danger": nearCap(1, 0), "warning": calm, "good": nearCap(0, 1)} {
		if got := render(t, "kaisen.color", "text", m); got != want {
			t.Errorf("colour %s, want %s", got, want)
		}
	}
	want := "http://localhost:3000/d/kaisen-line?var-source=hq&var-contract=N123456789&var-line=09000000000"
	if got := render(t, "kaisen.link", "text", nearCap(2, 0)); got != want {
		t.Errorf("link %s, want %s", got, want)
	}
}
