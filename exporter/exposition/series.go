package exposition

import (
	"bytes"
	"encoding/binary"
)

// series are what one block has of one family, in both forms that a scrape may want. The plain text would be nine parts
// repetition, so only what differs is kept, and put together again at the scrape: that costs little more than copying would.
//
// rows is, for each series: its target's place in the block, its variant, the length of its value's text (two bytes), and
// that.
type series struct {
	rows []byte
	segment
}

const rowHead = 4

// appendText puts the series together. What several of a target begin with is copied as one piece from the first of them, and values of
// one digit, as most are, are no copy of their own.
func (s *series) appendText(dst []byte, labels *[blockSize]*LabelSet, text *familyText) []byte {
	open, tails := text.open, text.tails
	target, head, headed := -1, 0, 0 // whose beginning lies between head and headed
	for rows := s.rows; len(rows) > 0; {
		end := rowHead + int(binary.LittleEndian.Uint16(rows[2:]))
		if place := int(rows[0] % blockSize); place == target {
			dst = append(dst, dst[head:headed]...)
		} else {
			target, head = place, len(dst)
			dst = append(dst, open...)
			dst = labels[place].appendTo(dst)
			headed = len(dst)
		}
		dst = append(dst, tails[rows[1]]...)
		if end == rowHead+1 {
			dst = append(dst, rows[rowHead], '\n')
		} else {
			dst = append(dst, rows[rowHead:end]...)
			dst = append(dst, '\n')
		}
		rows = rows[end:]
	}
	return dst
}

// same reports whether series of these rows would come out as they are.
func (s *series) same(rows []byte) bool { return bytes.Equal(s.rows, rows) }

// newSeries keeps rows and their segment, in one allocation.
func newSeries(rows []byte, of segment) series {
	kept := make([]byte, 0, len(rows)+len(of.deflated))
	kept = append(append(kept, rows...), of.deflated...)
	of.deflated = kept[len(rows):]
	return series{rows: kept[:len(rows):len(rows)], segment: of}
}

// builder is an Emitter that collects the rows of one block.
type builder struct {
	families []Family
	at       uint8    // the target's place
	rows     [][]byte // by family
}

func (b *builder) clear() {
	for f := range b.rows {
		b.rows[f] = b.rows[f][:0]
	}
}

func (b *builder) Value(f FamilyID, variant uint8, v float64) {
	rows := &b.rows[f]
	start := len(*rows)
	*rows = finishRow(appendNumber(append(*rows, b.at, variant, 0, 0), v), start)
}

func (b *builder) Labelled(f FamilyID, values []string, v float64) {
	rows := &b.rows[f]
	start := len(*rows)
	text := appendLabels(append(*rows, b.at, 0, 0, 0, ','), b.families[f].Labels, values)
	*rows = finishRow(appendNumber(append(text, '}', ' '), v), start)
}

// finishRow fills in the length of the row that starts there. Labels are cut at maxLabelBytes, so that
// they fit.
func finishRow(rows []byte, start int) []byte {
	binary.LittleEndian.PutUint16(rows[start+2:], uint16(len(rows)-start-rowHead))
	return rows
}
