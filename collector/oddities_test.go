package collector

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	"kaisen/collector/carrier"
	"kaisen/schema"
)

// Issue 12, D.16: a figure whose form has changed is another odd value in every answer, and must not fill the table
// either. A row that was left out is kept each time, and what could not be stored is news again.
func TestOdditiesAreBounded(t *testing.T) {
	var o oddities
	day := time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)
	take := func(format string, n int) (kept int) {
		for i := range n {
			news, _ := o.news([]schema.DeadLetter{{Oddities: []string{fmt.Sprintf(format, i)}}}, day)
			kept += len(news)
		}
		return kept
	}
	if kept := take("traffic: remainedDataVolume: not_a_number: %x", 1000); kept != maxOddities {
		t.Errorf("%d of 1,000 values of one figure are kept, want %d", kept, maxOddities)
	}
	if kept := take("authentications: resultList: unreadable_row: %x", 1000); kept != 1000 {
		t.Errorf("%d of 1,000 rows are kept, want all", kept)
	}
	letter := []schema.DeadLetter{{Oddities: []string{"lines: startDate: not_a_time: 1"}}}
	_, forget := o.news(letter, day)
	if news, _ := o.news(letter, day); len(news) != 0 {
		t.Errorf("%d are news a second time", len(news))
	}
	forget()
	if news, _ := o.news(letter, day); len(news) != 1 {
		t.Error("what could not be stored is no news")
	}
	answer := carrier.Answer[int]{Said: day, Warnings: []carrier.Warning{{Field: "startDate", Reason: "not_a_time", Odd: 1}}}
	if dated := DeadLetters(schema.LineKey{}, "lines", answer); len(dated) != 1 || len(dated[0].Oddities) != 0 {
		t.Errorf("an answer of another time is kept as %+v, want it kept whatever odd value it has", dated)
	}
	if news, _ := o.news([]schema.DeadLetter{{Operation: "traffic"}, {Operation: "traffic"}}, day); len(news) != 2 {
		t.Error("an answer that could not be read is kept each time")
	}
}

// A row that was left out is in the letter, also where it stands behind the first MiB of the answer, or on another page.
func TestALetterHasTheRowsThatWereLeftOut(t *testing.T) {
	long := bytes.Repeat([]byte("x"), 2*maxLetter)
	for name, payload := range map[string][]byte{"behind": append(long, `{"bad":1}`...), "on another page": []byte(`[{"other":1}]`), "in it": []byte(`[{"bad":1}]`)} {
		row := carrier.Warning{Field: "linesList", Reason: carrier.ReasonRow, Odd: 1, Row: `{"bad":1}`}
		letters := DeadLetters(schema.LineKey{}, "lines", carrier.Answer[int]{Payload: payload, Warnings: []carrier.Warning{row, row}})
		if len(letters) != 1 || bytes.Count(letters[0].Payload, []byte(`{"bad":1}`)) != 1 || len(letters[0].Payload) > maxLetter {
			t.Errorf("%s: %d bytes that begin with %.20s", name, len(letters[0].Payload), letters[0].Payload)
		}
	}
}
