package main

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"kaisen/internal/config"
)

// A log names no line, in whatever form and however deep a number is in what is logged.
func TestALogNamesNoLine(t *testing.T) {
	for _, format := range []string{"text", "json"} {
		var log bytes.Buffer
		to := newLogger(&log, config.Log{Level: "debug", Format: format})
		for _, number := range []string{"09012345678", "090-1234-5678", "０９０１２３４５６７８", "+81 (0)90 1234 5678"} {
			inner := fmt.Errorf("code: 27, at row 5: %w", errors.New("lineNo "+number))
			to.With("about", number).Warn("line "+number, "error", errors.Join(errors.New("insert"), inner), "list", []string{number}, "rows", 9012345678)
		}
		text := log.String()
		for _, part := range []string{"1234-5678", "09012345678", "１２３４", "1234 5678"} {
			if strings.Contains(text, part) {
				t.Errorf("%s shows:\n%s", part, text)
			}
		}
		if strings.Count(text, "5678") < 4*4 || strings.Count(text, "code: 27, at row 5") != 4 {
			t.Errorf("more is hidden than numbers:\n%s", text)
		}
	}
}
