package api

import (
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kaisen/collector/carrier"
	"kaisen/collector/carrier/lenient"
)

// Issue 12, D.13: a row of a log that cannot be read costs itself, wherever it stands and whatever is wrong with it.
func TestALogRowCostsItself(t *testing.T) {
	const (
		good  = `{"lineNo": "09012345678", "sessionType": "0", "sessionTime": "20170202122030", "authenticationResult": "01", "eventType": "01"}`
		other = `{"lineNo": "09012345679", "sessionType": "1", "sessionTime": "20170202122031", "authenticationResult": "02", "eventType": "02"}`
	)
	for name, bad := range map[string]string{
		"no line":         `{"sessionTime": "20170202122030", "sessionType": "x"}`,
		"NULL for a line": `{"lineNo": null, "sessionTime": "20170202122030"}`,
		"no time":         `{"lineNo": "09012345678"}`,
		"an odd time":     `{"sessionTime": "2017/02/02", "lineNo": "09012345678", "x": {"y": [1, {"z": null}]}}`,
		"no object":       `7`,
		"NULL":            `null`,
		"a list":          `[{"lineNo": "09012345678"}]`,
		"empty":           `{}`,
		"a fraction":      `{"lineNo": 9012345678.0, "sessionTime": "20170202122030"}`,
		"an exponent":     `{"lineNo": 9.012345678e9, "sessionTime": "20170202122030"}`,
		"a negative":      `{"lineNo": -9012345678, "sessionTime": "20170202122030"}`,
	} {
		for place, list := range map[string][]string{"first": {bad, good, other}, "between": {good, bad, other}, "last": {good, other, bad}} {
			body := `{"contractId": "N123456789", "resultList": [` + strings.Join(list, ", ") + `]}`
			a := asked([]byte(body))
			rows, err := decode(a, decodeAuthentications)
			if err != nil || len(rows) != 2 || rows[0].LineNo != "09012345678" || rows[1].LineNo != "09012345679" {
				t.Errorf("%s, %s: rows %+v, error %v; want the other two", name, place, rows, err)
			}
			if diff := cmp.Diff([]carrier.Warning{{Field: "resultList", Reason: lenient.ReasonRow}}, a.warnings); diff != "" {
				t.Errorf("%s, %s: warnings (-want +got):\n%s", name, place, diff)
			}
			events, err := decode(asked([]byte(body)), decodeSessionEvents)
			if err != nil || len(events) != 2 {
				t.Errorf("%s, %s: events %+v, error %v; want the other two", name, place, events, err)
			}
		}
		if rows, err := decode(asked([]byte(`{"resultList": [`+bad+`, `+bad+`]}`)), decodeAuthentications); err == nil {
			t.Errorf("%s alone is %+v, want an error", name, rows)
		}
		if rows, err := decode(asked([]byte(`{"resultList": [`+good+`, `+bad)), decodeAuthentications); err == nil {
			t.Errorf("%s, cut off, is %+v, want an error", name, rows)
		}
	}
}

// A line's number may be a JSON number, without its first digit, or full-width.
func TestLineNumbersAreOne(t *testing.T) {
	for _, form := range []string{`"09012345678"`, `9012345678`, `"０９０１２３４５６７８"`, `" 09012345678　"`, `"\u0030９012345678"`} {
		rows, err := decode(asked([]byte(`{"linesList": [{"lineNo": `+form+`}]}`)), decodeLines)
		if err != nil || len(rows) != 1 || rows[0].LineNo != "09012345678" {
			t.Errorf("%s: %+v, %v", form, rows, err)
		}
	}
}

// A row of the other lists costs itself as well, whole: a list inside of it is read whole or not at all.
func TestAListsRowCostsItself(t *testing.T) {
	for name, c := range map[string]struct {
		read           reader
		key, good, bad string
	}{
		"lines":   {anyOf(decodeLines), "linesList", `{"lineNo": "09012345678"}`, `{"planCode": "T1"}`},
		"members": {anyOf(decodeDataShare), "linesList", `{"lineNo": "09012345678", "status": "01"}`, `{"status": "01"}`},
		"products": {anyOf(decodeProducts), "productInfoList", `{"productCode": "T3001323", "deviceInfoList": [{"deviceCode": "T1"}]}`,
			`{"productCode": "T3001324", "deviceInfoList": [{"deviceCode": "T2"}, 7]}`},
		"orders":    {anyOf(decodeOrders), "orderList", `{"orderId": "AGU1", "orderStatus": "02"}`, `{"orderStatus": "02"}`},
		"no object": {anyOf(decodeOrders), "orderList", `{"orderId": "AGU1", "orderStatus": "02"}`, `"AGU2"`},
	} {
		a := asked([]byte(`{"` + c.key + `": [` + c.bad + `, ` + c.good + `]}`))
		got, err := c.read(a)
		if err != nil || reflect.ValueOf(got).Len() != 1 || len(a.warnings) != 1 || a.warnings[0].Reason != lenient.ReasonRow || a.warnings[0].Row != c.bad {
			t.Errorf("%s: %+v, warnings %v, error %v; want the good row, and the other told", name, got, a.warnings, err)
		}
		if got, err := c.read(asked([]byte(`{"` + c.key + `": [` + c.bad + `]}`))); err == nil {
			t.Errorf("%s: not one row can be read, and it is %+v", name, got)
		}
	}
}

// Two rows that were left out are told apart, a row that comes again is not.
func TestOddValuesAreToldApart(t *testing.T) {
	odd := func(bad string) carrier.Warning {
		a := asked([]byte(`{"trafficToday": 1, "limitStatus2": 0, "traffic1dayAgo": ` + bad + `}`))
		if _, err := decode(a, decodeTraffic); err != nil || len(a.warnings) != 1 {
			t.Fatalf("%s: warnings %v, error %v", bad, a.warnings, err)
		}
		return a.warnings[0]
	}
	first, again, other := odd(`"-"`), odd(`"-"`), odd(`"無制限"`)
	if first.Odd == other.Odd || first.Odd == 0 || first != again {
		t.Error("odd values are not told apart by their values")
	}
}

// Issue 12, D.13: the examples of §04 and §11 as they are printed, with the torn quote and the place holders for rows.
func TestPrintedExamples(t *testing.T) {
	for file, read := range map[string]reader{
		"authentications_as_printed": anyOf(decodeAuthentications),
		"order_as_printed":           anyOf(decodeOrder),
	} {
		call, _, _ := strings.Cut(file, "_as_")
		body := example(t, "printed/"+file)
		a := askedFor(call, body)
		got, err := read(a)
		if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		if diff := cmp.Diff(documentedAnswers()[call], got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", file, diff)
		}
		if diff := cmp.Diff([]carrier.Warning{{Field: "answer", Reason: "not_json"}}, a.warnings); diff != "" {
			t.Errorf("%s: warnings (-want +got):\n%s", file, diff)
		}
		for n := range body {
			if got, err := read(askedFor(call, body[:n:n])); err == nil {
				t.Fatalf("%s cut off after %d bytes is %+v, want an error", file, n, got)
			}
		}
		if _, err := read(askedFor(call, []byte(strings.ReplaceAll(string(body), "\n", " ")))); err != nil && call != "order" {
			t.Errorf("%s on one line: %v", file, err)
		}
	}
	for name, list := range map[string]string{
		"in all lists": "{\"linesList\": [{\"lineNo\": \"09012345678\"},\n{\n　　　回線数分繰り返し\n}\n]}",
		"alone":        `{"linesList": [{"lineNo": "09012345678"}, { 回線数分繰り返し }]}`,
	} {
		if rows, err := decode(asked([]byte(list)), decodeLines); err != nil || len(rows) != 1 {
			t.Errorf("%s: %+v, %v", name, rows, err)
		}
	}
}
