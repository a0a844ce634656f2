package e2e

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
)

// message is an alert of a webhook's message, as far as the test looks at it.
type message struct {
	receiver    string
	Status      string            `json:"status"` // firing, resolved
	Labels      map[string]string `json:"labels"`
	Annotations map[string]string `json:"annotations"`
}

// what is who was notified of what.
func (m message) what() string {
	return strings.Join([]string{m.receiver, m.Status, m.Labels["alertname"], m.Labels["severity"]}, " ")
}

// telephone is the webhook behind all receivers. It keeps what was sent to it.
type telephone struct {
	mu       sync.Mutex
	messages []message
}

func (p *telephone) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == deadman {
		return
	}
	var body struct{ Alerts []message }
	if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, m := range body.Alerts {
		m.receiver = strings.TrimPrefix(r.URL.Path, "/")
		p.messages = append(p.messages, m)
	}
}

// deadman is where the alert that always fires is told, every minute, whatever else happens.
const deadman = "/deadman"

// received is all that was sent so far.
func (p *telephone) received() []message {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.messages)
}

// heard reports whether something was said of a line.
func (p *telephone) heard(what, line string) bool {
	return slices.ContainsFunc(p.received(), func(m message) bool { return m.what() == what && m.Labels["line_no"] == line })
}

// monitoring is Prometheus and Alertmanager with the repository's rules and routes.
type monitoring struct {
	t                        *testing.T
	prometheus, alertmanager string // host:port
	telephone                *telephone
}

// groupInterval is how long the message that a page is over may have to wait. The configuration says five minutes, which
// KAISEN_E2E_GROUP_INTERVAL=5m waits out; group_wait, before a first message, is never changed.
func groupInterval() string {
	if interval := os.Getenv("KAISEN_E2E_GROUP_INTERVAL"); interval != "" {
		return interval
	}
	return "15s"
}

// startMonitoring starts both, and waits until the rules know every line. Prometheus looks every second instead of
// every minute.
func startMonitoring(t *testing.T, metrics string) *monitoring {
	t.Helper()
	m := &monitoring{t: t, telephone: &telephone{}}
	webhook := httptest.NewServer(m.telephone)
	t.Cleanup(webhook.Close)
	routes := adapt(t, "../alertmanager/alertmanager.yml",
		change{"http://127.0.0.1:9095", webhook.URL},
		change{"templates/*.tmpl", absolute(t, "../alertmanager/templates/*.tmpl")},
		change{"group_interval: 5m\n", "group_interval: " + groupInterval() + "\n"},
		change{"group_interval: 30m\n", "group_interval: " + groupInterval() + "\n"})
	alertmanager := serve(t, look(t, "prometheus-alertmanager", "alertmanager"), "--config.file="+routes,
		"--storage.path="+t.TempDir(), "--web.listen-address=127.0.0.1:0", "--cluster.listen-address=")
	m.alertmanager = alertmanager.address(listening)
	if log := alertmanager.log(); strings.Contains(log, "level=warn") {
		t.Errorf("Alertmanager warns of its configuration:\n%s", log)
	}

	target := func(address string) string { return write(t, "target.yml", "- targets: ["+address+"]\n") }
	rules := adapt(t, "../prometheus/prometheus.yml",
		change{"scrape_interval: 1m", "scrape_interval: 1s"},
		change{"evaluation_interval: 1m", "evaluation_interval: 1s"},
		change{"rules/*.yml", absolute(t, "../prometheus/rules/*.yml")},
		change{"targets/kaisen.yml", target(metrics)},
		change{"targets/alertmanager.yml", target(m.alertmanager)})
	prometheus := serve(t, look(t, "prometheus"), "--config.file="+rules,
		"--storage.tsdb.path="+t.TempDir(), "--web.listen-address=127.0.0.1:0")
	m.prometheus = prometheus.address(listening)
	prometheus.until("its rules knew every line", func() bool { return m.series("kaisen:line_month_bytes:last") == lines })
	return m
}

// series is how many series Prometheus has of an expression now.
func (m *monitoring) series(expression string) int {
	m.t.Helper()
	var answer struct {
		Data struct{ Result []json.RawMessage }
	}
	get(m.t, "http://"+m.prometheus+"/api/v1/query?query="+url.QueryEscape(expression), &answer)
	return len(answer.Data.Result)
}

// fires reports whether Prometheus fires an alert of a line.
func (m *monitoring) fires(alert, severity, line string) bool {
	m.t.Helper()
	return m.series(`ALERTS{alertstate="firing",alertname="`+alert+`",severity="`+severity+`",line_no="`+line+`"}`) > 0
}
