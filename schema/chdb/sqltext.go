package chdb

import "strings"

// The HTTP interface has to know three things of a statement before the engine sees it: whether it is an INSERT
// whose data follows in the request, where that data begins, and in which format the answer will come. This file
// reads just enough SQL for that; everything else is the engine's business, errors included.

// token is one word, string or sign of a statement. Blanks and comments are not tokens.
type token struct {
	start, end int
	word       bool // a bare word: keyword, identifier, number
	depth      int  // how many parentheses are open around it
}

// scanner cuts SQL into tokens.
type scanner struct {
	sql   string
	pos   int
	depth int
}

// next is the next token; its end is 0 at the end of the text.
func (s *scanner) next() token {
	s.skipBlank()
	t := token{start: s.pos, depth: s.depth}
	if s.pos >= len(s.sql) {
		return token{}
	}
	switch c := s.sql[s.pos]; {
	case isWordByte(c):
		t.word = true
		for s.pos < len(s.sql) && isWordByte(s.sql[s.pos]) {
			s.pos++
		}
	case c == '\'' || c == '"' || c == '`':
		s.skipQuoted(c)
	case c == '(' || c == '[' || c == '{':
		s.depth++
		s.pos++
	case c == ')' || c == ']' || c == '}':
		s.depth--
		t.depth = s.depth
		s.pos++
	default:
		s.pos++
	}
	t.end = s.pos
	return t
}

func (s *scanner) skipBlank() {
	for s.pos < len(s.sql) {
		rest := s.sql[s.pos:]
		switch {
		case strings.IndexByte(" \t\r\n\f\v", rest[0]) >= 0:
			s.pos++
		case strings.HasPrefix(rest, "--"), strings.HasPrefix(rest, "#!"), strings.HasPrefix(rest, "# "):
			s.skipPast("\n")
		case strings.HasPrefix(rest, "/*"):
			s.skipPast("*/")
		default:
			return
		}
	}
}

func (s *scanner) skipPast(mark string) {
	if i := strings.Index(s.sql[s.pos:], mark); i >= 0 {
		s.pos += i + len(mark)
	} else {
		s.pos = len(s.sql)
	}
}

// skipQuoted passes over a string or a quoted name. A doubled quote needs no care: it looks like two strings.
func (s *scanner) skipQuoted(mark byte) {
	for s.pos++; s.pos < len(s.sql); s.pos++ {
		switch s.sql[s.pos] {
		case '\\':
			s.pos++
		case mark:
			s.pos++
			return
		}
	}
	s.pos = len(s.sql)
}

func isWordByte(c byte) bool {
	return c == '_' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= 0x80
}

// is tells whether the token is this bare word, in any case.
func (s *scanner) is(t token, word string) bool {
	return t.word && strings.EqualFold(s.sql[t.start:t.end], word)
}

// insertParts is an INSERT cut where its data begins.
type insertParts struct {
	head   string // INSERT INTO t (a, b) SETTINGS …
	format string
	data   int // offset of the data in the text
}

// splitInsert recognises an INSERT whose data follows the statement itself: after VALUES, or after FORMAT name and
// the end of that line. An INSERT from a SELECT or a file has none, and neither has any other statement.
func splitInsert(sql string) (insertParts, bool) {
	s := &scanner{sql: sql}
	if !s.is(s.next(), "insert") {
		return insertParts{}, false
	}
	t := s.target()
	for ; t.end > 0; t = s.next() {
		if t.depth > 0 {
			continue
		}
		switch {
		case s.is(t, "values"):
			return insertParts{head: sql[:t.start], format: "Values", data: t.end}, true
		case s.is(t, "format"):
			name := s.next()
			return insertParts{head: sql[:t.start], format: sql[name.start:name.end], data: endOfLine(sql, name.end)}, name.word
		case s.is(t, "select"), s.is(t, "with"), s.is(t, "from"), s.is(t, "watch"):
			return insertParts{}, false
		}
	}
	return insertParts{}, false
}

// target passes over [INTO] [TABLE] [FUNCTION] and the name behind it, which may be a word like "values" or
// "format", and returns the token after that.
func (s *scanner) target() token {
	t := s.next()
	for s.is(t, "into") || s.is(t, "table") || s.is(t, "function") {
		t = s.next()
	}
	t = s.next()
	for t.end > 0 && s.sql[t.start:t.end] == "." {
		s.next()
		t = s.next()
	}
	return t
}

// endOfLine passes over the blanks behind a FORMAT clause, and over one line break: the data begins there, and may
// itself begin with blanks.
func endOfLine(sql string, pos int) int {
	for pos < len(sql) && strings.IndexByte(" \t\f\r", sql[pos]) >= 0 {
		pos++
	}
	if pos < len(sql) && sql[pos] == '\n' {
		pos++
	}
	return pos
}

// outputFormat is the format that the statement's own FORMAT clause names, or "". The clause stands at the end, or
// before SETTINGS; anywhere else the word is a name.
func outputFormat(sql string) string {
	s := &scanner{sql: sql}
	var found string
	before, t := s.next(), s.next()
	for before.end > 0 && t.end > 0 {
		after := s.next()
		last := after.end == 0 || s.is(after, "settings") || sql[after.start] == ';'
		if last && t.word && t.depth == 0 && s.is(before, "format") && !s.is(t, "asc") && !s.is(t, "desc") {
			found = sql[t.start:t.end]
		}
		before, t = t, after
	}
	return found
}

// isSelect tells whether a statement can be read in pieces: one that begins with SELECT, WITH, FROM or a
// parenthesis. Where it guesses wrong, the engine refuses before it does anything.
func isSelect(sql string) bool {
	s := &scanner{sql: sql}
	t := s.next()
	return s.is(t, "select") || s.is(t, "with") || s.is(t, "from") || t.end > 0 && sql[t.start] == '('
}
