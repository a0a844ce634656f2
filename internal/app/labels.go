package app

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/sourcegraph/conc"

	"kaisen/collector"
	"kaisen/internal/config"
	"kaisen/internal/labels"
	"kaisen/schema"
)

// lineNames brings labels_file to the store and to the gauges, at the start and whenever it changes.
type lineNames struct {
	shard   collector.Shard // whose lines are written: another process writes the others
	needed  []string        // columns that the file must have, for exporter.info_labels
	sink    collector.Sink
	base    *slog.Logger
	changed chan struct{} // capacity 1: there is another configuration
	taking  sync.Mutex    // one reads the file and writes what is news

	mu      sync.Mutex
	file    *labels.File        // nil: none is configured
	sources map[string][]string // by contract, the sources that watch it
	log     *slog.Logger

	wrong  string                             // why names are those of an earlier file; empty: they are not
	stored map[schema.LineKey]schema.LineName // as the store has them, as far as known
}

// newLineNames is without a file where no labels_file is configured.
func newLineNames(cfg *config.Config, sink collector.Sink, log *slog.Logger) *lineNames {
	shard, _ := shardOf(cfg) // newBuilder has read it
	n := &lineNames{shard: shard, needed: cfg.Exporter.InfoLabels, sink: sink, base: log, changed: make(chan struct{}, 1),
		stored: map[schema.LineKey]schema.LineName{}}
	n.set(cfg)
	return n
}

// set goes by a configuration from now on. What is stored of contracts that are configured no more stays as it is.
func (n *lineNames) set(cfg *config.Config) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.file, n.log, n.wrong = nil, n.base, ""
	if cfg.LabelsFile != "" {
		n.file, n.log = labels.NewFile(cfg.LabelsFile), n.base.With("labels_file", cfg.LabelsFile)
	}
	n.sources = map[string][]string{}
	for _, source := range cfg.Sources {
		for _, contract := range collector.ContractsOf(source.Settings) {
			n.sources[contract] = append(n.sources[contract], source.Name)
		}
	}
	maps.DeleteFunc(n.stored, func(key schema.LineKey, _ schema.LineName) bool {
		return !slices.Contains(n.sources[key.ContractID], key.Source)
	})
}

// reload is set while run runs, which then reads the file anew.
func (n *lineNames) reload(cfg *config.Config) {
	n.taking.Lock()
	n.set(cfg)
	n.taking.Unlock()
	select {
	case n.changed <- struct{}{}:
	default: // it will look anyway
	}
}

// current is the file, nil for none, and where to say what is wrong with it.
func (n *lineNames) current() (*labels.File, *slog.Logger) {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.file, n.log
}

// restore takes in what an earlier process has stored.
func (n *lineNames) restore(state schema.State) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.file == nil {
		return
	}
	for _, row := range state.Names {
		if _, known := n.stored[row.LineKey]; !known {
			n.stored[row.LineKey] = row
		}
	}
}

// nearCap is a line's own threshold; it is not known of a line that has none.
func (n *lineNames) nearCap(key schema.LineKey) schema.Opt[float64] {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.file == nil {
		return schema.Opt[float64]{}
	}
	row := n.stored[key]
	return row.NearCap()
}

// run reads the file now and after each change, of it and of the configuration, until ctx ends.
func (n *lineNames) run(ctx context.Context) {
	for ctx.Err() == nil {
		n.take(ctx)
		watch, stop := context.WithCancel(ctx)
		var watching conc.WaitGroup
		if file, _ := n.current(); file != nil {
			watching.Go(func() { file.Watch(watch, func() { n.take(ctx) }) })
		}
		select {
		case <-n.changed:
		case <-ctx.Done():
		}
		stop()
		watching.Wait()
	}
}

// refuse notes why the file is not taken, once for each reason; nil is that it is again.
func (n *lineNames) refuse(err error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	switch {
	case err == nil && n.wrong != "":
		n.wrong = ""
		n.log.Info("the labels file is good again")
	case err != nil && n.wrong != err.Error():
		n.wrong = err.Error()
		n.log.Warn("the names of lines are as they were: the labels file is not taken", "error", err)
	}
}

// unlistedTold is how many of the lines that are named in vain are told one by one.
const unlistedTold = 3

// notes says why names are those of an earlier file, if they are, and which lines of the file no list has.
func (n *lineNames) notes(unlisted func(first int) (lines int, masked []string)) (notes []string) {
	if n == nil {
		return nil
	}
	n.mu.Lock()
	configured, wrong := n.file != nil, n.wrong
	n.mu.Unlock()
	if wrong != "" {
		notes = append(notes, "labels_file: "+wrong+"; the names of lines are as they were")
	}
	if !configured {
		return notes
	}
	if lines, first := unlisted(unlistedTold); lines > 0 {
		notes = append(notes, fmt.Sprintf("labels_file: lines that it names and their contracts' lists do not have, mistyped perhaps: %d: %s", lines, strings.Join(first, ", ")))
	}
	return notes
}

// read reads the file, and refuses one without a column that is shown: each line would lose what it has there.
func (n *lineNames) read(file *labels.File) (labels.Labels, error) {
	all, err := file.Read()
	if err != nil {
		return all, err
	}
	for _, column := range n.needed {
		if !slices.Contains(all.Columns, column) {
			return all, fmt.Errorf("column %s is missing, which exporter.info_labels names", column)
		}
	}
	return all, nil
}

// mostTold bounds how many rows of a file are told one by one: with more, the file is something else.
const mostTold = 20

// take reads the file and writes what is news. A file that cannot be read, or lacks a column, takes no name away.
func (n *lineNames) take(ctx context.Context) {
	n.taking.Lock()
	defer n.taking.Unlock()
	file, log := n.current()
	if file == nil {
		return
	}
	all, err := n.read(file)
	n.refuse(err)
	if err != nil {
		return
	}
	for i, mistake := range all.Mistakes {
		if i == mostTold {
			log.Warn("more rows of the labels file are wrong and were left out", "rows", len(all.Mistakes)-mostTold)
			break
		}
		log.Warn("a row of the labels file was left out", "error", mistake)
	}
	rows, unknown := n.news(all, time.Now())
	for batch := range slices.Chunk(rows, maxNamesBatch) {
		if err := n.sink.Write(ctx, schema.Batch{Names: batch}); err != nil {
			if ctx.Err() == nil {
				log.Warn("names of lines could not be stored; tried again when the file changes", "error", err)
			}
			return
		}
		n.keep(batch)
	}
	log.Info("the names of lines are read", "rows", len(all.Rows), "left_out", len(all.Mistakes), "changed", len(rows), "of_no_source", unknown)
}

// maxNamesBatch bounds a batch, which the spool keeps as one record.
const maxNamesBatch = 2000

// news are the rows that differ from what is stored, and how many rows of the file are of contracts that no source watches.
func (n *lineNames) news(all labels.Labels, now time.Time) (rows []schema.LineName, unknown int) {
	n.mu.Lock()
	defer n.mu.Unlock()
	named := make(map[schema.LineKey]bool, len(all.Rows))
	for _, label := range all.Rows {
		sources := n.sources[label.ContractID]
		switch {
		case len(sources) == 0:
			unknown++
		case !n.shard.Owns(label.LineNo):
			continue
		}
		for _, source := range sources {
			key := schema.LineKey{Source: source, ContractID: label.ContractID, LineNo: label.LineNo}
			named[key] = true
			row := schema.LineName{LineKey: key, Name: label.Name, Columns: all.Columns, Values: label.Values, Present: true, ObservedAt: now}
			if was, known := n.stored[key]; !known || !sameName(was, row) {
				rows = append(rows, row)
			}
		}
	}
	for _, label := range all.LeftOut { // wrong, but not gone: its name is as it was
		for _, source := range n.sources[label.ContractID] {
			named[schema.LineKey{Source: source, ContractID: label.ContractID, LineNo: label.LineNo}] = true
		}
	}
	for key, was := range n.stored {
		if was.Present && !named[key] {
			rows = append(rows, schema.LineName{LineKey: key, ObservedAt: now})
		}
	}
	return rows, unknown
}

func (n *lineNames) keep(rows []schema.LineName) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, row := range rows {
		n.stored[row.LineKey] = row
	}
}

func sameName(a, b schema.LineName) bool {
	return a.Present == b.Present && a.Name == b.Name && slices.Equal(a.Columns, b.Columns) && slices.Equal(a.Values, b.Values)
}
