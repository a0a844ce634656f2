package unom

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"testing"
)

// FuzzScan holds the scanner to encoding/json: both accept the same answers, with the same members.
func FuzzScan(f *testing.F) {
	addExamples(f)
	for _, seed := range []string{
		`{}`, `{"a":1}`, `{"a":-0.5e+3,"b":[true,false,null,{}]}`, `{"a\u0041":"\ud83d\ude00\n"}`, `{"a":01}`, `{"a":1,}`,
		"{\"a\":\"\x01\"}", "{\"a\":\"\xff\"}", `[1]`, `null`, `{"a":"\x"}`, `{"a":.5}`, `{"a":1}x`, ` {"a" : 1 } `, `{"a":"\u12g4"}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		var want map[string]json.RawMessage
		err := json.Unmarshal(body, &want)
		accepted := err == nil && bytes.HasPrefix(bytes.TrimSpace(body), []byte("{"))
		got := map[string][]byte{}
		m := document(body)
		for m.next() {
			got[string(bytes.ToValidUTF8(m.key, []byte("\ufffd")))] = m.value.raw
			if m.value.kind == isList {
				if err := m.value.list(func(int, value) error { return nil }); err != nil {
					t.Errorf("list %s: %v", m.value.raw, err)
				}
			}
		}
		if (m.err == nil) != accepted {
			t.Fatalf("scanner: %v, encoding/json: %v", m.err, err)
		}
		if !accepted || !json.Valid(body) || bytes.Contains(body, []byte("\xff")) {
			return
		}
		for key, raw := range got {
			if w := want[key]; len(w) > 0 && !bytes.Equal(bytes.Trim(w, `"`), bytes.Trim(raw, `"`)) {
				t.Errorf("member %q is %s, want %s", key, raw, w)
			}
		}
	})
}

// FuzzMend: what is decoded after mending is JSON after mending.
func FuzzMend(f *testing.F) {
	addExamples(f)
	f.Fuzz(func(t *testing.T, body []byte) {
		mended, changed := mend(body)
		if !changed && !bytes.Equal(mended, body) {
			t.Errorf("changed without saying so: %q to %q", body, mended)
		}
		a := asked(body)
		_, err := decode(a, decodeLines)
		if err == nil && !json.Valid(body) && !json.Valid(mended) {
			t.Errorf("decoded, but neither %q nor its mended %q is JSON", body, mended)
		}
	})
}

func FuzzContract(f *testing.F)        { fuzzReader(f, "contract") }
func FuzzLines(f *testing.F)           { fuzzReader(f, "lines") }
func FuzzTraffic(f *testing.F)         { fuzzReader(f, "traffic") }
func FuzzAuthentications(f *testing.F) { fuzzReader(f, "authentications") }
func FuzzSessions(f *testing.F)        { fuzzReader(f, "sessions") }
func FuzzDataShare(f *testing.F)       { fuzzReader(f, "data_share") }
func FuzzSession(f *testing.F)         { fuzzReader(f, "session") }

// fuzzReader attacks one decoder. What it accepts must be an object that encoding/json accepts too, mended or not,
// and a syntax error must be one for encoding/json as well.
func fuzzReader(f *testing.F, call string) {
	addExamples(f)
	read := readers()[call]
	f.Fuzz(func(t *testing.T, body []byte) {
		_, err := read(asked(body))
		mended, _ := mend(body)
		var object map[string]json.RawMessage
		valid := json.Unmarshal(body, &object) == nil && object != nil
		var syntax *syntaxError
		switch {
		case err == nil && !valid && json.Unmarshal(mended, &object) != nil:
			t.Errorf("accepted %q, which is no JSON", body)
		case errors.As(err, &syntax) && valid:
			t.Errorf("%q is JSON, but: %v", body, err)
		}
	})
}

func addExamples(f *testing.F) {
	f.Helper()
	files, err := os.ReadDir("testdata")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		if file.IsDir() {
			continue // the corpus of earlier findings, which go test adds by itself
		}
		body, err := os.ReadFile("testdata/" + file.Name())
		if err != nil {
			f.Fatal(err)
		}
		f.Add(body)
	}
}
