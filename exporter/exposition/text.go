package exposition

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// maxLabelBytes cuts label values that no document foresees: five of them, all escaped, and thirty more of 200 characters fit into
// a row of series.
const maxLabelBytes = 2048

// CleanLabel makes a value fit for a label: valid UTF-8, of bounded length. Label values go to Prometheus as they are
// otherwise, blanks at their ends included.
func CleanLabel(value string) string {
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

// appendLabels writes labels with commas between them.
func appendLabels(dst []byte, names, values []string) []byte {
	for i, value := range values {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendLabel(dst, names[i], value)
	}
	return dst
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

// LabelSet is a target's labels. It never changes, so a rendered block may point to it.
type LabelSet struct {
	values []string
	prefix string // source="…",contract_id="…"
}

// NewLabelSet takes the names of the labels and their values, made clean. There may be more names than values.
func NewLabelSet(names []string, values ...string) *LabelSet {
	return &LabelSet{values: values, prefix: string(appendLabels(nil, names, values))}
}

// Values are the values of the labels, in their order. The caller must not change them.
func (l *LabelSet) Values() []string { return l.values }
