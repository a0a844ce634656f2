package e2e

import (
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// TestAnEditedNameIsNoNews: five lines are throttled when labels_file gives them another name and department. Nobody hears of
// it, and who was told of them is told, by the new name, when they are over.
func TestAnEditedNameIsNoNews(t *testing.T) {
	if testing.Short() {
		t.Skip("takes two minutes")
	}
	t.Parallel() // it does little but wait
	kaisen := &exported{carrier: true, heard: true, labels: `,name="camera",department="sales"`}
	server := httptest.NewServer(kaisen)
	t.Cleanup(server.Close)
	m, box := startQuick(t, strings.TrimPrefix(server.URL, "http://"))
	await := func(expression string, n int) {
		t.Helper()
		for deadline := time.Now().Add(maxWait); m.series(expression) != n; {
			if <-time.After(pause); time.Now().After(deadline) {
				t.Fatalf("%d series of %s, want %d", m.series(expression), expression, n)
			}
		}
	}
	await("kaisen:line_heard:last10m", 1100)
	<-time.After(8 * minute)
	told := len(box.since(0)) // Prometheus may have missed kaisen at first
	pass := func(minutes int) []letter {
		<-time.After(time.Duration(minutes) * minute)
		got := box.since(told)
		told += len(got)
		for _, l := range got {
			t.Logf("minute %.1f: %s (%d bytes): %s", float64(l.at)/float64(minute), l.what(), l.bytes, l.alerts[0].Annotations["description"])
		}
		return got
	}
	kaisen.set(func() { kaisen.few = 5 })
	await(`ALERTS{alertstate="firing",alertname="KaisenLineRestrictedMonthly",department="sales"}`, 5)
	if got := pass(8); len(got) != 1 || got[0].what() != "page-of-a-contract: 5 firing KaisenLineRestrictedMonthly "+fewContract {
		t.Fatalf("messages of five lines: %v", got)
	}

	kaisen.set(func() { kaisen.labels = `,name="entrance",department="estate"` })
	await(`kaisen:line_name{department="estate"}`, 1100)
	if got := pass(15); len(got) != 0 {
		t.Errorf("messages of an edited file: %v", got)
	}

	kaisen.set(func() { kaisen.few = 0 })
	got := pass(15)
	if len(got) != 1 || got[0].what() != "page-of-a-contract: 5 resolved KaisenLineRestrictedMonthly "+fewContract || got[0].alerts[0].Labels["department"] != "sales" ||
		!strings.HasPrefix(got[0].alerts[0].Annotations["description"], "entrance (") {
		t.Errorf("messages when it is over: %+v", got)
	}
}
