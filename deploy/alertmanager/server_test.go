package alertmanager

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// notification is what a webhook is sent, as far as the tests look at it.
type notification struct {
	Receiver string  `json:"receiver"`
	Alerts   []alert `json:"alerts"`
}

// server is a real Alertmanager with our configuration, which waits a second instead of minutes.
type server struct {
	t        *testing.T
	address  string
	received chan notification
}

func start(t *testing.T) *server {
	t.Helper()
	s := &server{t: t, received: make(chan notification, 100)}
	webhook := httptest.NewServer(http.HandlerFunc(s.receive))
	t.Cleanup(webhook.Close)
	config := strings.ReplaceAll(read(t, "alertmanager.yml"), "http://127.0.0.1:9095", webhook.URL)
	config = regexp.MustCompile(`group_wait: \S+`).ReplaceAllString(config, "group_wait: 1s")
	config = regexp.MustCompile(`group_interval: \S+`).ReplaceAllString(config, "group_interval: 500ms")
	file := write(t, config)

	command := exec.Command(look(t, "prometheus-alertmanager", "alertmanager"), "--config.file="+file,
		"--storage.path="+filepath.Join(filepath.Dir(file), "data"), "--web.listen-address=127.0.0.1:0", "--cluster.listen-address=")
	command.Env = append(os.Environ(), "TZ=Asia/Tokyo")
	log, err := command.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	var text bytes.Buffer // what it logged; to be read when it has ended
	t.Cleanup(func() {
		_ = command.Process.Kill()
		<-ended
		_ = command.Wait()
		if t.Failed() {
			t.Logf("Alertmanager's log:\n%s", text.String())
		}
	})
	listening := make(chan string, 1)
	go func() { // to the end, or it would block on its log
		defer close(ended)
		said := regexp.MustCompile(`msg="Listening on" .*address=(\S+)`)
		for lines := bufio.NewScanner(io.TeeReader(log, &text)); lines.Scan(); {
			if match := said.FindStringSubmatch(lines.Text()); match != nil {
				listening <- "http://" + match[1]
			}
		}
	}()
	select {
	case s.address = <-listening:
	case <-ended:
		t.Fatal("Alertmanager ended at once")
	case <-time.After(30 * time.Second):
		t.Fatal("Alertmanager does not listen")
	}
	return s
}

func (s *server) receive(w http.ResponseWriter, r *http.Request) {
	var n notification
	if err := json.NewDecoder(r.Body).Decode(&n); err != nil || r.URL.Path != "/"+n.Receiver {
		http.Error(w, fmt.Sprint(r.URL, err), http.StatusBadRequest)
		return
	}
	s.received <- n
}

// fire sends alerts to Alertmanager, all at once, as Prometheus does, but for their time: one that began longer than group_wait
// before it comes is sent without waiting for those behind it.
func (s *server) fire(labels ...map[string]string) {
	s.t.Helper()
	type posted struct {
		Labels map[string]string `json:"labels"`
	}
	var alerts []posted
	for _, l := range labels {
		alerts = append(alerts, posted{l})
	}
	body, err := json.Marshal(alerts)
	if err != nil {
		s.t.Fatal(err)
	}
	response, err := http.Post(s.address+"/api/v2/alerts", "application/json", bytes.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		text, _ := io.ReadAll(response.Body)
		s.t.Fatalf("%s %s", response.Status, text)
	}
}

// states is what became of the alerts, by their label `case`: active, suppressed, or unprocessed until that is known.
func (s *server) states() map[string]string {
	s.t.Helper()
	response, err := http.Get(s.address + "/api/v2/alerts")
	if err != nil {
		s.t.Fatal(err)
	}
	defer response.Body.Close()
	var alerts []struct {
		Labels map[string]string
		Status struct{ State string }
	}
	if err := json.NewDecoder(response.Body).Decode(&alerts); err != nil {
		s.t.Fatal(err)
	}
	states := map[string]string{}
	for _, a := range alerts {
		states[a.Labels["case"]] = a.Status.State
	}
	return states
}

// parse reads labels as they are written in the tables of the tests: name=value with blanks between.
func parse(text string) map[string]string {
	labels := map[string]string{}
	for _, pair := range strings.Fields(text) {
		name, value, _ := strings.Cut(pair, "=")
		labels[name] = value
	}
	return labels
}

// TestFiftyLinesAreOneMessage: and a line of another contract is another.
func TestFiftyLinesAreOneMessage(t *testing.T) {
	s := start(t)
	var alerts []map[string]string
	for i := range 50 {
		alerts = append(alerts, parse(fmt.Sprintf("alertname=KaisenLineNearCap severity=critical source=hq contract_id=N123456789 line_no=%d", i)))
	}
	s.fire(append(alerts, parse("alertname=KaisenLineNearCap severity=critical source=hq contract_id=N000000000 line_no=1"))...)
	got := map[string]int{}
	for range 2 {
		select {
		case n := <-s.received:
			got[n.Receiver] = len(n.Alerts)
		case <-time.After(30 * time.Second):
			t.Fatalf("two messages were expected, these came: %v", got)
		}
	}
	if len(got) != 2 || got["page"] != 50 || got["page-of-a-contract"] != 1 {
		t.Errorf("alerts by receiver: %v, want 50 in one message to page, and one to page-of-a-contract", got)
	}
	select {
	case n := <-s.received:
		t.Errorf("one more message, with %d alerts, to %s", len(n.Alerts), n.Receiver)
	case <-time.After(1500 * time.Millisecond): // three times group_interval
	}
}
