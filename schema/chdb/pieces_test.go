package chdb_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"kaisen/schema/chdb/chdbtest"
)

// An answer that the engine makes in several pieces is one answer in every format: one head, one pair of brackets.
func TestPiecesMakeOneAnswer(t *testing.T) {
	base, err := url.Parse(chdbtest.Start(t))
	if err != nil {
		t.Fatal(err)
	}
	const sql = "SELECT number AS n FROM numbers(3) UNION ALL SELECT number + 10 FROM numbers(200000) UNION ALL SELECT 7 SETTINGS max_threads = 1"
	for format, want := range map[string]struct {
		lines int
		count string
	}{
		"TSV": {200_004, ""}, "CSVWithNames": {200_005, `"n"`}, "TSVWithNamesAndTypes": {200_006, "UInt64"},
		"JSONCompactEachRowWithNames": {200_005, `["n"]`}, "JSONEachRow": {200_004, ""}, "JSON": {0, `"rows"`}, "JSONCompact": {0, `"rows"`},
	} {
		answer, err := http.Post("http://"+base.Host+"/?default_format="+format, "text/plain", strings.NewReader(sql))
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(answer.Body)
		answer.Body.Close()
		if err != nil || answer.StatusCode != http.StatusOK {
			t.Fatalf("%s: %s, %v: %.200s", format, answer.Status, err, body)
		}
		if n := strings.Count(string(body), "\n"); want.lines > 0 && n != want.lines {
			t.Errorf("%s: %d lines, want %d", format, n, want.lines)
		}
		if n := strings.Count(string(body), want.count); want.count != "" && n != 1 {
			t.Errorf("%s: %s is there %d times", format, want.count, n)
		}
		if strings.HasPrefix(format, "JSON") && !strings.Contains(format, "EachRow") && !json.Valid(body) {
			t.Errorf("%s: not JSON: %.100s", format, body)
		}
	}
}
