package unom

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParseExtraLines(t *testing.T) {
	lines, err := ParseExtraLines(strings.NewReader("\ufeffcontract,line\r\nN123456789,09012345678\r\n\n# gone\n N123456789 , 1 \nN123456789,09012345678\n"))
	want := []ExtraLine{{"N123456789", "09012345678"}, {"N123456789", "1"}}
	if diff := cmp.Diff(want, lines); diff != "" || err != nil {
		t.Errorf("%v %s", err, diff)
	}
	_, err = ParseExtraLines(strings.NewReader("N123456789;09012345678\nN1234567890,1\nN123456789,090-1234-5678\nN123456789,\n"))
	wantErr := `row 1: no comma between a contract and a line
row 2: "N1234567890" is not a contract ID
row 3: "090******5678" is not a line number of 1 to 11 digits
row 4: "" is not a line number of 1 to 11 digits`
	if err == nil || err.Error() != wantErr {
		t.Errorf("error %v", err)
	}
	_, err = ParseExtraLines(strings.NewReader(strings.Repeat("<html>\n", 500)))
	if got := strings.Count(err.Error(), "\n"); got != maxRowErrors {
		t.Errorf("%d lines of error for a file that is something else", got)
	}
}
