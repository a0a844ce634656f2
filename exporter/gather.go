package exporter

import (
	"cmp"
	"slices"
	"time"

	dto "github.com/prometheus/client_model/go"
)

// Gather is the fleet as protobuf: for a Prometheus that asks for native histograms, which come in no text format. It
// tells the same as a snapshot of this moment, a hundred times slower, and makes a message of every series.
func (f *Fleet) Gather() ([]*dto.MetricFamily, error) {
	now := time.Now().UnixMilli()
	g := newGathering()
	for _, c := range f.chunks() {
		f.gatherChunk(c, now, g)
	}
	gathered := slices.DeleteFunc(g.gathered[:], func(mf *dto.MetricFamily) bool { return len(mf.Metric) == 0 })
	slices.SortFunc(gathered, func(a, b *dto.MetricFamily) int { return cmp.Compare(a.GetName(), b.GetName()) })
	return gathered, nil
}

func (f *Fleet) gatherChunk(c *chunk, now int64, g *gathering) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, s := range c.subjects {
		if s != nil {
			g.begin(s.name())
			s.visit(now, g)
		}
	}
}

// gathering is an emitter that makes protobuf.
type gathering struct {
	families [familyCount]family
	gathered [familyCount]*dto.MetricFamily
	subject  []*dto.LabelPair
}

func newGathering() *gathering {
	g := &gathering{families: families()}
	for id, family := range g.families {
		kind := dto.MetricType_GAUGE
		if family.counter {
			kind = dto.MetricType_COUNTER
		}
		g.gathered[id] = &dto.MetricFamily{Name: &family.name, Help: &family.help, Type: &kind}
	}
	return g
}

func (g *gathering) begin(id *ident) {
	g.subject = labelPairs(lineLabels()[:len(id.values)], id.values)
}

func (g *gathering) value(f familyID, variant uint8, v float64) {
	g.labelled(f, g.families[f].variants[variant], v)
}

func (g *gathering) labelled(f familyID, values []string, v float64) {
	labels := slices.Concat(g.subject, labelPairs(g.families[f].labels, values))
	slices.SortFunc(labels, func(a, b *dto.LabelPair) int { return cmp.Compare(a.GetName(), b.GetName()) })
	metric := &dto.Metric{Label: labels}
	if g.families[f].counter {
		metric.Counter = &dto.Counter{Value: &v}
	} else {
		metric.Gauge = &dto.Gauge{Value: &v}
	}
	g.gathered[f].Metric = append(g.gathered[f].Metric, metric)
}

func labelPairs(names, values []string) []*dto.LabelPair {
	pairs := make([]*dto.LabelPair, len(names))
	for i := range names {
		pairs[i] = &dto.LabelPair{Name: &names[i], Value: &values[i]}
	}
	return pairs
}
