package main

import (
	"io"
	"os"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/term"
)

// screen is a terminal that people read what others wrote on: names, notes, the carrier's messages. Whatever is written to
// it only stands there; it moves no cursor, changes no colours or titles, and turns no text around.
type screen struct {
	to   io.Writer
	rest []byte // the beginning of a character whose end comes with the next write
}

// newScreen is a stream as commands write to it: a screen where a person sees it, and as it is otherwise.
func newScreen(stream io.Writer) io.Writer {
	if isTerminal(stream) {
		return &screen{to: stream}
	}
	return stream
}

// beyond is what stands behind a screen, for what draws by escapes of its own.
func beyond(stream io.Writer) io.Writer {
	if s, is := stream.(*screen); is {
		return s.to
	}
	return stream
}

// Write writes the text with signs in place of what a terminal would obey. Ends of lines and tabs stay.
func (s *screen) Write(text []byte) (int, error) {
	whole := append(s.rest, text...)
	cut := len(whole)
	for back := 1; back < utf8.UTFMax && back <= len(whole); back++ {
		if tail := whole[len(whole)-back:]; utf8.RuneStart(tail[0]) {
			if !utf8.FullRune(tail) {
				cut -= back
			}
			break
		}
	}
	s.rest = append([]byte(nil), whole[cut:]...)
	if _, err := io.WriteString(s.to, strings.Map(standing, string(whole[:cut]))); err != nil {
		return 0, err
	}
	return len(text), nil
}

// standing is a character as it may be written to a terminal.
func standing(r rune) rune {
	switch {
	case r == '\n', r == '\t':
		return r
	case r < ' ':
		return '␀' + r
	case unicode.IsControl(r), unicode.Is(unicode.Bidi_Control, r):
		return unicode.ReplacementChar
	}
	return r
}

// harmless is a text of one line that does nothing to a terminal but stand there.
func harmless(text string) string {
	return strings.Map(func(r rune) rune {
		switch r {
		case '\n':
			return '⏎'
		case '\t':
			return ' '
		}
		return standing(r)
	}, text)
}

// isTerminal reports whether a person sees what is written to a stream, or types what is read from it.
func isTerminal(stream any) bool {
	if _, is := stream.(*screen); is {
		return true
	}
	file, ok := stream.(*os.File)
	return ok && term.IsTerminal(int(file.Fd())) // /dev/null is a device, too
}
