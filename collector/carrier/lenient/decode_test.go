package lenient

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kaisen/collector/carrier"
	"kaisen/schema"
)

type color string

func (c color) Meaning() string {
	if c == "1" {
		return "red"
	}
	return ""
}

type part struct {
	Code string `json:"code" need:"true"`
}

type thing struct {
	part
	Name  string `json:"name"`
	Count *int64 `json:"count" also:"amount,number"`
	Limit int    `json:"limit"`
	On    Date   `json:"on"`
	Color color  `json:"color"`
	One   *inner `json:"one"`
	Many  []part `json:"many"`
}

type inner struct {
	Text string `json:"text"`
}

func number(n int64) *int64 { return &n }

func TestDecodeTakesWhatIsPlain(t *testing.T) {
	warning := func(field, reason string) []carrier.Warning { return []carrier.Warning{{Field: field, Reason: reason}} }
	base := thing{part: part{"a"}}
	with := func(change func(*thing)) thing {
		changed := base
		change(&changed)
		return changed
	}
	for name, c := range map[string]struct {
		body     string
		want     thing
		warnings []carrier.Warning
	}{
		"as documented":              {`{"code":"a","count":7}`, with(func(x *thing) { x.Count = number(7) }), nil},
		"a number as a text":         {`{"code":"a","count":" 7 "}`, with(func(x *thing) { x.Count = number(7) }), nil},
		"a text as a number":         {`{"code":"a","name":12.50}`, with(func(x *thing) { x.Name = "12.50" }), nil},
		"a text as a truth":          {`{"code":"a","name":true}`, with(func(x *thing) { x.Name = "true" }), nil},
		"keys with blanks":           {`{" CODE ":"a","name　":"b"}`, with(func(x *thing) { x.Name = "b" }), nil},
		"texts with blanks":          {`{"code":"　a "}`, base, nil},
		"NULL in three forms":        {`{"code":"a","count":null,"name":"NULL","limit":"","one":null,"many":""}`, base, nil},
		"another name":               {`{"code":"a","Amount":0}`, with(func(x *thing) { x.Count = number(0) }), nil},
		"the document's name wins":   {`{"code":"a","count":1,"amount":2}`, with(func(x *thing) { x.Count = number(1) }), nil},
		"a value wins over NULL":     {`{"code ":"a","code":null}`, base, nil},
		"extra keys":                 {`{"code":"a","new":{"x":[1]}}`, base, nil},
		"no number":                  {`{"code":"a","count":"many"}`, base, warning("count", ReasonNumber)},
		"an object for a number":     {`{"code":"a","count":{"x":1}}`, base, warning("count", ReasonNumber)},
		"no whole number":            {`{"code":"a","count":1.5,"limit":3}`, with(func(x *thing) { x.Limit = 3 }), warning("count", ReasonNumber)},
		"a day":                      {`{"code":"a","on":20190819}`, with(func(x *thing) { x.On = "20190819" }), nil},
		"no day":                     {`{"code":"a","on":"20190230"}`, with(func(x *thing) { x.On = "20190230" }), warning("on", ReasonTime)},
		"a code":                     {`{"code":"a","color":"01"}`, with(func(x *thing) { x.Color = "1" }), nil},
		"a code that is not listed":  {`{"code":"a","color":0}`, with(func(x *thing) { x.Color = "0" }), warning("color", ReasonCode)},
		"an object":                  {`{"code":"a","one":{"text":"b"}}`, with(func(x *thing) { x.One = &inner{"b"} }), nil},
		"a list, and an empty one":   {`{"code":"a","many":[{"code":"b"},{"code":"c"}]}`, with(func(x *thing) { x.Many = []part{{"b"}, {"c"}} }), nil},
		"escapes":                    {`{"c\u006fde":"\u0061"}`, base, nil},
		"a number too long to count": {`{"code":"a","count":9223372036854775808}`, base, warning("count", ReasonNumber)},
	} {
		t.Run(name, func(t *testing.T) {
			var got thing
			warnings, err := Decode(new(Decoder), []byte(c.body), &got)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, got, cmp.AllowUnexported(thing{})); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(c.warnings, warnings); diff != "" {
				t.Errorf("warnings (-want +got):\n%s", diff)
			}
		})
	}
}

// A day may have a time behind it, and the zone of that decides which day it is in Japan.
func TestDaysWithATime(t *testing.T) {
	for text, want := range map[string]string{"20261214": "2026-12-14", "2026-12-14T15:00:00.000Z": "2026-12-15", "2026/12/14 15:00": "2026-12-14", "2026121": ""} {
		var got struct {
			On schema.Opt[schema.Date] `json:"on"`
		}
		warnings, err := Decode(new(Decoder), []byte(`{"on":"`+text+`"}`), &got)
		if err != nil || got.On.Known != (want != "") || got.On.Known && got.On.V.String() != want || len(warnings) > 0 != (want == "") {
			t.Errorf("%s is %v, warnings %v, error %v; want %s", text, got.On, warnings, err, want)
		}
	}
}

// What an object has as NULL is told from what it does not have.
func TestNulls(t *testing.T) {
	type row struct {
		Code  string `json:"code"`
		On    Date   `json:"on" also:"day"`
		Count int    `json:"count"`
		Nulls Nulls  `json:"-"`
	}
	type outer struct {
		row
		Name string `json:"name"`
	}
	for body, want := range map[string]Nulls{
		`{"code":"a","name":"b"}`:                             "",
		`{"code":null,"on":"","count":"NULL","name":"b"}`:     "code on count ",
		`{"name":"b","day":null}`:                             "on ",
		`{"name":"b","on":null,"day":"20260101","count":"x"}`: "",
		`{"name":null,"code":"a","Code ":null}`:               "name ",
	} {
		var got outer
		if _, err := Decode(new(Decoder), []byte(body), &got); err != nil || got.Nulls != want {
			t.Errorf("%s: %q, error %v, want %q", body, got.Nulls, err, want)
		}
	}
	if n := Nulls("hopeToStartAt status "); !n.Has("HopeToStartAt") || !n.Has("status") || n.Has("stat") || Nulls("").Has("") {
		t.Errorf("%q has not what it should", n)
	}
}

func TestDecodeRefusesWhatIsNotPlain(t *testing.T) {
	for body, want := range map[string]string{
		``:                                 "the answer is empty",
		`<html>`:                           "no JSON: ",
		`{"code":"a"}{`:                    "no JSON: more after its end",
		`{"code":"a"`:                      "no JSON: unexpected EOF",
		`null`:                             "the answer is null, want an object",
		`["a"]`:                            "the answer is a list, want an object",
		`{}`:                               "the answer: code is missing",
		`{"hello":1}`:                      "the answer: code is missing",
		`{"code":""}`:                      "the answer: code is missing",
		`{"code":["s3cret"]}`:              "the answer: code is a list, want a text",
		`{"code":"a","one":"s3cret"}`:      "the answer: one is a text, want an object",
		`{"code":"a","one":{"s3cret":1}}`:  "the answer: one has not a single known field",
		`{"code":"a","many":{"code":"b"}}`: "the answer: many is an object, want a list",
		`{"code":"a","many":[null]}`:       "the answer: many[0] is null, want an object",
		`{"code":"a","many":[{"code":"b"},{"name":"s3cret"}]}`: "the answer: many[1]: code is missing",
	} {
		var got thing
		_, err := Decode(new(Decoder), []byte(body), &got)
		if err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s: %v, want %s", body, err, want)
		}
		if err != nil && strings.Contains(err.Error(), "s3cret") {
			t.Errorf("%s: the error quotes the answer: %v", body, err)
		}
	}
}

func TestDecodeStrictRefusesWhatItDoesNotKnow(t *testing.T) {
	for body, want := range map[string]string{
		`{}`:                           "",
		`{"limit":"5","name":1}`:       "the request: code is missing",
		`{"code":"a","limit":"5"}`:     "",
		`{"code":"a","limit":"five"}`:  "the request: limit is not a whole number",
		`{"code":"a","limt":5,"b":""}`: "the request: unknown field b, limt",
		`{"code":"a","on":"20190230"}`: "", // for the check of the request, which names all that is wrong
	} {
		var got thing
		err := DecodeStrict([]byte(body), &got)
		if text := errorText(err); text != want {
			t.Errorf("%s: %q, want %q", body, text, want)
		}
	}
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func TestRows(t *testing.T) {
	two := []part{{"a"}, {"b"}}
	for body, c := range map[string]struct {
		decoded, found []part
		decode, find   string
	}{
		`[{"code":"a"},{"code":"b"}]`:           {two, two, "", ""},
		`{"parts":[{"code":"a"},{"code":"b"}]}`: {two, two, "", ""},
		`{"part ":[{"code":"a"},{"code":"b"}]}`: {two, two, "", ""},
		`{"items":[{"code":"a"},{"code":"b"}]}`: {nil, two, "part is missing", ""},
		`{"code":"a"}`:                          {nil, two[:1], "part is missing", ""},
		`[]`:                                    {nil, nil, "", ""},
		`{"part":[]}`:                           {nil, nil, "", ""},
		`{"part":null}`:                         {nil, nil, "", ErrNoRows.Error()},
		`null`:                                  {nil, nil, "the answer is null, want an object", ErrNoRows.Error()},
		`{"part":[{"code":"a"}],"more":[]}`:     {two[:1], nil, "", "the answer has several lists"},
		`[{"code":"a"},[]]`:                     {nil, two[:1], "the answer[1] is a list, want an object", ""},
		`{"part":[7,null]}`:                     {nil, nil, "part[0] is a number", "part[0] is a number"},
		`"a"`:                                   {nil, nil, "the answer is a text, want an object", "the answer is a text, want a list"},
		`[{"code":"a"}`:                         {nil, nil, "no JSON: unexpected EOF", "no JSON: unexpected EOF"},
	} {
		check := func(name string, rows []part, err error, want []part, wantErr string) {
			if rows == nil || !cmp.Equal(append([]part{}, want...), rows) || !strings.HasPrefix(errorText(err), wantErr) || (err == nil) != (wantErr == "") {
				t.Errorf("%s %s: %v, %v; want %v, %s", name, body, rows, err, want, wantErr)
			}
		}
		rows, _, err := DecodeRows[part](new(Decoder), []byte(body), "part", "parts", "")
		check("DecodeRows", rows, err, c.decoded, c.decode)
		rows, _, err = FindRows[part](new(Decoder), []byte(body))
		check("FindRows", rows, err, c.found, c.find)
		if errors.Is(err, ErrNoRows) != strings.HasPrefix(c.find, ErrNoRows.Error()) {
			t.Errorf("FindRows %s: %v is ErrNoRows: %v", body, err, errors.Is(err, ErrNoRows))
		}
	}
}
