package exposition

import (
	"cmp"
	"slices"
	"time"

	dto "github.com/prometheus/client_model/go"
)

// Gather is the series as protobuf: for a Prometheus that asks for native histograms, which come in no text format. It is
// the same as a snapshot of this moment, a hundred times slower, and makes a message of every series.
func (e *Exposition) Gather() ([]*dto.MetricFamily, error) {
	now := time.Now().UnixMilli()
	g := newGathering(e.families)
	for _, b := range e.blocks() {
		e.gatherBlock(b, now, g)
	}
	gathered := slices.DeleteFunc(g.gathered, func(mf *dto.MetricFamily) bool { return len(mf.Metric) == 0 })
	slices.SortFunc(gathered, func(a, b *dto.MetricFamily) int { return cmp.Compare(a.GetName(), b.GetName()) })
	return gathered, nil
}

func (e *Exposition) gatherBlock(b *block, now int64, g *gathering) {
	e.owner.Lock()
	defer e.owner.Unlock()
	for _, target := range b.targets {
		if target != nil {
			g.values, g.target = target.Labels().Values(), nil
			target.Visit(now, g)
		}
	}
}

// gathering is an Emitter that makes protobuf.
type gathering struct {
	families []Family
	gathered []*dto.MetricFamily
	values   []string         // of the target's labels
	target   []*dto.LabelPair // the same with their names; nil before the first series
}

func newGathering(families []Family) *gathering {
	g := &gathering{families: families}
	for i := range families {
		kind := dto.MetricType_GAUGE
		if families[i].Counter {
			kind = dto.MetricType_COUNTER
		}
		g.gathered = append(g.gathered, &dto.MetricFamily{Name: &families[i].Name, Help: &families[i].Help, Type: &kind})
	}
	return g
}

func (g *gathering) Value(f FamilyID, variant uint8, v float64) {
	g.Labelled(f, g.families[f].Variants[variant], v)
}

func (g *gathering) Labelled(f FamilyID, values []string, v float64) {
	family := &g.families[f]
	if g.target == nil {
		g.target = labelPairs(family.Target, g.values)
	}
	labels := slices.Concat(g.target, labelPairs(family.Labels, values))
	slices.SortFunc(labels, func(a, b *dto.LabelPair) int { return cmp.Compare(a.GetName(), b.GetName()) })
	metric := &dto.Metric{Label: labels}
	if family.Counter {
		metric.Counter = &dto.Counter{Value: &v}
	} else {
		metric.Gauge = &dto.Gauge{Value: &v}
	}
	g.gathered[f].Metric = append(g.gathered[f].Metric, metric)
}

func labelPairs(names, values []string) []*dto.LabelPair {
	pairs := make([]*dto.LabelPair, len(values))
	for i := range values {
		pairs[i] = &dto.LabelPair{Name: &names[i], Value: &values[i]}
	}
	return pairs
}
