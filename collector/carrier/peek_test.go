package carrier

import (
	"io"
	"net/http"
	"strings"
	"testing"
)

// What an answer was looked at for is not read again: the whole of a short one is taken as it lies, whether it says its length or not, and
// of a long one the rest follows. One that was cut off is not taken for whole.
func TestAPeekedBodyIsReadOnce(t *testing.T) {
	for name, c := range map[string]struct {
		body   string
		length int64
		taken  bool
		cut    bool
	}{
		"short":          {`{"a":1}`, 7, true, false},
		"without length": {`{"a":1}`, -1, true, false},
		"long":           {strings.Repeat("x", 50), 50, false, false},
		"long, without":  {strings.Repeat("x", 50), -1, false, false},
		"cut off":        {`{"a"`, 7, false, true},
	} {
		resp := &http.Response{ContentLength: c.length, Body: io.NopCloser(strings.NewReader(c.body))}
		head := peek(resp, 20)
		got, err := readUpTo(resp, 1000)
		if (err != nil) != c.cut || err == nil && string(got) != c.body {
			t.Errorf("%s: %q, %v", name, got, err)
		}
		if taken := len(got) > 0 && &got[0] == &head[0]; taken != c.taken {
			t.Errorf("%s: taken as it lies: %t", name, taken)
		}
	}
	resp := &http.Response{ContentLength: 7, Body: io.NopCloser(strings.NewReader(`{"a":1}`))}
	peek(resp, 20)
	if _, err := readUpTo(resp, 5); err == nil {
		t.Error("a body over the limit was taken")
	}
}
