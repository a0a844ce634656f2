package exposition

import (
	"strings"

	"github.com/prometheus/client_golang/prometheus"
)

// Format is one of the two text formats. They differ in the comments alone: a sample reads the same in both.
type Format uint8

const (
	Text        Format = iota // text/plain; version=0.0.4
	OpenMetrics               // application/openmetrics-text; version=1.0.0
	formatCount
)

// openMetricsEnd is the last line of an OpenMetrics exposition.
const openMetricsEnd = "# EOF\n"

// FamilyID is the place of a Family in the list that New takes.
type FamilyID uint8

// Family describes one metric family. A series has the labels of its target, then the family's own, whose values are fixed
// sets that are numbered here, so that a series in memory is a number and a value.
type Family struct {
	Name     string
	Help     string     // it must do as it is in both formats: one line, no backslash, no double quote
	Counter  bool       // else a gauge
	Target   []string   // names of the target's labels
	Labels   []string   // names of the family's own
	Variants [][]string // values of Labels; nil where they are free
}

// Describe sends the descriptions of all families, by which a registry refuses other metrics of their names.
func (e *Exposition) Describe(descs chan<- *prometheus.Desc) {
	for i := range e.families {
		f := &e.families[i]
		descs <- prometheus.NewDesc(f.Name, f.Help, append(f.Target[:len(f.Target):len(f.Target)], f.Labels...), nil)
	}
}

// familyText is a family's texts, made once.
type familyText struct {
	open  string   // what is before the target's labels
	tails []string // what is between them and the value, by variant; a family with free labels has it in its rows
	head  [formatCount]heading
}

// heading is the comment lines in front of a family.
type heading struct {
	text []byte
	segment
}

func newFamilyText(f *Family, d *deflater) familyText {
	t := familyText{open: f.Name + "{"}
	for _, values := range f.Variants {
		var tail []byte
		if len(values) > 0 {
			tail = appendLabels([]byte{','}, f.Labels, values)
		}
		t.tails = append(t.tails, string(append(tail, '}', ' ')))
	}
	if f.Variants == nil {
		t.tails = []string{""}
	}
	for format := range t.head {
		name, kind := f.Name, "gauge"
		if f.Counter {
			kind = "counter"
			if Format(format) == OpenMetrics {
				name = strings.TrimSuffix(name, "_total") // it names a counter without its suffix in comments
			}
		}
		text := []byte("# HELP " + name + " " + f.Help + "\n# TYPE " + name + " " + kind + "\n")
		t.head[format] = heading{text: text, segment: d.segment(text).clone()}
	}
	return t
}
