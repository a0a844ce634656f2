package lenient

import (
	"strings"
	"testing"
	"time"

	"kaisen/schema"
)

func TestDate(t *testing.T) {
	for text, want := range map[Date]string{
		"20190819": "2019-08-19", "2019-08-19": "2019-08-19", "2019/08/19": "2019-08-19", "20200229": "2020-02-29",
		"2019-08-19T10:00:00+09:00": "2019-08-19", "2019/08/19 10:00": "2019-08-19",
		"2026-12-14T15:00:00.000Z": "2026-12-15", "2026-12-14T14:59:59Z": "2026-12-14", "2026-12-31T15:00Z": "2027-01-01", "20261214T150000Z": "2026-12-15",
		"2026-12-15T00:00:00+0900": "2026-12-15", "2026-12-14 20:00:00 -05:00": "2026-12-15", "2026/12/15 08:00:00+14": "2026-12-15", "2026-12-15T00:00:00+10:00": "2026-12-14",
		"2026-12-14T15:00:00": "2026-12-14", "2026-12-14T25:00:00Z": "2026-12-14", "2026-12-14TZ": "2026-12-14", "2026-12-14T15:00:00Z?": "2026-12-14",
		"": "", "20190230": "", "20190229": "", "201908": "", "2019081": "", "201908190": "", "2019-8-19": "", "19691231": "",
		"21490101": "", "2019-08/19": "", "２０１９０８１９": "", "today": "",
	} {
		day := text.Day()
		if got := day.V.String(); day.Known != (want != "") || day.Known && got != want {
			t.Errorf("%q is %v %s, want %q", text, day.Known, got, want)
		}
		if want == "" && text.Compact() != string(text) || want != "" && text.Compact() != strings.ReplaceAll(want, "-", "") {
			t.Errorf("%q is sent as %q", text, text.Compact())
		}
	}
	if got := DateOf(schema.DateOf(time.Date(2026, 11, 3, 0, 0, 0, 0, time.UTC))); got != "20261103" {
		t.Errorf("DateOf is %s", got)
	}
}

func TestChecks(t *testing.T) {
	for want, check := range map[string]func(c *Check){
		"a: is 3 characters long, must be 8":                           func(c *Check) { c.Text("a", "abc", 8, 8, AnyCharacter()) },
		"a: is 3 characters long, must be 7 to 15":                     func(c *Check) { c.Text("a", "東京都", 7, 15, AnyCharacter()) },
		"a: is 4 characters long, may be 3 at most":                    func(c *Check) { c.Text("a", "東京都港", 0, 3, AnyCharacter()) },
		"a: may have nothing but half-width digits":                    func(c *Check) { c.Text("a", "１23", 1, 3, Digits()) },
		"b: may have nothing but half-width letters and digits":        func(c *Check) { c.Text("b", "aZ9-", 1, 9, Alphanumeric()) },
		"c: may have nothing but half-width letters, digits and signs": func(c *Check) { c.Text("c", "a b", 1, 9, HalfWidth()) },
		"a: is missing":                         func(c *Check) { c.Required("a", "") },
		"a: must be one of 1, 2":                func(c *Check) { c.OneOf("a", "3", "1", "2") },
		"a: must be 0 to 9999":                  func(c *Check) { c.FourDigits("a", 10000) },
		"b: must be 0 to 9999":                  func(c *Check) { c.FourDigits("b", -1) },
		"a: is no day that exists, as YYYYMMDD": func(c *Check) { c.Date("a", "20190230") },
		"from: is after to":                     func(c *Check) { c.Period("from", "20190102", "to", "20190101") },
		"part.a: 100% wrong":                    func(c *Check) { c.Within("part", Check{}.with("a", "100% wrong").Violations) },
		"": func(c *Check) {
			c.Text("a", "", 8, 8, Digits())
			c.Text("a", "a1~!", 1, 4, HalfWidth())
			c.Required("a", "x")
			c.OneOf("a", "", "1")
			c.OneOf("a", "1", "1")
			c.FourDigits("a", 9999)
			c.Period("from", "20190101", "to", "20190101")
			c.Period("from", "", "to", "20190101")
		},
	} {
		var c Check
		check(&c)
		if got := errorText(c.Err()); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func (c Check) with(field, problem string) Check {
	c.Add(field, "%s", problem)
	return c
}
