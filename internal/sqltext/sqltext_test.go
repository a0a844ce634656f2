package sqltext

import "testing"

func TestQuote(t *testing.T) {
	for text, want := range map[string]string{
		"":       `''`,
		"回線":     `'回線'`,
		`it's`:   `'it\'s'`,
		`\`:      `'\\'`,
		`\' -- `: `'\\\' -- '`,
	} {
		if got := Quote(text); got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
}
