package api

import (
	"fmt"
	"io"
	"net/http"
	"runtime"
	"strings"
	"testing"

	"kaisen/collector/carrier"
	"kaisen/internal/racetest"
)

// largestList is an answer of 1,000 rows whose six long texts have 1,024 characters.
func largestList(sign string) string {
	text := strings.Repeat(sign, 1024)
	var body strings.Builder
	body.WriteString(`{"contractId":"N123456789","linesList":[`)
	for i := range MaxRows {
		if i > 0 {
			body.WriteByte(',')
		}
		fmt.Fprintf(&body, `{"lineNo":"090%08d","startDate":"20170101","accessCode":"2","optionCodeList":["T6000036"],"simType":"標準SIM"`, i)
		for _, field := range []string{"planCode", "simNumber", "deviceName", "imei", "authenticationId", "note"} {
			fmt.Fprintf(&body, `,"%s":"%s"`, field, text)
		}
		body.WriteByte('}')
	}
	body.WriteString(`]}`)
	return body.String()
}

// TestTheLargestListOfLines: each sign written in the longest way there is. Such an answer costs itself and its rows, and
// while it is read itself once more: with 18 MiB of each, once an hour, a reader that keeps no body would save little
// and could not keep what was odd. What is longer than any legal answer is an error that says so.
func TestTheLargestListOfLines(t *testing.T) {
	racetest.Skip(t)
	for name, sign := range map[string]string{"plain": "記", "escaped": `\u8a18`, "surrogates": `\ud840\udc0b`} {
		answer := largestList(sign)
		c, _, _ := serve(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, answer) })
		var before, kept runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		got, err := c.Lines(t.Context(), "N123456789")
		runtime.GC()
		runtime.ReadMemStats(&kept)
		if err != nil || len(got.Value) != MaxRows {
			t.Fatalf("%s, %d bytes: %d lines, %v", name, len(answer), len(got.Value), err)
		}
		if note := []rune(got.Value[MaxRows-1].Note); len(note) != 1024 {
			t.Errorf("%s: a note of %d characters", name, len(note))
		}
		rows := 6 * len(got.Value[0].Note) * MaxRows
		live := int(kept.HeapAlloc) - int(before.HeapAlloc)
		t.Logf("%s: answer %d MiB, rows %d MiB, kept %d MiB", name, len(answer)>>20, rows>>20, live>>20)
		if most := len(answer) + rows + 4<<20; live > most {
			t.Errorf("%s: %d bytes are kept, want at most %d, the answer and its rows", name, live, most)
		}
		runtime.KeepAlive(got)
	}
}

func TestCapsByOperation(t *testing.T) {
	racetest.Skip(t)
	size := 0
	c, _, _ := serve(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(make([]byte, size)) })
	for _, call := range []struct {
		name string
		most int
		ask  func() error
	}{
		{"traffic", 1 << 20, func() error { _, err := c.Traffic(t.Context(), "N123456789", "09012345678"); return err }},
		{"orders", maxList, func() error { _, err := c.Orders(t.Context(), "N123456789"); return err }},
		{"sessions", maxList, func() error { _, err := c.Sessions(t.Context(), "N123456789", LogQuery{}); return err }},
		{"lines", maxLines, func() error { _, err := c.Lines(t.Context(), "N123456789"); return err }},
	} {
		for _, more := range []int{0, 1} {
			size = call.most + more
			want := carrier.KindMalformed
			if more > 0 {
				want = carrier.KindTooLarge
			}
			err := call.ask()
			if kind, _ := carrier.KindOf(err); kind != want {
				t.Errorf("%s of %d bytes: %.200v", call.name, size, err)
			}
			if more > 0 && !strings.Contains(err.Error(), fmt.Sprintf("over %d bytes", call.most)) {
				t.Errorf("%s: the error does not say how much is too much: %v", call.name, err)
			}
		}
	}
}
