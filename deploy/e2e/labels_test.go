package e2e

import (
	"strings"
	"testing"
)

// TestAnEditedNameIsNoNews: five lines are throttled when labels_file gives them another name and department. Nobody hears of
// it, and who was told of them is told, by the new name, when they are over.
func TestAnEditedNameIsNoNews(t *testing.T) {
	if testing.Short() {
		t.Skip("takes two minutes")
	}
	t.Parallel() // it does little but wait
	kaisen := &exported{carrier: true, heard: true}
	inTime(t, kaisen, func(t *testing.T, l *timeline) {
		kaisen.set(func() { kaisen.few, kaisen.labels = 0, `,name="camera",department="sales"` })
		l.await("kaisen:line_heard:last10m", exportedLines)
		l.pass("Prometheus starts, and misses kaisen at first", 8)
		kaisen.set(func() { kaisen.few = 5 })
		l.await(`ALERTS{alertstate="firing",alertname="KaisenLineRestrictedMonthly",department="sales"}`, 5)
		l.expect("five lines", l.pass("five lines are throttled", 8), "page-of-a-contract: 5 firing KaisenLineRestrictedMonthly "+fewContract)

		kaisen.set(func() { kaisen.labels = `,name="entrance",department="estate"` })
		l.await(`kaisen:line_name{department="estate"}`, exportedLines)
		l.expect("an edited file", l.pass("the file is edited", 15))

		kaisen.set(func() { kaisen.few = 0 })
		got := l.pass("it is over", 15)
		l.expect("it is over", got, "page-of-a-contract: 5 resolved KaisenLineRestrictedMonthly "+fewContract)
		for _, letter := range got {
			for _, a := range letter.alerts {
				if a.Labels["department"] != "sales" || !strings.HasPrefix(a.Annotations["description"], "entrance (") {
					l.wrong = append(l.wrong, "it is over: told as "+a.Labels["department"]+": "+a.Annotations["description"])
				}
			}
		}
	})
}
