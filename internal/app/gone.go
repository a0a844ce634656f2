package app

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

// watchedFile is the name of the file, beside the spool, that lists the sources which the service has watched: the database
// may have those of other processes too, whose lines are none of its business.
const watchedFile = "sources.json"

// dismissSources takes the lines of sources that are configured no more out of the inventory, also of those that were taken out
// while kaisen was stopped. What cannot be done now is done at the next start or reload.
func (a *App) dismissSources(ctx context.Context) {
	if a.store.wait(ctx) != nil {
		return
	}
	a.dismissing.Lock()
	defer a.dismissing.Unlock()
	cfg := a.config()
	var names []string
	for _, source := range cfg.Sources {
		names = append(names, source.Name)
	}
	file := filepath.Join(cfg.Store.Spool, watchedFile)
	before, err := readWatched(file)
	if err != nil {
		a.log.Warn("which sources were watched before is not known: lines of those that were taken out stay in the inventory", "error", err)
	}
	for _, source := range before {
		if slices.Contains(names, source) {
			continue
		}
		state, err := a.stateOf(ctx, a.store.current, source)
		if err != nil {
			names = append(names, source)
			a.log.Warn("lines of a source that was taken out are in the inventory still; tried again at the next start", "source", source, "error", err)
			continue
		}
		a.dismiss(ctx, source, []string{}, &state)
	}
	if slices.Sort(names); ctx.Err() == nil && !slices.Equal(names, before) {
		if err := writeWatched(file, names); err != nil {
			a.log.Warn("which sources are watched could not be written", "error", err)
		}
	}
}

// readWatched lists the sources in a file; none where it is missing.
func readWatched(file string) (names []string, err error) {
	content, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err == nil {
		err = json.Unmarshal(content, &names)
	}
	return names, err
}

// writeWatched replaces the file whole.
func writeWatched(file string, names []string) error {
	content, err := json.Marshal(names)
	if err != nil {
		return err
	}
	if err := os.WriteFile(file+".new", content, 0o600); err != nil {
		return err
	}
	return os.Rename(file+".new", file)
}
