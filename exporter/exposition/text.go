package exposition

import (
	"cmp"
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
	outer *LabelSet // has those before the last one; nil: there are none
	last  string    // the value of the last one, a part of own where that does not escape it
	own   string    // line_no="…", behind a comma where others are before it
}

// NewLabelSet takes the names of the labels and their values, made clean. There may be more names than values, and there is a value at
// least.
func NewLabelSet(names []string, values ...string) *LabelSet {
	var set *LabelSet
	for i, value := range values {
		set = set.With(names[i], value)
	}
	return set
}

// With is the labels of l, which may be nil, and one more, whose value is made clean. It keeps no more than their text.
func (l *LabelSet) With(name, value string) *LabelSet {
	var text []byte
	if l != nil {
		text = append(text, ',')
	}
	set := &LabelSet{outer: l, last: value, own: string(appendLabel(text, name, value))}
	end := len(set.own) - 1 // a quotation mark
	if begin := end - len(value); set.own[begin:end] == value {
		set.last = set.own[begin:end]
	} else {
		set.last = strings.Clone(value)
	}
	return set
}

// appendTo writes the labels' text. Those before the last one are the same of many sets, and are kept once.
func (l *LabelSet) appendTo(dst []byte) []byte {
	if l.outer != nil {
		dst = l.outer.appendTo(dst)
	}
	return append(dst, l.own...)
}

// Values are the values of the labels, in their order.
func (l *LabelSet) Values() []string {
	if l == nil {
		return nil
	}
	return append(l.outer.Values(), l.last)
}

// Last is the value of the last label.
func (l *LabelSet) Last() string { return l.last }

// Compare orders sets of the same names by their values.
func (l *LabelSet) Compare(other *LabelSet) int {
	if l == other {
		return 0
	}
	return cmp.Or(l.outer.Compare(other.outer), strings.Compare(l.last, other.last))
}
