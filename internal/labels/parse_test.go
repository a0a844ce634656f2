package labels

import (
	"fmt"
	"strings"
	"testing"

	"kaisen/schema"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding/japanese"
	textunicode "golang.org/x/text/encoding/unicode"
)

const plain = "contract_id,line_no,name,department,site\nN123456789,09012345678,渋谷カメラ3,camera,渋谷\nN123456789,02012345678901,,,\n"

func parse(t *testing.T, text string) Labels {
	t.Helper()
	all, err := Parse(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// TestFormsOfAFile: what spreadsheets write is read alike.
func TestFormsOfAFile(t *testing.T) {
	text := strings.Replace(plain, "02012345678901", "020-1234-5678", 1)
	want := Labels{Columns: []string{"department", "site"}, Rows: []Label{
		{ContractID: "N123456789", LineNo: "09012345678", Name: "渋谷カメラ3", Values: []string{"camera", "渋谷"}},
		{ContractID: "N123456789", LineNo: "02012345678", Values: []string{"", ""}},
	}}
	shiftJIS, err := japanese.ShiftJIS.NewEncoder().String(text)
	if err != nil {
		t.Fatal(err)
	}
	utf16, err := textunicode.UTF16(textunicode.LittleEndian, textunicode.UseBOM).NewEncoder().String(strings.ReplaceAll(text, ",", "\t"))
	if err != nil {
		t.Fatal(err)
	}
	for name, form := range map[string]string{
		"plain": text, "mark": "\ufeff" + text, "Shift_JIS": shiftJIS, "UTF-16 with tabs": utf16,
		"semicolons": strings.ReplaceAll(text, ",", ";"), "Windows": strings.ReplaceAll(text, "\n", "\r\n"),
		"without the last line's end": strings.TrimSuffix(text, "\n"),
		"empty columns and rows":      strings.ReplaceAll(text, "\n", ",,\n") + ",,,,,,\n\n",
		"quotes":                      strings.NewReplacer("渋谷カメラ3", `"渋谷カメラ3"`, "N1", ` "N1`, "89,", `89",`).Replace(text),
		"names in capitals":           strings.Replace(text, "contract_id,line_no,name", "Contract_ID, LINE_NO ,Name", 1),
		"full-width":                  strings.Replace(text, "09012345678", "０９０－１２３４－５６７８", 1),
	} {
		if diff := cmp.Diff(want, parse(t, form)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

// TestMistakesHaveTheirRow: each row that is wrong is told with its number in the file, without the line's number, and costs
// no other.
func TestMistakesHaveTheirRow(t *testing.T) {
	rows := []struct{ row, want string }{
		{"N123456789,09011112222,good", ""},
		{"N12345678,09011112223,x", "contract_id"},
		{"N123456789,9011112224,x", "leading 0"},
		{"N123456789,9.01111E+09,x", "turned into a number"},
		{"N123456789,,x", "1 to 11 digits"},
		{"N123456789,090111122225,x", "1 to 11 digits"},
		{"N123456789,090-1111-2222,again", "in row 2 already"},
		{"N123456789,09011112226,\"A,x", "a quote is not closed"},
		{"N123456789,09011112231,read behind it", ""},
		{"\"N123456789,09011112232,A", "a quote is not closed"},
		{"N123456789,09011112233,\"two", "a quote is not closed"},
		{"lines\"", "contract_id"},
		{"N123456789,09011112234,Tokyo, Ltd", "4 cells, the header has 3"},
		{"N123456789,09011112235,19\" screen, left", "4 cells"},
		{"N123456789,09011112236,a\tb", "control character"},
		{"N123456789,09011112227," + strings.Repeat("長", 201), "longer than 200"},
		{"09011112228,N123456789,swapped", "contract_id"},
		{"N123456789", "1 to 11 digits"},
		{"N123456789,09011112229,good too", ""},
	}
	text, number := "contract_id,line_no,name\n", 2
	var want []string
	for _, r := range rows {
		if text += r.row + "\n"; r.want != "" {
			want = append(want, fmt.Sprintf("row %d: …%s", number, r.want))
		}
		number += strings.Count(r.row, "\n") + 1
	}
	all := parse(t, text)
	if len(all.Rows) != 3 || len(all.Mistakes) != len(want) {
		t.Fatalf("%d rows, mistakes %v", len(all.Rows), all.Mistakes)
	}
	for i, mistake := range all.Mistakes {
		start, part, _ := strings.Cut(want[i], "…")
		if got := mistake.Error(); !strings.HasPrefix(got, start) || !strings.Contains(got, part) || strings.Contains(got, "1111222") {
			t.Errorf("%q, want %q", got, want[i])
		}
	}
}

// TestLeftOutIsNotGone: the line of a row that was left out is known, so that nobody takes it for one that left the file.
func TestLeftOutIsNotGone(t *testing.T) {
	for _, row := range []string{`N123456789,09011112222,"A,x`, `"N123456789,09011112222,A`, "N123456789,09011112222,Tokyo, Ltd", "N123456789,090-1111-2222,a\tb"} {
		all := parse(t, "contract_id,line_no,name\n"+row+"\nN123456789,09011112223,y\n")
		want := []Label{{ContractID: "N123456789", LineNo: "09011112222"}}
		if diff := cmp.Diff(want, all.LeftOut); diff != "" || len(all.Rows) != 1 || len(all.Mistakes) != 1 {
			t.Errorf("%s: %+v %s", row, all, diff)
		}
	}
}

// TestQuoteWithinACell: it is taken literally, where the cell does not begin with one.
func TestQuoteWithinACell(t *testing.T) {
	all := parse(t, "contract_id,line_no,name\nN123456789,09011112222,19\" screen\nN123456789,09011112223,\"the \"\"big\"\" one, left\"\n")
	if len(all.Rows) != 2 || all.Rows[0].Name != `19" screen` || all.Rows[1].Name != `the "big" one, left` {
		t.Errorf("%+v", all)
	}
}

// TestOwnThresholds: near_cap_percent is a number of 0 to 100 in whatever form a spreadsheet writes it, and another value is
// told with its row.
func TestOwnThresholds(t *testing.T) {
	const head = "contract_id,line_no,name,Near_Cap_Percent\n"
	for written, want := range map[string]string{
		"": "", "30": "30", "0": "0", "100": "100", "12.5": "12.5", "5 %": "5", "５％": "5", "1e1": "10",
		"-1": "no", "100.1": "no", "NaN": "no", "Inf": "no", "a fifth": "no", "12;5": "no", "%": "no",
	} {
		all := parse(t, head+"N123456789,09012345678,x,"+written+"\n")
		switch {
		case want == "no":
			if len(all.Rows) != 0 || len(all.Mistakes) != 1 || all.Mistakes[0].Error() != "row 2: near_cap_percent is no number of 0 to 100" {
				t.Errorf("%q: %+v", written, all)
			}
		case len(all.Rows) != 1 || all.Columns[0] != "near_cap_percent" || all.Rows[0].Values[0] != want:
			t.Errorf("%q: %+v, want %s", written, all, want)
		}
	}
}

func TestFilesThatAreNone(t *testing.T) {
	for text, want := range map[string]string{
		"":                              "empty",
		"N123456789,09012345678,x\n":    "contract_id and line_no are missing",
		"contract_id,name\n":            "line_no are missing",
		"contract_id,line_no,\"name\n":  "row 1: a quote is not closed",
		"contract_id,line_no,line_no\n": "twice",
		"contract_id,line_no,部署,部署\n":   "twice",
		"contract_id,line_no,near_cap_percent,Near_cap_percent\n":     "twice",
		"contract_id,line_no,name\nN123456789,09012345678,\xff\xff\n": "neither UTF-8",
	} {
		if all, err := Parse(strings.NewReader(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, error %v, want %q", text, all, err, want)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add(plain)
	f.Add("contract_id;line_no\nN123456789;\"090")
	f.Fuzz(func(t *testing.T, text string) {
		all, err := Parse(strings.NewReader(text))
		for _, row := range all.Rows {
			if err != nil || !schema.IsContractID(row.ContractID) || !schema.IsLineNo(row.LineNo) || len(row.Values) != len(all.Columns) {
				t.Errorf("%+v, error %v", row, err)
			}
		}
	})
}

func BenchmarkParse(b *testing.B) {
	var text strings.Builder
	text.WriteString("contract_id,line_no,name,department,site\n")
	for i := range 10_000 {
		fmt.Fprintf(&text, "N123456789,090%08d,渋谷カメラ%d,camera,渋谷\n", i, i)
	}
	b.ReportAllocs()
	for b.Loop() {
		if all, err := Parse(strings.NewReader(text.String())); err != nil || len(all.Rows) != 10_000 {
			b.Fatal(err)
		}
	}
}
