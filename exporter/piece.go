package exporter

import (
	"bytes"
	"encoding/binary"
)

// piece is the series of one family in one chunk, in both forms that a scrape may want. The plain text would be nine
// parts repetition, so only what differs from series to series is kept, and put together again at the scrape: that
// costs little more than copying would.
//
// rows is, for each series: its subject's slot, its variant, the length of its value's text (two bytes), and that.
type piece struct {
	rows []byte
	block
}

const rowHead = 4

// appendText puts the series together. open and tails are the family's heads.
func (p *piece) appendText(dst []byte, idents *[chunkSize]*ident, open string, tails []string) []byte {
	for rows := p.rows; len(rows) > 0; {
		end := rowHead + int(binary.LittleEndian.Uint16(rows[2:]))
		dst = append(dst, open...)
		dst = append(dst, idents[rows[0]%chunkSize].prefix...)
		dst = append(dst, tails[rows[1]]...)
		dst = append(dst, rows[rowHead:end]...)
		dst = append(dst, '\n')
		rows = rows[end:]
	}
	return dst
}

// sheet is an emitter that collects the rows of one chunk.
type sheet struct {
	families [familyCount]family
	slot     uint8
	rows     [familyCount][]byte
}

func (s *sheet) clear() {
	for f := range s.rows {
		s.rows[f] = s.rows[f][:0]
	}
}

func (s *sheet) value(f familyID, variant uint8, v float64) {
	start := len(s.rows[f])
	rows := append(s.rows[f], s.slot, variant, 0, 0)
	s.rows[f] = finishRow(appendNumber(rows, v), start)
}

func (s *sheet) labelled(f familyID, values []string, v float64) {
	start := len(s.rows[f])
	rows := append(s.rows[f], s.slot, 0, 0, 0)
	for i, value := range values {
		rows = appendLabel(append(rows, ','), s.families[f].labels[i], value)
	}
	s.rows[f] = finishRow(appendNumber(append(rows, '}', ' '), v), start)
}

// finishRow fills in the length of the row that starts there. Labels are cut at maxLabelBytes, so that even five of
// them, all escaped, fit.
func finishRow(rows []byte, start int) []byte {
	binary.LittleEndian.PutUint16(rows[start+2:], uint16(len(rows)-start-rowHead))
	return rows
}

// rendered is a chunk's share of a snapshot. It never changes.
type rendered struct {
	idents [chunkSize]*ident
	pieces [familyCount]piece
}

// same reports whether a piece would come out as it is.
func (p *piece) same(rows []byte) bool { return bytes.Equal(p.rows, rows) }

// newPiece keeps rows and their block, in one allocation.
func newPiece(rows []byte, b block) piece {
	kept := make([]byte, 0, len(rows)+len(b.deflated))
	kept = append(append(kept, rows...), b.deflated...)
	b.deflated = kept[len(rows):]
	return piece{rows: kept[:len(rows):len(rows)], block: b}
}
