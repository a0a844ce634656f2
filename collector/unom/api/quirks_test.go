package api

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kaisen/collector/carrier"
	"kaisen/schema"
)

// trafficOf decodes an answer of call 03 made of these members.
func trafficOf(t *testing.T, members string) (Traffic, []carrier.Warning, error) {
	t.Helper()
	a := asked([]byte("{" + members + "}"))
	got, err := decode(a, decodeTraffic)
	return got, a.warnings, err
}

// Issue 12, D.13: a figure that cannot be read costs itself, not the sample.
func TestByteFigures(t *testing.T) {
	none := schema.Opt[uint64]{}
	for _, c := range []struct {
		json    string
		want    schema.Opt[uint64]
		warning string
	}{
		{json: `"860000"`, want: schema.Some(uint64(860000))},
		{json: `860000`, want: schema.Some(uint64(860000))},
		{json: `"0"`, want: schema.Some(uint64(0))},
		{json: `" 00042 "`, want: schema.Some(uint64(42))},
		{json: `"　42　"`, want: schema.Some(uint64(42))},
		{json: `"４２"`, want: schema.Some(uint64(42))},
		{json: `"\u0034\u0032"`, want: schema.Some(uint64(42))},
		{json: `"9007199254740993"`, want: schema.Some(uint64(9007199254740993))},
		{json: `18446744073709551615`, want: schema.Some(uint64(math.MaxUint64))},
		{json: `"018446744073709551615"`, want: schema.Some(uint64(math.MaxUint64))},
		{json: `"18446744073709551616"`, want: schema.Some(uint64(math.MaxUint64)), warning: "saturated"},
		{json: `"18446744073709551617"`, warning: "not_a_number"},
		{json: `"184467440737095516160"`, warning: "not_a_number"},
		{json: `"99999999999999999999"`, warning: "not_a_number"},
		{json: `null`, want: none},
		{json: `""`, want: none},
		{json: `"  "`, want: none},
		{json: `"NULL"`, want: none},
		{json: `" Null "`, want: none},
		{json: `-1`, warning: "not_a_number"},
		{json: `"-1"`, warning: "not_a_number"},
		{json: `"+1"`, warning: "not_a_number"},
		{json: `1.5`, warning: "not_a_number"},
		{json: `1e3`, warning: "not_a_number"},
		{json: `"1,000"`, warning: "not_a_number"},
		{json: `"12 34"`, warning: "not_a_number"},
		{json: `"7,521,435,648"`, warning: "not_a_number"},
		{json: `"-"`, warning: "not_a_number"},
		{json: `"無制限"`, warning: "not_a_number"},
		{json: `"∞"`, warning: "not_a_number"},
		{json: `false`, warning: "not_a_number"},
		{json: `"many"`, warning: "not_a_number"},
		{json: `true`, warning: "not_a_number"},
		{json: `[1]`, warning: "not_a_number"},
		{json: `{"a":1}`, warning: "not_a_number"},
	} {
		t.Run(c.json, func(t *testing.T) {
			got, warnings, err := trafficOf(t, `"trafficToday": "1", "limitStatus2": "0", "traffic3daysAgo": `+c.json)
			if err != nil {
				t.Fatal(err)
			}
			if got.Days[0] != schema.Some(uint64(1)) {
				t.Errorf("trafficToday is %+v, want 1", got.Days[0])
			}
			if got.Days[3] != c.want {
				t.Errorf("traffic3daysAgo is %+v, want %+v", got.Days[3], c.want)
			}
			var want []carrier.Warning
			if c.warning != "" {
				want = []carrier.Warning{{Field: "traffic3daysAgo", Reason: c.warning}}
			}
			if diff := cmp.Diff(want, warnings); diff != "" {
				t.Errorf("warnings (-want +got):\n%s", diff)
			}
		})
	}
}

func TestTrafficKeys(t *testing.T) {
	got, _, err := trafficOf(t, `
		" trafficTHISMONTH ": 1, "traffic1monthsAgo": 2, "　traffic2monthAgo": 3,
		"traffictoday": 4, "traffic1daysAgo": 5, "traffic2dayAgo": 6, "traffic30daysAgo": 7, "Remaineddatavolume": 8,
		"traffic31daysAgo": 9, "traffic0daysAgo": 9, "traffic3monthAgo": 9, "trafficFlow": "x", "extra": {"a": [1, null]}`)
	if err != nil {
		t.Fatal(err)
	}
	want := Traffic{ContractID: "N123456789", LineNo: "09012345678", Restriction: schema.RestrictionUnknown}
	want.Months = [3]schema.Opt[uint64](someBytes(1, 2, 3))
	want.Days[0], want.Days[1], want.Days[2] = schema.Some(uint64(4)), schema.Some(uint64(5)), schema.Some(uint64(6))
	want.Days[30], want.Remaining = schema.Some(uint64(7)), schema.Some(uint64(8))
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("decoded (-want +got):\n%s", diff)
	}
}

func TestTrafficRefusesWhatSaysNothing(t *testing.T) {
	for name, body := range map[string]string{
		"empty body":            ``,
		"HTML":                  `<html><body>System Maintainance</body></html>`,
		"no figure":             `{"contractId": "N123456789", "limitStatus1": "0"}`,
		"no figure that is one": `{"trafficToday": "-", "traffic1dayAgo": "無制限", "remainedDataVolume": -1}`,
		"only NULL":             `{"trafficToday": null, "remainedDataVolume": "NULL"}`,
		"a list":                `[]`,
		"null":                  `null`,
		"another contract":      `{"contractId": "N999999999", "trafficToday": 1}`,
		"another line":          `{"lineNo": "09012345679", "trafficToday": 1}`,
		"two answers":           `{"trafficToday": 1}{"trafficToday": 1}`,
		"a last comma":          `{"trafficToday": 1,}`,
	} {
		t.Run(name, func(t *testing.T) {
			if got, err := decode(asked([]byte(body)), decodeTraffic); err == nil {
				t.Errorf("decoded to %+v, want an error", got)
			} else if strings.Contains(err.Error(), "09012345679") {
				t.Errorf("error %q tells a whole line number", err)
			}
		})
	}
}

// The table 規制条件表, the codes it does not list, and what each leaves behind.
func TestRestrictions(t *testing.T) {
	for _, c := range []struct {
		status1, status2 string
		want             schema.Restriction
		warnings         int
	}{
		{`"0"`, `"0"`, schema.RestrictionNone, 0},
		{`null`, `"0"`, schema.RestrictionNone, 0},
		{`"NULL"`, `0`, schema.RestrictionNone, 0},
		{`""`, `"1"`, schema.RestrictionMonthly, 0},
		{`0`, `1`, schema.RestrictionMonthly, 0},
		{`"1"`, `"0"`, schema.RestrictionRecent, 0},
		{`"01"`, `"1"`, schema.RestrictionMonthlyAndRecent, 0},
		{`"2"`, `null`, schema.RestrictionMonthly, 0},
		{`3`, `"0"`, schema.RestrictionMonthlyAndRecent, 0},
		{`"0"`, `null`, schema.RestrictionUnknown, 1},
		{`null`, `null`, schema.RestrictionUnknown, 1},
		{`"4"`, `"0"`, schema.RestrictionUnknown, 1},
		{`"0"`, `"2"`, schema.RestrictionUnknown, 1},
		{`"x"`, `"0"`, schema.RestrictionUnknown, 1},
		{`"-1"`, `"0"`, schema.RestrictionUnknown, 1},
		{`256`, `"0"`, schema.RestrictionUnknown, 1},
		{`"0"`, `"x"`, schema.RestrictionUnknown, 2},
		{`"1", "limitStatus1": "0"`, `"0"`, schema.RestrictionUnknown, 1}, // told twice, and not the same
		{`"0"`, `"1", "limitStatus2": "0"`, schema.RestrictionUnknown, 1},
		{`"2"`, `"1", "limitStatus2": "0"`, schema.RestrictionMonthly, 1}, // whichever it is
		{`"0", "limitStatus1": 0`, `"1"`, schema.RestrictionMonthly, 0},
	} {
		t.Run(c.status1+" "+c.status2, func(t *testing.T) {
			got, warnings, err := trafficOf(t, fmt.Sprintf(
				`"trafficToday": 1, "limitStatus1": %s, "limitStatus2": %s`, c.status1, c.status2))
			if err != nil {
				t.Fatal(err)
			}
			if got.Restriction != c.want || len(warnings) != c.warnings {
				t.Errorf("restriction %s with warnings %v, want %s with %d", got.Restriction, warnings, c.want, c.warnings)
			}
		})
	}
	got, _, err := trafficOf(t, `"trafficToday": 1, "limitStatus1": "200", "limitStatus2": "0"`)
	if err != nil || got.LimitStatus1 != schema.Some(uint8(200)) {
		t.Errorf("limitStatus1 200 is %+v (error %v), want it kept", got.LimitStatus1, err)
	}
}

func TestLimitTimesThatAreNone(t *testing.T) {
	got, warnings, err := trafficOf(t, `"trafficToday": 1, "limitStatus2": 0, "monthlyLimitStartTime": "soon"`)
	want := []carrier.Warning{{Field: "monthlyLimitStartTime", Reason: "not_a_time"}}
	if err != nil || got.MonthlyLimitStart.Known || !cmp.Equal(warnings, want) {
		t.Errorf("start %+v, warnings %v, error %v; want it unknown with a warning", got.MonthlyLimitStart, warnings, err)
	}
}

func TestOptionCodes(t *testing.T) {
	both := []string{"T6000036", "T6000084"}
	for list, want := range map[string][]string{
		`["T6000036", "T6000084"]`:                                  both,
		`["T6000036", " T6000084 ", "", null, "NULL"]`:              both,
		`[{"optionCode": "T6000036"}, {"OptionCode ": "T6000084"}]`: both,
		`{"optionCode": ["T6000036", "T6000084"]}`:                  both,
		`{"optionCode": "T6000036"}`:                                both[:1],
		`"T6000036"`:                                                both[:1],
		`"T6000036, T6000084"`:                                      both,
		`["T6000084", "T6000084"]`:                                  {"T6000084", "T6000084"},
		`{"T6000036", "T6000084"},`:                                 both,
		`{ “T6000036”, "T6000084“ }`:                                both,
		`[]`:                                                        nil,
		`{}`:                                                        nil,
		`""`:                                                        nil,
		`null`:                                                      nil,
	} {
		t.Run(list, func(t *testing.T) {
			comma := ","
			if strings.HasSuffix(list, "“ }") || strings.HasSuffix(list, ",") {
				comma = ""
			}
			a := asked([]byte(`{"linesList": [{"optionCodeList": ` + list + comma + ` "lineNo": "09012345678"}]}`))
			got, err := decode(a, decodeLines)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got[0].OptionCodes); diff != "" {
				t.Errorf("codes (-want +got):\n%s", diff)
			}
		})
	}
}

func TestLineFields(t *testing.T) {
	a := asked([]byte(`{"linesList": [
		{"lineNo": 9012345678, "accessType": 1, "startDate": 20170101},
		{"lineNo ": " 09012345679", "accesscode": "02", "startDate": "2017/01/01", "note": "NULL"},
		{"lineNo": "09012345670", "accessCode": "5G", "startDate": "20170231"}
	]}`))
	got, err := decode(a, decodeLines)
	if err != nil {
		t.Fatal(err)
	}
	first := schema.Some(schema.DateOf(jst(2017, 1, 1, 0, 0, 0)))
	want := []Line{
		{LineNo: "09012345678", Access: "3g", StartDate: first},
		{LineNo: "09012345679", Access: "lte", StartDate: first},
		{LineNo: "09012345670", Access: "5g"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("lines (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]carrier.Warning{{Field: "startDate", Reason: "not_a_time"}}, a.warnings); diff != "" {
		t.Errorf("warnings (-want +got):\n%s", diff)
	}
}

func TestLists(t *testing.T) {
	const row = `{"lineNo": "09012345678", "sessionType": "0", "sessionTime": "20170202122030", "authenticationResult": "01"}`
	for name, c := range map[string]struct {
		body string
		rows int
		err  string
	}{
		"rows":            {`{"resultList": [` + row + `,` + row + `]}`, 2, ""},
		"the other key":   {`{"searchList ": [` + row + `]}`, 1, ""},
		"empty":           {`{"resultList": []}`, 0, ""},
		"null":            {`{"resultList": null}`, 0, ""},
		"NULL":            {`{"resultList": "NULL"}`, 0, ""},
		"missing":         {`{"contractId": "N123456789"}`, 0, ""},
		"nothing at all":  {`{ }`, 0, ""},
		"other's nothing": {`{"contractId": "N000000000"}`, 0, "contractId"},
		"another name":    {`{"contractId": "N123456789", "logList": []}`, 0, "resultList is missing"},
		"no list":         {`{"resultList": {"a": 1}}`, 0, "want a list"},
		"no object":       {`{"resultList": [` + row + `, 7]}`, 1, ""},
		"other contract":  {`{"contractId": "N000000000", "resultList": []}`, 0, "contractId"},
		"no line":         {`{"resultList": [{"sessionTime": "20170202122030"}]}`, 0, "lineNo is missing"},
		"no time":         {`{"resultList": [{"lineNo": "09012345678"}]}`, 0, "sessionTime is missing"},
		"impossible time": {`{"resultList": [{"lineNo": "09012345678", "sessionTime": "20170230122030"}]}`, 0, "sessionTime"},
		"short time":      {`{"resultList": [{"lineNo": "09012345678", "sessionTime": "2017020212203"}]}`, 0, "sessionTime"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := decode(asked([]byte(c.body)), decodeAuthentications)
			switch {
			case c.err == "" && (err != nil || len(got) != c.rows):
				t.Errorf("%d rows, error %v; want %d", len(got), err, c.rows)
			case c.err != "" && (err == nil || !strings.Contains(err.Error(), c.err)):
				t.Errorf("error %v, want one with %q", err, c.err)
			}
		})
	}
}

func TestUnknownCodesAreKept(t *testing.T) {
	a := asked([]byte(`{"searchList": [
		{"lineNo": "09012345678", "sessionTime": 20170202122030, "sessionType": "7", "eventType": "02"},
		{"lineNo": "09012345678", "sessionTime": "20170202122030", "sessionType": 0, "eventType": "03"},
		{"lineNo": "09012345678", "sessionTime": "20170202122030", "eventType": 1}
	]}`))
	got, err := decode(a, decodeSessionEvents)
	if err != nil {
		t.Fatal(err)
	}
	at := jst(2017, 2, 2, 12, 20, 30)
	want := []SessionEvent{
		{"09012345678", schema.SessionUnknown, at, schema.SessionStop},
		{"09012345678", schema.SessionDomestic, at, schema.SessionEventUnknown},
		{"09012345678", schema.SessionUnknown, at, schema.SessionStart},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
	warnings := []carrier.Warning{
		{Field: "sessionType", Reason: "unknown_code"}, {Field: "eventType", Reason: "unknown_code"},
		{Field: "sessionType", Reason: "missing"},
	}
	if diff := cmp.Diff(warnings, a.warnings); diff != "" {
		t.Errorf("warnings (-want +got):\n%s", diff)
	}
}

func TestSessionAnswers(t *testing.T) {
	line := Session{ContractID: "N123456789", LineNo: "09012345678", Type: schema.SessionUnknown}
	with := func(change func(*Session)) Session {
		s := line
		change(&s)
		return s
	}
	for body, c := range map[string]struct {
		want     Session
		warnings int
		err      bool
	}{
		`{"sessionType": 0, "sessionStatus": 1, "resultCode": 0}`: {want: with(func(s *Session) {
			s.Type, s.Connected = schema.SessionDomestic, schema.Some(true)
		})},
		`{"saessionType": "1", "sessionStatus": "0", "resultCode": "0"}`: {want: with(func(s *Session) {
			s.Type, s.Connected = schema.SessionRoaming, schema.Some(false)
		})},
		`{"sessionType": null, "sessionStatus": "0", "resultCode": "0"}`: {want: with(func(s *Session) {
			s.Connected = schema.Some(false)
		})},
		`{"sessionType": 0, "sessionStatus": 1, "resultCode": 1}`: {want: with(func(s *Session) { s.ResultCode = 1 })},
		`{"resultCode": 2}`: {want: with(func(s *Session) { s.ResultCode = 2 })},
		`{"sessionType": 0, "sessionStatus": 1, "resultCode": 9}`: {
			want: with(func(s *Session) { s.ResultCode = 9 }), warnings: 1,
		},
		`{"sessionType": 0, "sessionStatus": 2, "resultCode": 0}`: {
			want: with(func(s *Session) { s.Type = schema.SessionDomestic }), warnings: 1,
		},
		`{"sessionType": 0, "sessionStatus": 1}`: {want: with(func(s *Session) {
			s.Type, s.Connected = schema.SessionDomestic, schema.Some(true)
		}), warnings: 1},
		`{"sessionType": 0}`:                       {err: true},
		`{"sessionStatus": 1, "resultCode": "no"}`: {err: true},
		`{}`: {err: true},
	} {
		t.Run(body, func(t *testing.T) {
			a := asked([]byte(body))
			got, err := decode(a, decodeSession)
			if (err != nil) != c.err {
				t.Fatalf("error %v, want one: %v", err, c.err)
			}
			if err != nil {
				return
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("session (-want +got):\n%s", diff)
			}
			if len(a.warnings) != c.warnings {
				t.Errorf("warnings %v, want %d", a.warnings, c.warnings)
			}
		})
	}
}
