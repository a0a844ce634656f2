// Package exposition keeps the series of many targets rendered, in the text formats of Prometheus and compressed, so that
// a scrape of millions of series is a copy:
//
//	Target.Visit ─→ block of 64 targets ─→ series (one block × one family) ─→ snapshot ─→ Write
//	                under the owner's lock   twice a second, what changed      immutable
//
// It refuses to know what its series are about: targets, their labels and the families come from outside, and so does the
// lock that guards them. It serves no HTTP.
package exposition

import (
	"context"
	"io"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// renderEvery is how often Run renders what changed. Rendering more often would only render the same blocks more
	// often.
	renderEvery = 500 * time.Millisecond
	// MaxAge is how old what Write writes may be.
	MaxAge = time.Second
)

// Exposition is the series of all targets in its slots. All its methods may be called at the same time.
type Exposition struct {
	families []Family
	owner    sync.Locker // guards the slots, and what targets emit
	slots    []*Slots
	encoders sync.Pool // of *encoder

	mu       sync.Mutex // for one rendering at a time; guards what follows
	deflater *deflater
	builder  builder
	texts    []familyText // they never change
	text     []byte
	current  atomic.Pointer[snapshot]
}

// snapshot is what a scrape reads. It never changes.
type snapshot struct {
	blocks []*rendered
	asOf   time.Time // all that was written before is in it
}

// rendered is a block's share of a snapshot. It never changes.
type rendered struct {
	labels [blockSize]*LabelSet
	series []series // by family
}

// New makes an exposition of families, in this order. The owner's lock guards the slots and the targets in them: whoever
// changes either holds it.
func New(families []Family, owner sync.Locker) *Exposition {
	e := &Exposition{
		families: families,
		owner:    owner,
		encoders: sync.Pool{New: func() any { return new(encoder) }},
		deflater: newDeflater(),
		builder:  builder{families: families, rows: make([][]byte, len(families))},
	}
	for i := range families {
		e.texts = append(e.texts, newFamilyText(&families[i], e.deflater))
	}
	return e
}

// Slots makes places for up to limit targets, whose series come behind those of the Slots made before. It must not be
// called once anything is rendered.
func (e *Exposition) Slots(limit int) *Slots {
	s := &Slots{limit: limit}
	e.slots = append(e.slots, s)
	return s
}

// Run keeps everything rendered until ctx ends. Without it a Write that finds nothing fresh renders by itself.
func (e *Exposition) Run(ctx context.Context) error {
	ticker := time.NewTicker(renderEvery)
	defer ticker.Stop()
	for {
		e.Render()
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
	}
}

// Write writes a whole exposition that is at most MaxAge old: first, which is other families already encoded, then the
// targets' series.
func (e *Exposition) Write(to io.Writer, format Format, compress bool, first []byte) error {
	s := e.fresh()
	out := e.encoders.Get().(*encoder)
	defer e.encoders.Put(out)
	out.begin(to, compress)
	out.text(first)
	for id := range e.texts {
		text, headed := &e.texts[id], false
		for _, b := range s.blocks {
			series := &b.series[id]
			if len(series.rows) == 0 {
				continue
			}
			if !headed {
				out.heading(&text.head[format])
				headed = true
			}
			out.series(series, &b.labels, text)
		}
	}
	if format == OpenMetrics {
		out.text([]byte(openMetricsEnd))
	}
	return out.end()
}

// fresh is a snapshot that is at most MaxAge old.
func (e *Exposition) fresh() *snapshot {
	if s := e.current.Load(); s.youngerThan(MaxAge) {
		return s
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if s := e.current.Load(); s.youngerThan(MaxAge) {
		return s // somebody else rendered it while we waited
	}
	return e.renderLocked()
}

func (s *snapshot) youngerThan(age time.Duration) bool { return s != nil && time.Since(s.asOf) <= age }

// Render brings what Write writes up to date.
func (e *Exposition) Render() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.renderLocked()
}

// renderLocked is Render with mu held. The owner waits for one block's targets to be visited at a time, never for a
// compression.
func (e *Exposition) renderLocked() *snapshot {
	next := &snapshot{asOf: time.Now()} // before anything is read
	blocks := e.blocks()
	next.blocks = make([]*rendered, len(blocks))
	for i, b := range blocks {
		if labels, due := e.visit(b, next.asOf.UnixMilli()); due {
			b.rendered = e.renderBlock(labels, b.rendered)
		}
		next.blocks[i] = b.rendered
	}
	e.current.Store(next)
	return next
}

// blocks are all there are now.
func (e *Exposition) blocks() []*block {
	e.owner.Lock()
	defer e.owner.Unlock()
	var all []*block
	for _, s := range e.slots {
		all = append(all, s.blocks...)
	}
	return all
}

// visit collects the rows of a block's targets if they may have changed: something was written, or goes stale now.
func (e *Exposition) visit(b *block, now int64) (labels [blockSize]*LabelSet, due bool) {
	e.owner.Lock()
	defer e.owner.Unlock()
	if !b.dirty && now <= b.expires {
		return labels, false
	}
	e.builder.clear()
	b.dirty, b.expires = false, Never
	for i, target := range b.targets {
		if target == nil || target.Leave(now) { // leaving makes the block dirty: another target may have the place
			continue
		}
		e.builder.at = uint8(i)
		labels[i] = target.Labels()
		b.expires = min(b.expires, target.Visit(now, &e.builder))
	}
	return labels, true
}

// renderBlock turns the collected rows into series. Those that come out as they were are taken over: most
// changes are of few families.
func (e *Exposition) renderBlock(labels [blockSize]*LabelSet, old *rendered) *rendered {
	next := &rendered{labels: labels, series: make([]series, len(e.families))}
	for id, rows := range e.builder.rows {
		switch {
		case len(rows) == 0:
		case old != nil && old.labels == labels && old.series[id].same(rows):
			next.series[id] = old.series[id]
		default:
			fresh := series{rows: rows}
			e.text = fresh.appendText(e.text[:0], &next.labels, &e.texts[id])
			next.series[id] = newSeries(rows, e.deflater.segment(e.text))
		}
	}
	return next
}
