package lenient

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// A key that comes twice is told where the two differ in what they mean, at any depth, and nothing is told otherwise.
func TestKeysThatComeTwice(t *testing.T) {
	object := func(d *Decoder, body []byte) (fields []string, err error) {
		warnings, err := Decode(d, body, new(thing))
		for _, w := range warnings {
			fields = append(fields, w.Field+" "+w.Reason)
		}
		return fields, err
	}
	rows := func(d *Decoder, body []byte) (fields []string, err error) {
		_, warnings, err := DecodeEach[inner](d, body, new(inner), "rows", "list")
		for _, w := range warnings {
			fields = append(fields, w.Field+" "+w.Reason)
		}
		return fields, err
	}
	found := func(d *Decoder, body []byte) (fields []string, err error) {
		_, warnings, err := FindRows[part](d, body)
		for _, w := range warnings {
			fields = append(fields, w.Field+" "+w.Reason)
		}
		return fields, err
	}
	for _, c := range []struct {
		read func(*Decoder, []byte) ([]string, error)
		body string
		want []string
	}{
		{object, `{"code":"a","name":"b","name":"c"}`, []string{"name conflict"}},
		{object, `{"code":"a","name":"b", "Name " : "c", "name":"d"}`, []string{"name conflict", "name conflict"}},
		{object, `{"code":"a","name":"b","name":" b "}`, nil},
		{object, `{"code":"a","name":null,"name":"b","name":""}`, nil},
		{object, `{"code":"a","limit":1,"limit":"01"}`, nil},
		{object, `{"code":"a","count":1,"amount":2}`, nil},
		{object, `{"code":"a","amount":2,"number":3,"count":1,"COUNT":2}`, []string{"count conflict", "count conflict"}},
		{object, `{"code":"a","unknown":1,"unknown":2}`, nil},
		{object, `{"code":"a","one":{"text":"x","text":"y"}}`, []string{"text conflict"}},
		{object, `{"code":"a","one":{"text":"x"},"one":{ "text" : "x"}}`, nil},
		{object, `{"code":"a","one":{"text":"x"},"one":{"text":"y"}}`, []string{"one conflict"}},
		{object, `{"code":"a","many":[{"code":"b"},{"code":"c"}],"many":[]}`, []string{"many conflict"}},
		{object, `{"code":"a","many":[{"code":"b"},{"code":"c"}]}`, nil},
		{rows, `{"text":"a","rows":[{"text":"b"}],"text":"c"}`, []string{"text conflict"}},
		{rows, `{"rows":[{"text":"b"}],"rows":[]}`, []string{"rows conflict"}},
		{rows, `{"rows":[{"text":"b"}],"rows":[{"text": "b"}],"text":"a","text":"a"}`, nil},
		{rows, `{"rows":[{"text":"b","text":"c"}]}`, []string{"text conflict"}},
		{found, `{"x":[{"code":"b"}],"x":[{"code":"c"}]}`, []string{"x conflict"}},
		{found, `{"x":[{"code":"b"}],"x":[{"code":"b"}]}`, nil},
	} {
		fields, err := c.read(new(Decoder), []byte(c.body))
		if diff := cmp.Diff(c.want, fields); diff != "" || err != nil {
			t.Errorf("%s: %v %s", c.body, err, diff)
		}
	}
}
