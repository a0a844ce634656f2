package backup

import (
	"archive/tar"
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"kaisen/internal/sqltext"
	"kaisen/schema/clickhouse"
)

// Errors that another archive or another kaisen mends.
var (
	ErrNotABackup = errors.New("it is no backup of kaisen's")
	ErrDamaged    = errors.New("the backup is damaged or cut short")
	ErrNewer      = errors.New("the backup is of a later kaisen")
)

// Archive is a backup that is being read.
type Archive struct {
	Manifest
	tar  *tar.Reader
	sums map[string]string // of what was read, by name
}

// Open reads what an archive has; the rest of it is Restore's.
func Open(in io.Reader) (*Archive, error) {
	a := &Archive{tar: tar.NewReader(bufio.NewReaderSize(in, 1<<20)), sums: map[string]string{}}
	header, err := a.tar.Next()
	if err != nil || header.Name != manifestFile {
		return nil, ErrNotABackup
	}
	text, err := io.ReadAll(a.tar)
	if err == nil {
		err = json.Unmarshal(text, &a.Manifest)
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	a.sums[manifestFile] = fmt.Sprintf("%x", sha256.Sum256(text))
	steps, err := clickhouse.Steps(clickhouse.Layout{})
	switch {
	case err != nil:
		return nil, err
	case a.Format > format:
		return nil, fmt.Errorf("%w: it was made by %s, and its form is not known here: restore it with that version or a later one", ErrNewer, a.Kaisen)
	case a.Steps > len(steps) || a.Steps < 1 || steps[a.Steps-1].Name != a.LastStep:
		return nil, fmt.Errorf("%w: it was made by %s, and its database has taken step %s, while this one knows %d steps: restore it with that version or a later one",
			ErrNewer, a.Kaisen, a.LastStep, len(steps))
	}
	return a, nil
}

// Restore makes the tables of the archive in an empty database, whose files lie below the folder, and puts their rows
// there. What it leaves where it fails is of no use.
func (a *Archive) Restore(ctx context.Context, db *clickhouse.DB, folder string) error {
	if err := a.makeTables(ctx, db); err != nil {
		return fmt.Errorf("restore: %w", err)
	}
	if err := db.Exec(ctx, "SYSTEM STOP MERGES"); err != nil { // until the rows are counted
		return fmt.Errorf("restore: %w", err)
	}
	parts, err := a.extract(ctx, filepath.Join(folder, "store"))
	if err != nil {
		return fmt.Errorf("restore: %w", err)
	}
	for _, p := range parts {
		if err := db.Exec(ctx, "ALTER TABLE "+p.table+" ATTACH PART "+sqltext.Quote(p.name)); err != nil {
			return fmt.Errorf("restore: part %s of %s: %w", p.name, p.table, err)
		}
	}
	if err := a.checkRows(ctx, db); err != nil {
		return fmt.Errorf("restore: %w", err)
	}
	return db.Exec(ctx, "SYSTEM START MERGES")
}

// makeTables makes tables and views. A view may go by another that comes later in the list: it waits for it.
func (a *Archive) makeTables(ctx context.Context, db *clickhouse.DB) error {
	if a.Database != db.Database() {
		return fmt.Errorf("the backup is of a database %s, and this one is called %s", a.Database, db.Database())
	}
	for waiting := a.Tables; len(waiting) > 0; {
		var still []Table
		var failure error
		for _, t := range waiting {
			if err := db.Exec(ctx, t.Create); err != nil {
				still, failure = append(still, t), fmt.Errorf("table %s: %w", t.Name, err)
			}
		}
		if len(still) == len(waiting) {
			return failure
		}
		waiting = still
	}
	return db.Each(ctx, "SELECT name, toString(uuid) FROM system.tables WHERE database = currentDatabase()", func(values []any) error {
		if t := a.table(values[0].(string)); t != nil {
			t.uuid = values[1].(string)
		}
		return nil
	})
}

// part is a part that lies where its table can attach it.
type part struct{ table, name string }

// extract puts the files of the parts where the engine attaches them from, and compares them with their checksums.
func (a *Archive) extract(ctx context.Context, store string) (parts []part, err error) {
	for {
		header, err := a.tar.Next()
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
		}
		if header.Name == checksumsFile {
			return parts, a.compare()
		}
		table, file, _ := strings.Cut(header.Name, "/")
		name, inside, found := strings.Cut(file, "/")
		t := a.table(table)
		if t == nil || !found || !filepath.IsLocal(file) || !filepath.IsLocal(inside) {
			return nil, fmt.Errorf("%w: it has a file %q", ErrDamaged, header.Name)
		}
		if p := (part{table, name}); len(parts) == 0 || parts[len(parts)-1] != p {
			parts = append(parts, p)
		}
		if err := errors.Join(ctx.Err(), a.extractFile(header.Name, filepath.Join(t.folder(store), "detached", name, filepath.FromSlash(inside)))); err != nil {
			return nil, err
		}
	}
}

// extractFile writes one file, onto the disk, and notes its checksum.
func (a *Archive) extractFile(name, to string) error {
	if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
		return err
	}
	file, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	hash := sha256.New()
	if _, err := io.Copy(io.MultiWriter(file, hash), a.tar); err != nil {
		if errors.Is(err, io.ErrUnexpectedEOF) {
			err = fmt.Errorf("%w: %w", ErrDamaged, err)
		}
		return errors.Join(err, file.Close())
	}
	a.sums[name] = hex.EncodeToString(hash.Sum(nil))
	return errors.Join(file.Sync(), file.Close())
}

// compare reads the list of checksums, which has to be that of the files that were read.
func (a *Archive) compare() error {
	text, err := io.ReadAll(a.tar)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	files := 0
	for line := range strings.Lines(string(text)) {
		sum, name, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "  ")
		if files++; a.sums[name] != sum {
			return fmt.Errorf("%w: %s is not as it was", ErrDamaged, name)
		}
	}
	if files != len(a.sums) {
		return fmt.Errorf("%w: %d files, and checksums of %d", ErrDamaged, len(a.sums), files)
	}
	return nil
}

// checkRows compares how many rows there are with how many there were, before anything is merged.
func (a *Archive) checkRows(ctx context.Context, db *clickhouse.DB) error {
	got := map[string]uint64{}
	if err := db.Each(ctx, "SELECT table, sum(rows) FROM system.parts WHERE database = currentDatabase() AND active GROUP BY table", func(values []any) error {
		got[values[0].(string)] = values[1].(uint64)
		return nil
	}); err != nil {
		return err
	}
	for _, t := range a.Tables {
		if got[t.Name] != t.Rows {
			return fmt.Errorf("table %s has %d rows, and had %d", t.Name, got[t.Name], t.Rows)
		}
	}
	return nil
}
