package app

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"

	"kaisen/collector"
	"kaisen/internal/config"

	"github.com/sourcegraph/conc"
)

// watchedFile is the name of the file, beside the spool, that lists the sources which the service has watched: the database
// may have those of other processes too, whose lines are none of its business.
const watchedFile = "sources.json"

// dismissal is the work on sources that were taken out. It goes by one configuration, and ends before another is in force: a source
// that is put back would be taken out behind its new account's back.
type dismissal struct {
	cancel context.CancelFunc
	ended  chan struct{}
}

// beginDismissing starts dismissSources, once the sources that are watched from now on are in the list: if this ends early, those
// that are taken out next are known all the same.
func (a *App) beginDismissing(ctx context.Context, group *conc.WaitGroup) {
	ctx, cancel := context.WithCancel(ctx)
	ended := make(chan struct{})
	a.dismissal = dismissal{cancel, ended}
	cfg := a.config()
	watched := watchedSources{file: filepath.Join(cfg.Store.Spool, watchedFile), log: a.log}
	for _, source := range cfg.Sources {
		watched.now = append(watched.now, source.Name)
	}
	watched.read()
	group.Go(func() {
		defer close(ended)
		defer cancel()
		a.dismissSources(ctx, &watched)
	})
}

// endDismissing ends it wherever it is. What it has not done is done by the next.
func (a *App) endDismissing() {
	a.dismissal.cancel()
	<-a.dismissal.ended
}

// dismissSources takes the lines of sources that are configured no more out of the inventory, also of those that were taken out
// while kaisen was stopped. What cannot be done now is done at the next start or reload.
func (a *App) dismissSources(ctx context.Context, watched *watchedSources) {
	if len(watched.gone) == 0 || a.store.wait(ctx) != nil {
		return
	}
	for _, source := range watched.gone {
		state, err := a.stateOf(ctx, source)
		switch {
		case ctx.Err() != nil:
			return
		case err != nil:
			a.log.Warn("lines of a source that was taken out are in the inventory still; tried again at the next start", "source", source, "error", err)
			continue
		}
		a.dismiss(ctx, source, []string{}, &state)
		if ctx.Err() == nil {
			watched.forget(source)
		}
	}
}

// watchedSources are those that this service watches or has watched, as a file has them.
type watchedSources struct {
	file string
	log  *slog.Logger
	now  []string // in the configuration
	gone []string // in the file alone: their lines may be in the inventory
}

// read takes in what the file has, and writes the sources of now into it.
func (w *watchedSources) read() {
	var before []string
	content, err := os.ReadFile(w.file)
	if err == nil {
		err = json.Unmarshal(content, &before)
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		w.log.Warn("which sources were watched before is not known: lines of those that were taken out stay in the inventory", "error", err)
	}
	for _, source := range before {
		if !slices.Contains(w.now, source) {
			w.gone = append(w.gone, source)
		}
	}
	w.write(before)
}

// forget is for a source whose lines are out of the inventory.
func (w *watchedSources) forget(source string) {
	before := slices.Concat(w.now, w.gone)
	w.gone = slices.DeleteFunc(slices.Clone(w.gone), func(gone string) bool { return gone == source })
	w.write(before)
}

// write replaces the file as a whole, if it is another than before.
func (w *watchedSources) write(before []string) {
	all := slices.Sorted(slices.Values(slices.Concat(w.now, w.gone)))
	if slices.Equal(all, slices.Sorted(slices.Values(before))) {
		return
	}
	content, err := json.Marshal(all)
	if err == nil {
		err = os.WriteFile(w.file+".new", content, 0o600)
	}
	if err == nil {
		err = os.Rename(w.file+".new", w.file)
	}
	if err != nil {
		w.log.Warn("which sources are watched could not be written", "error", err)
	}
}

// showNext is show once the gauges have what the accounts that have ended posted last; where the disk takes nothing now, it is done
// once more then, since what was posted would bring back what show ends.
func (a *App) showNext(ctx context.Context, later *conc.WaitGroup, was, next *config.Config) {
	waiting, cancel := context.WithTimeout(ctx, reloadFlush)
	defer cancel()
	if err := a.outbox.Sync(waiting); err != nil && ctx.Err() == nil {
		a.log.Warn("the spool takes no rows; what is configured no more may be shown until it does", "error", err)
		later.Go(func() {
			if a.outbox.Sync(ctx) == nil {
				a.show(was, a.config())
			}
		})
	}
	a.show(was, next)
}

// show ends what is shown of sources and contracts that are in the configuration no more.
func (a *App) show(was, next *config.Config) {
	now := contractsBySource(next)
	a.fleet.Keep(func(source, contract string) bool {
		contracts, configured := now[source]
		return configured && (contract == "" || contracts == nil || slices.Contains(contracts, contract))
	})
	a.fleet.SetStaleAfter(staleAfter(next, a.kinds))
	for source, contracts := range contractsBySource(was) {
		if _, configured := now[source]; !configured {
			a.series.forget(source, "")
			continue
		}
		for _, contract := range contracts {
			if !slices.Contains(now[source], contract) {
				a.series.forget(source, contract)
			}
		}
	}
	a.sink.expect(next.Sources)
}

func contractsBySource(cfg *config.Config) map[string][]string {
	all := make(map[string][]string, len(cfg.Sources))
	for _, source := range cfg.Sources {
		all[source.Name] = collector.ContractsOf(source.Settings)
	}
	return all
}
