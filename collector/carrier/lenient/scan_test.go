package lenient

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// FuzzScan holds the scanner to encoding/json: both accept the same answers, with the same members.
func FuzzScan(f *testing.F) {
	unomExamples(f)
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
		got, scanned := scanMembers(body)
		if (scanned == nil) != accepted {
			t.Fatalf("scanner: %v, encoding/json: %v", scanned, err)
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

// scanMembers walks over an answer that is an object, and over the lists in it.
func scanMembers(body []byte) (map[string][]byte, error) {
	got := map[string][]byte{}
	s := scanner{data: body}
	if s.peek() != '{' {
		return nil, errors.New("no object")
	}
	s.depth = 1
	for first := true; ; first = false {
		more, err := s.element('}', first)
		if err != nil || !more {
			return got, errors.Join(err, s.end())
		}
		raw, escaped, err := s.key()
		if err != nil {
			return nil, err
		}
		member, err := s.value()
		if err != nil {
			return nil, err
		}
		got[string(bytes.ToValidUTF8(unescape(raw, escaped), []byte("\ufffd")))] = member.raw
		count, want := 0, []json.RawMessage(nil)
		for range member.Elements() {
			count++
		}
		if member.IsList() && (json.Unmarshal(member.raw, &want) != nil || count != len(want)) {
			return nil, errors.New("not all elements of a list are found")
		}
	}
}

// unomExamples adds the documented answers of UNO Mobile, with their mistakes, to the corpus of a fuzz test.
func unomExamples(f *testing.F) {
	f.Helper()
	files, err := filepath.Glob("../../unom/api/testdata/*.json")
	if err != nil || len(files) == 0 {
		f.Fatalf("%d examples, error %v", len(files), err)
	}
	for _, file := range files {
		body, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(body)
	}
}

func TestMendIsNarrow(t *testing.T) {
	for name, c := range map[string]struct{ in, want string }{
		"quotes in a text stay":         {`{"note": "He said “yes” twice"}`, `{"note": "He said “yes” twice"}`},
		"a text that ends with a quote": {`{"note": "the “end”"}`, `{"note": "the “end”"}`},
		"wide blanks in a text stay":    {`{"note": "a　b"}`, `{"note": "a　b"}`},
		"quotes around":                 {`{“lineNo”: “090”}`, `{"lineNo": "090"}`},
		"an object of options stays":    {`{"optionCodeList": {"optionCode": "T1"}}`, `{"optionCodeList": {"optionCode": "T1"}}`},
		"other braces stay":             {`{"linesList": {"a", "b"}}`, `{"linesList": {"a", "b"}}`},
		"a comma after a list":          {`{"a": [ ] "b": 1}`, `{"a": [ ], "b": 1}`},
		"a comma after an object":       {`{"a": {}"b": 1}`, `{"a": {},"b": 1}`},
		"a comma after null":            {"{\"a\": null\n \"b\": 1}", "{\"a\": null,\n \"b\": 1}"},
		"no comma within a line":        {`{"a": null "b": 1}`, `{"a": null "b": 1}`},
		"no comma after a text":         {"{\"a\": \"x\"\n \"b\": 1}", "{\"a\": \"x\"\n \"b\": 1}"},
		"an empty list, no comma":       {`{"optionCodeList": { } "a": 1}`, `{"optionCodeList": [ ], "a": 1}`},
		"a comma that is there":         {`{"optionCodeList": {"a"}, "a": 1}`, `{"optionCodeList": ["a"], "a": 1}`},
		"an end that is missing":        {`{"a": "b`, `{"a": "b`},
		"a torn key":                    {"{\"list: [\n{\"a\": 1}]}", "{\"list\": [\n{\"a\": 1}]}"},
		"a torn key before a text":      {`{"code: "1008019", "a": 1}`, `{"code": "1008019", "a": 1}`},
		"a colon in a text stays":       {`{"note": "memo: [x]", "a": [ ] "b": 1}`, `{"note": "memo: [x]", "a": [ ], "b": 1}`},
		"a colon at an end stays":       {`{"note": "memo: ", "a": [ ] "b": 1}`, `{"note": "memo: ", "a": [ ], "b": 1}`},
		"a stand-in for rows":           {"[{\"a\": 1},\n{\n　行数分繰り返し\n}\n]", "[{\"a\": 1}\n]"},
		"an odd object stays":           {`[{"a": 1}, {x}]`, `[{"a": 1}, {x}]`},
	} {
		t.Run(name, func(t *testing.T) {
			if got, _ := Mend([]byte(c.in)); string(got) != c.want {
				t.Errorf("mend(%s) = %s, want %s", c.in, got, c.want)
			}
		})
	}
}

var tokyo = time.FixedZone("JST", 9*3600)

func jst(year, month, day, hour, minute, second int) time.Time {
	return time.Date(year, time.Month(month), day, hour, minute, second, 0, tokyo)
}

func TestMinute(t *testing.T) {
	at := jst(2013, 12, 31, 20, 30, 0)
	for text, want := range map[string]time.Time{
		"2013/12/31:20:30":              at,
		" 2013/12/31:20:30 ":            at,
		"2013/12/31T20:30+09:00":        at,
		"2013-12-31T20:30:00+09:00":     at,
		"2013-12-31T20:30:00+0900":      at,
		"2013-12-31T11:30Z":             at,
		"2013-12-31T06:30:00-05:00":     at,
		"2013/12/31 20:30":              at,
		"2013-12-31T20:30:15.250+09:00": at.Add(15 * time.Second),
		"2012/02/29:00:00":              jst(2012, 2, 29, 0, 0, 0),
	} {
		got, ok := Minute([]byte(strings.TrimSpace(text)), tokyo)
		if !ok || !got.Equal(want) || got.Location() != tokyo {
			t.Errorf("Minute(%q) = %v, %v; want %v", text, got, ok, want)
		}
	}
	for _, text := range []string{
		"2013/02/29:20:30", "2013/13/01:20:30", "2013/12/31:24:00", "2013/12/31:20:60", "2013/12/31", "20131231203000",
		"2013/12/31:20:30+", "2013/12/31:20:30+9", "2013/12/31T20:30+99:00", "2013/12/31:20:30 JST", "soon",
	} {
		if got, ok := Minute([]byte(text), tokyo); ok {
			t.Errorf("Minute(%q) = %v, want none", text, got)
		}
	}
}
