package chdb

import (
	"bytes"
	"strings"
)

// The engine writes each piece of a streamed answer as if it were all of it. In formats that are rows and nothing else
// the pieces make the whole; where names or types stand above the rows, they have to be taken off all but the first;
// in any other format (JSON with its brackets, Pretty with its frames, Parquet) an answer cannot be put together, and
// is asked for whole.

// inPieces tells whether an answer in this format may come in pieces, and with how many lines above its rows.
func inPieces(format string) (head int, ok bool) {
	rows := format
	for suffix, lines := range map[string]int{"WithNamesAndTypes": 2, "WithNames": 1} {
		if before, found := strings.CutSuffix(format, suffix); found {
			rows, head = before, lines
			break
		}
	}
	switch rows {
	case "", "TabSeparated", "TSV", "TabSeparatedRaw", "TSVRaw", "CSV", "JSONCompactEachRow", "JSONCompactStringsEachRow":
		return head, true
	case "Native", "RowBinary", "JSONEachRow", "JSONLines", "NDJSON", "JSONStringsEachRow", "LineAsString", "RawBLOB":
		return 0, head == 0
	}
	return 0, false
}

// withoutHead takes lines off the beginning of a piece.
func withoutHead(piece []byte, lines int) []byte {
	for range lines {
		_, piece, _ = bytes.Cut(piece, []byte("\n"))
	}
	return piece
}
