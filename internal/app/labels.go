package app

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"kaisen/collector"
	"kaisen/internal/config"
	"kaisen/internal/labels"
	"kaisen/schema"
)

// lineNames brings labels_file to the store and to the gauges, at the start and whenever it changes.
type lineNames struct {
	file    *labels.File
	sources map[string][]string // by contract, the sources that watch it
	shard   collector.Shard     // whose lines are written: another process writes the others
	needed  []string            // columns that the file must have, for exporter.info_labels
	sink    collector.Sink
	log     *slog.Logger

	mu     sync.Mutex
	wrong  string                             // why names are those of an earlier file; empty: they are not
	stored map[schema.LineKey]schema.LineName // as the store has them, as far as known
}

// newLineNames is nil where no labels_file is configured.
func newLineNames(cfg *config.Config, sink collector.Sink, log *slog.Logger) *lineNames {
	if cfg.LabelsFile == "" {
		return nil
	}
	shard, _ := shardOf(cfg) // newAccounts has read it
	n := &lineNames{file: labels.NewFile(cfg.LabelsFile), sources: map[string][]string{}, shard: shard, needed: cfg.Exporter.InfoLabels, sink: sink,
		log: log.With("labels_file", cfg.LabelsFile), stored: map[schema.LineKey]schema.LineName{}}
	for _, source := range cfg.Sources {
		for _, contract := range collector.ContractsOf(source.Settings) {
			n.sources[contract] = append(n.sources[contract], source.Name)
		}
	}
	return n
}

// restore takes in what an earlier process has stored.
func (n *lineNames) restore(state schema.State) {
	if n == nil {
		return
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, row := range state.Names {
		if _, known := n.stored[row.LineKey]; !known {
			n.stored[row.LineKey] = row
		}
	}
}

// nearCap is a line's own threshold; it is not known of a line that has none.
func (n *lineNames) nearCap(key schema.LineKey) schema.Opt[float64] {
	if n == nil {
		return schema.Opt[float64]{}
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	row := n.stored[key]
	return row.NearCap()
}

// run reads the file now and after each change, until ctx ends.
func (n *lineNames) run(ctx context.Context) {
	if n == nil {
		return
	}
	n.take(ctx)
	n.file.Watch(ctx, func() { n.take(ctx) })
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

// notes says why names are those of an earlier file, if they are.
func (n *lineNames) notes() []string {
	if n == nil {
		return nil
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.wrong == "" {
		return nil
	}
	return []string{"labels_file: " + n.wrong + "; the names of lines are as they were"}
}

// read reads the file, and refuses one without a column that is shown: each line would lose what it has there.
func (n *lineNames) read() (labels.Labels, error) {
	all, err := n.file.Read()
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
	if n == nil {
		return
	}
	all, err := n.read()
	n.refuse(err)
	if err != nil {
		return
	}
	for i, mistake := range all.Mistakes {
		if i == mostTold {
			n.log.Warn("more rows of the labels file are wrong and were left out", "rows", len(all.Mistakes)-mostTold)
			break
		}
		n.log.Warn("a row of the labels file was left out", "error", mistake)
	}
	rows, unknown := n.news(all, time.Now())
	for batch := range slices.Chunk(rows, maxNamesBatch) {
		if err := n.sink.Write(ctx, schema.Batch{Names: batch}); err != nil {
			if ctx.Err() == nil {
				n.log.Warn("names of lines could not be stored; tried again when the file changes", "error", err)
			}
			return
		}
		n.keep(batch)
	}
	n.log.Info("the names of lines are read", "rows", len(all.Rows), "left_out", len(all.Mistakes), "changed", len(rows), "of_no_source", unknown)
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
