package exporter

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// dialect is one of the two text formats. They differ in the comments alone: a sample reads the same in both.
type dialect uint8

const (
	plainText   dialect = iota // text/plain; version=0.0.4
	openMetrics                // application/openmetrics-text; version=1.0.0
	dialectCount
)

// maxLabelBytes cuts label values that no document foresees: the longest field of call 02 has 1,024 characters.
const maxLabelBytes = 4096

// cleanLabel makes a value fit for a label: valid UTF-8, of bounded length. Label values go to Prometheus as they are
// otherwise, blanks at their ends included.
func cleanLabel(value string) string {
	if len(value) > maxLabelBytes {
		end := maxLabelBytes
		for end > 0 && !utf8.RuneStart(value[end]) {
			end--
		}
		value = value[:end]
	}
	return strings.ToValidUTF8(value, string(utf8.RuneError))
}

// appendLabel writes name="value", escaped as both text formats want it.
func appendLabel(dst []byte, name, value string) []byte {
	dst = append(dst, name...)
	dst = append(dst, '=', '"')
	for i := range len(value) {
		switch c := value[i]; c {
		case '\\', '"':
			dst = append(dst, '\\', c)
		case '\n':
			dst = append(dst, '\\', 'n')
		default:
			dst = append(dst, c)
		}
	}
	return append(dst, '"')
}

// appendNumber writes a sample's value as expfmt does. Counts and sizes in OpenMetrics may, but need not, have a
// decimal point.
func appendNumber(dst []byte, value float64) []byte {
	switch value {
	case 0:
		return append(dst, '0')
	case 1:
		return append(dst, '1')
	}
	return strconv.AppendFloat(dst, value, 'g', -1, 64)
}

// header is the two comment lines in front of a family's series.
func (f *family) header(d dialect) string {
	name := f.nameIn(d)
	return "# HELP " + name + " " + f.help + "\n# TYPE " + name + " " + f.typeName() + "\n"
}

// heads are the texts that stand in every series of the family: before the subject's labels, and between them and
// the value, by variant. A family with free labels has its tail in the piece.
func (f *family) heads() (open string, tails []string) {
	for _, values := range f.variants {
		var tail []byte
		for i, value := range values {
			tail = appendLabel(append(tail, ','), f.labels[i], value)
		}
		tails = append(tails, string(append(tail, '}', ' ')))
	}
	if f.variants == nil {
		tails = []string{""}
	}
	return f.name + "{", tails
}
