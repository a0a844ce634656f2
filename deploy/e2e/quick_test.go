package e2e

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// minute is how long a minute of the rules and routes takes here.
const minute = 3 * time.Second

// quicken makes every span of a configuration, in brackets, behind `offset` or as the value of a key, so much shorter.
func quicken(text string) string {
	span := regexp.MustCompile(`\b(\d+)([smhd])\b`)
	units := map[string]time.Duration{"s": minute / 60, "m": minute, "h": 60 * minute, "d": 24 * 60 * minute}
	place := regexp.MustCompile(`\[\d+[smhd][^\]\n]*\]|offset \d+[smhd]|(for|_for|interval|_interval|_wait): \d+[smhd]`)
	return place.ReplaceAllStringFunc(text, func(found string) string {
		return span.ReplaceAllStringFunc(found, func(s string) string {
			match := span.FindStringSubmatch(s)
			n, _ := strconv.Atoi(match[1])
			return fmt.Sprintf("%dms", (time.Duration(n) * units[match[2]]).Milliseconds())
		})
	})
}

// letter is a message as it reached somebody.
type letter struct {
	at       time.Duration // since the beginning, in minutes of the rules
	receiver string
	alerts   []message
	bytes    int // of the JSON
}

// what is the message in a line: who was told what of how many alerts.
func (l letter) what() string {
	count := map[string]int{}
	for _, a := range l.alerts {
		count[a.Status+" "+a.Labels["alertname"]+" "+a.Labels["contract_id"]]++
	}
	var all []string
	for name, n := range count {
		all = append(all, fmt.Sprintf("%d %s", n, strings.TrimSpace(name)))
	}
	slices.Sort(all)
	return l.receiver + ": " + strings.Join(all, ", ")
}

// mailbox is the webhook behind all receivers.
type mailbox struct {
	begun time.Time
	mu    sync.Mutex
	got   []letter
}

func (b *mailbox) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == deadman {
		return
	}
	body, err := io.ReadAll(r.Body)
	var content struct{ Alerts []message }
	if err == nil {
		err = json.Unmarshal(body, &content)
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.got = append(b.got, letter{at: time.Since(b.begun), receiver: strings.TrimPrefix(r.URL.Path, "/"), alerts: content.Alerts, bytes: len(body)})
}

// since is what came from a place in the list on.
func (b *mailbox) since(from int) []letter {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.got[from:])
}

// targets are those of a job of Prometheus, as its files have them.
func targets(addresses ...string) string {
	return "- targets: [" + strings.Join(addresses, ", ") + "]\n"
}

// startQuick starts Prometheus and Alertmanager with the repository's rules and routes, a minute of which is three seconds.
func startQuick(t *testing.T, metrics string) (*monitoring, *mailbox) {
	t.Helper()
	return startQuickOf(t, write(t, "target.yml", targets(metrics)))
}

// startQuickOf is startQuick with a file of what is scraped.
func startQuickOf(t *testing.T, scraped string) (*monitoring, *mailbox) {
	t.Helper()
	box := &mailbox{begun: time.Now()}
	webhook := httptest.NewServer(box)
	t.Cleanup(webhook.Close)
	routes := adapt(t, "../alertmanager/alertmanager.yml", change{"http://127.0.0.1:9095", webhook.URL},
		change{"templates/*.tmpl", absolute(t, "../alertmanager/templates/*.tmpl")})
	rewrite(t, routes)
	m := &monitoring{t: t}
	alertmanager := serve(t, look(t, "prometheus-alertmanager", "alertmanager"), "--config.file="+routes,
		"--storage.path="+t.TempDir(), "--web.listen-address=127.0.0.1:0", "--cluster.listen-address=")
	m.alertmanager = alertmanager.address(listening)

	folder := t.TempDir()
	if err := os.CopyFS(folder, os.DirFS("../prometheus/rules")); err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(folder + "/*.yml")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		rewrite(t, file)
	}
	config := adapt(t, "../prometheus/prometheus.yml", change{"rules/*.yml", folder + "/*.yml"},
		change{"targets/kaisen.yml", scraped}, change{"targets/alertmanager.yml", write(t, "target.yml", targets(m.alertmanager))})
	rewrite(t, config)
	prometheus := serve(t, look(t, "prometheus"), "--config.file="+config, "--storage.tsdb.path="+t.TempDir(), "--web.listen-address=127.0.0.1:0",
		"--query.lookback-delta="+(5*minute).String(), "--rules.alert.resend-delay="+(2*minute).String())
	m.prometheus = prometheus.address(listening)
	return m, box
}

func rewrite(t *testing.T, file string) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err == nil {
		err = os.WriteFile(file, []byte(quicken(string(text))), 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}
