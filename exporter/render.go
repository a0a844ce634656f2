package exporter

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// renderEvery is how often Run renders what changed. Rendering more often would only render the same chunks
	// more often.
	renderEvery = 500 * time.Millisecond
	// maxAge is how old a snapshot may be when it is scraped.
	maxAge = time.Second
)

// snapshot is what a scrape reads. It never changes.
type snapshot struct {
	chunks   []*rendered
	asOf     time.Time // all that was written before is in it
	families *[familyCount]rendition
}

// rendition is a family's texts, made once.
type rendition struct {
	open  string
	tails []string
	head  [dialectCount]heading
}

// heading is the comment lines in front of a family.
type heading struct {
	text []byte
	block
}

// renderer makes snapshots, one at a time.
type renderer struct {
	mu       sync.Mutex
	current  atomic.Pointer[snapshot]
	deflater *deflater
	sheet    sheet
	families [familyCount]rendition
	text     []byte
}

func (r *renderer) init() {
	r.deflater = newDeflater()
	r.sheet.families = families()
	for id := range r.families {
		family, texts := &r.sheet.families[id], &r.families[id]
		texts.open, texts.tails = family.heads()
		for d := range dialectCount {
			text := []byte(family.header(d))
			texts.head[d] = heading{text: text, block: r.deflater.block(text).clone()}
		}
	}
}

// Run keeps the fleet rendered until ctx ends. Without it a scrape that finds nothing fresh renders by itself.
func (f *Fleet) Run(ctx context.Context) error {
	ticker := time.NewTicker(renderEvery)
	defer ticker.Stop()
	for {
		f.render()
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
	}
}

// fresh is a snapshot that is at most maxAge old.
func (f *Fleet) fresh() *snapshot {
	r := &f.renderer
	if s := r.current.Load(); s.youngerThan(maxAge) {
		return s
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if s := r.current.Load(); s.youngerThan(maxAge) {
		return s // somebody else rendered it while we waited
	}
	return f.renderLocked()
}

func (s *snapshot) youngerThan(age time.Duration) bool { return s != nil && time.Since(s.asOf) <= age }

// render brings the snapshot up to date.
func (f *Fleet) render() {
	f.renderer.mu.Lock()
	defer f.renderer.mu.Unlock()
	f.renderLocked()
}

// renderLocked is render with renderer.mu held. Writers wait for one chunk's figures to be read at a time, never for a
// compression.
func (f *Fleet) renderLocked() *snapshot {
	r := &f.renderer
	next := &snapshot{asOf: time.Now(), families: &r.families} // before anything is read
	chunks := f.chunks()
	next.chunks = make([]*rendered, len(chunks))
	for i, c := range chunks {
		if idents, due := f.read(c, next.asOf.UnixMilli(), &r.sheet); due {
			c.rendered = r.render(idents, c.rendered)
		}
		next.chunks[i] = c.rendered
	}
	r.current.Store(next)
	return next
}

// chunks are all there are now.
func (f *Fleet) chunks() []*chunk {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Concat(f.lines.chunks, f.groups.chunks)
}

// read visits a chunk if it may have changed: something was written, or goes stale now.
func (f *Fleet) read(c *chunk, now int64, to *sheet) (idents [chunkSize]*ident, due bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if !c.dirty && now <= c.expires {
		return idents, false
	}
	to.clear()
	c.dirty, c.expires = false, never
	for slot, s := range c.subjects {
		if l, ok := s.(*line); ok && l.forgettable(now) {
			f.forget(l) // leaves the chunk dirty: another line may have its place
			continue
		}
		if s == nil {
			continue
		}
		to.slot = uint8(slot)
		idents[slot] = s.name()
		c.expires = min(c.expires, s.visit(now, to))
	}
	return idents, true
}

// render turns the sheet into pieces. Pieces that come out as they were are taken over: most polls of a quiet fleet
// change nothing but their time.
func (r *renderer) render(idents [chunkSize]*ident, old *rendered) *rendered {
	next := &rendered{idents: idents}
	for id, rows := range r.sheet.rows {
		switch {
		case len(rows) == 0:
		case old != nil && old.idents == idents && old.pieces[id].same(rows):
			next.pieces[id] = old.pieces[id]
		default:
			fresh := piece{rows: rows}
			r.text = fresh.appendText(r.text[:0], &next.idents, r.families[id].open, r.families[id].tails)
			next.pieces[id] = newPiece(rows, r.deflater.block(r.text))
		}
	}
	return next
}
