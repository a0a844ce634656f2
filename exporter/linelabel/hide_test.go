package linelabel

import (
	"testing"
)

// TestHideNumbers: whatever form a number has, a mask or a hash is not undone by a name; dates and addresses stay.
func TestHideNumbers(t *testing.T) {
	for text, want := range map[string]string{
		"カメラ3 09012345678 窓":      "カメラ3 *********** 窓",
		"090-1234-5678":           "***-****-****",
		"+81 90 1234 5678":        "+81 ** **** ****",
		"3 090(1234)5678":         "3 ***(****)****",
		"twin of 080-8765-4321":   "twin of ***-****-****",
		"2026-11-27 12:30":        "2026-11-27 12:30",
		"床 3-12, 10.0.0.1":        "床 3-12, 10.0.0.1",
		"5678":                    "5678",
		"09012345678/09012345678": "***********/***********",
	} {
		if got := HideNumbers(text, "09012345678"); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
	if got := HideNumbers("line 123, 1234", "123"); got != "line ***, 1234" {
		t.Errorf("a short number: %q", got)
	}
}
