package main

import (
	"io"
	"sync"

	"github.com/schollz/progressbar/v3"
)

// progress shows one bar for everything a sweep does; on anything but a terminal it shows nothing.
type progress struct {
	mu   sync.Mutex
	bar  *progressbar.ProgressBar
	jobs map[string]share
}

type share struct{ done, total int64 }

func newProgress(errs io.Writer) *progress {
	p := &progress{jobs: make(map[string]share)}
	if isTerminal(errs) {
		p.bar = progressbar.NewOptions64(-1, progressbar.OptionSetWriter(errs), progressbar.OptionSetDescription("sweep"),
			progressbar.OptionShowCount(), progressbar.OptionClearOnFinish(), progressbar.OptionThrottle(100_000_000))
	}
	return p
}

// tell adds what one job has done.
func (p *progress) tell(source, job string, done, total int64) {
	if p.bar == nil || total <= 0 {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.jobs[source+" "+job] = share{done, total}
	var sum share
	for _, s := range p.jobs {
		sum.done += s.done
		sum.total += s.total
	}
	p.bar.ChangeMax64(sum.total)
	_ = p.bar.Set64(sum.done)
}

func (p *progress) done() {
	if p.bar != nil {
		_ = p.bar.Finish()
	}
}
