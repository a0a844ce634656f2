package lenient

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// FuzzDecode: no panic, and nothing is accepted that is no JSON object or lacks what it must have; what is read and
// written is read again as the same.
func FuzzDecode(f *testing.F) {
	for _, seed := range []string{
		`{"code":"a","count":"7","on":"2019-08-19","color":"01","one":{"text":"x"},"many":[{"code":"b"}]}`,
		`{" CODE　":1,"amount":null,"limit":-3}`, `[{"code":"a"}]`, `{"code":"a"}x`, `{"code":1e9,"on":"0000-00-00"}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		var first, second thing
		warnings, err := Decode(new(Decoder), body, &first)
		if err != nil {
			return
		}
		var object map[string]json.RawMessage
		if json.Unmarshal(body, &object) != nil || first.Code == "" {
			t.Fatalf("accepted %s", body)
		}
		written := Body(first)
		again, err := Decode(new(Decoder), written, &second)
		if err != nil {
			t.Fatalf("%s, written as %s: %v", body, written, err)
		}
		if !cmp.Equal(first, second, cmp.AllowUnexported(thing{})) || len(again) > len(warnings) {
			t.Errorf("%s, written as %s, is %+v, %+v", body, written, first, second)
		}
	})
}

// FuzzDecodeRows and FuzzFindRows attack the reading of lists: what is accepted is JSON, a list that is there, and has
// in every row what a row must have.
func FuzzDecodeRows(f *testing.F) {
	fuzzRows(f, func(body []byte) ([]part, error) {
		rows, _, err := DecodeRows[part](new(Decoder), body, "part", "parts", "")
		return rows, err
	})
}

func FuzzFindRows(f *testing.F) {
	fuzzRows(f, func(body []byte) ([]part, error) {
		rows, _, err := FindRows[part](new(Decoder), body)
		return rows, err
	})
}

func fuzzRows(f *testing.F, read func([]byte) ([]part, error)) {
	for _, seed := range []string{
		`[{"code":"a"},{"code":1}]`, `{"parts ":[{"code":"a"}]}`, `{"x":[{"code":"a"}],"y":1}`, `{"code":"a"}`, `{"part":null}`, `[[{"code":"a"}]]`, `null`, `[`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		rows, err := read(body)
		if err != nil {
			return
		}
		if !json.Valid(body) || rows == nil {
			t.Errorf("accepted %q as %v", body, rows)
		}
		for _, row := range rows {
			if row.Code == "" {
				t.Errorf("accepted %q, which has a row without its code", body)
			}
		}
	})
}

// FuzzDecodeStrict attacks the reading of what users write: what it accepts, the tolerant reader reads alike.
func FuzzDecodeStrict(f *testing.F) {
	for _, seed := range []string{`{"code":"a","limit":"5"}`, `{}`, `{"code":"a","limt":5}`, `{"code":"a","on":"20190230"}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		var strict, tolerant thing
		if DecodeStrict(body, &strict) != nil {
			return
		}
		if strict.Code == "" && cmp.Equal(strict, thing{}, cmp.AllowUnexported(thing{})) {
			return // nothing at all was written
		}
		if _, err := Decode(new(Decoder), body, &tolerant); err != nil || !cmp.Equal(strict, tolerant, cmp.AllowUnexported(thing{})) {
			t.Errorf("%q is %+v to the strict reader and %+v to the other, error %v", body, strict, tolerant, err)
		}
	})
}

// FuzzDate attacks dates: one that is known exists, and is the same when it is written again.
func FuzzDate(f *testing.F) {
	for _, seed := range []string{"20260520", "2026-05-20", "2026/05/20 10:00", "20260230", "00000000", "2026-05-20T10:00:00+09:00"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		day := Date(text).Day()
		if !day.Known {
			return
		}
		compactForm := Date(text).Compact()
		if _, err := time.Parse(compact, compactForm); err != nil || Date(compactForm).Day() != day {
			t.Errorf("%q is %s, written as %q", text, day.V, compactForm)
		}
	})
}
