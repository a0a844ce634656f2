// Package backup saves the database of an embedded engine to an archive while rows are written, and makes it again from one
// in an empty data folder.
//
// The engine freezes each table: it links the files of its parts into a folder beside them, which takes a moment and no
// room, and what is written later is in other files. The archive is a tar of those files, with how the tables were made
// before them and their checksums behind, so that one that was cut short or damaged is found. Passwords and the spool are
// not in it.
//
// A server's database is not its business: ClickHouse has BACKUP for that.
package backup

import (
	"archive/tar"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"kaisen/internal/sqltext"
	"kaisen/schema/clickhouse"
)

// The names of the archive's first and last file.
const (
	manifestFile  = "kaisen-backup.json"
	checksumsFile = "SHA256SUMS"
)

// format is that of the archive; a later one is refused.
const format = 1

// Manifest says what is in an archive.
type Manifest struct {
	Format   int       `json:"format"`
	Made     time.Time `json:"made"`
	Kaisen   string    `json:"kaisen"`   // the version that made it
	Engine   string    `json:"engine"`   // the version of ClickHouse
	Steps    int       `json:"steps"`    // how many migrations the database had
	LastStep string    `json:"lastStep"` // the name of the last
	Database string    `json:"database"`
	Tables   []Table   `json:"tables"` // in an order in which they can be made, as far as views go by tables
	Parts    int       `json:"parts"`
	Rows     uint64    `json:"rows"`
	Bytes    int64     `json:"bytes"` // of all files
}

// Table is a table or a view.
type Table struct {
	Name   string `json:"name"`
	Create string `json:"create"`
	Rows   uint64 `json:"rows"` // those that newer ones have replaced included
	uuid   string
	files  bool
}

// Write saves the database, whose files lie below the folder, and returns what is in the archive.
func Write(ctx context.Context, db *clickhouse.DB, folder, version string, out io.Writer) (Manifest, error) {
	m := Manifest{Format: format, Made: time.Now().UTC().Truncate(time.Second), Kaisen: version, Database: db.Database()}
	if err := m.describe(ctx, db); err != nil {
		return m, fmt.Errorf("backup: %w", err)
	}
	frozen := fmt.Sprintf("%s%s_%d", frozenPrefix, m.Made.Format("20060102T150405"), os.Getpid())
	shadow := filepath.Join(folder, "shadow")
	forgetOld(shadow, m.Made)
	defer os.RemoveAll(filepath.Join(shadow, frozen))
	for _, t := range m.Tables {
		if !t.files {
			continue
		}
		if err := db.Exec(ctx, "ALTER TABLE "+t.Name+" FREEZE WITH NAME "+sqltext.Quote(frozen)); err != nil {
			return m, fmt.Errorf("backup: freeze %s: %w", t.Name, err)
		}
	}
	w := &writer{tar: tar.NewWriter(out), made: m.Made}
	if err := w.archive(ctx, &m, filepath.Join(shadow, frozen, "store")); err != nil {
		return m, fmt.Errorf("backup: %w", err)
	}
	return m, nil
}

// frozenPrefix begins the names of frozen tables. They have letters, digits and _ alone, which ClickHouse leaves as they are.
const frozenPrefix = "kaisen_backup_"

// forgetOld removes what a backup that was killed has left a day ago or earlier: it keeps the room of rows that are gone.
func forgetOld(shadow string, now time.Time) {
	entries, _ := os.ReadDir(shadow) // there is none yet
	for _, entry := range entries {
		info, err := entry.Info()
		if err == nil && strings.HasPrefix(entry.Name(), frozenPrefix) && now.Sub(info.ModTime()) > 24*time.Hour {
			_ = os.RemoveAll(filepath.Join(shadow, entry.Name())) // the next backup tries again
		}
	}
}

// describe asks the database what it has. How far logs are read comes first, so that the backup never claims to have log
// rows that were not there yet.
func (m *Manifest) describe(ctx context.Context, db *clickhouse.DB) error {
	if err := db.Each(ctx, "SELECT version()", func(values []any) error {
		m.Engine = values[0].(string)
		return nil
	}); err != nil {
		return err
	}
	steps := "SELECT toUInt64(count()), argMax(name, version) FROM " + clickhouse.HistoryTable + " FINAL"
	if err := db.Each(ctx, steps, func(values []any) error {
		m.Steps, m.LastStep = int(values[0].(uint64)), values[1].(string)
		return nil
	}); err != nil {
		return fmt.Errorf("the version of the database: %w", err)
	}
	const list = `SELECT name, create_table_query, toString(uuid), toUInt8(engine LIKE '%MergeTree') FROM system.tables
WHERE database = currentDatabase() ORDER BY engine LIKE '%View', name != 'log_watermarks', name`
	if err := db.Each(ctx, list, func(values []any) error {
		m.Tables = append(m.Tables, Table{Name: values[0].(string), Create: values[1].(string), uuid: values[2].(string), files: values[3].(uint8) == 1})
		return nil
	}); err != nil {
		return fmt.Errorf("tables: %w", err)
	}
	return nil
}

// writer writes an archive.
type writer struct {
	tar  *tar.Writer
	made time.Time
	sums strings.Builder
}

// archive writes the manifest, the files of every table and their checksums.
func (w *writer) archive(ctx context.Context, m *Manifest, store string) error {
	for i := range m.Tables {
		if err := m.count(&m.Tables[i], store); err != nil {
			return err
		}
	}
	if t := m.table(clickhouse.HistoryTable); t == nil || t.Rows < uint64(m.Steps) {
		return fmt.Errorf("what the engine has frozen is not in %s", store)
	}
	text, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return err
	}
	if err := w.text(manifestFile, string(text)); err != nil {
		return err
	}
	for _, t := range m.Tables {
		if err := walk(t.folder(store), func(file string, info fs.FileInfo) error {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			return w.file(filepath.Join(t.folder(store), file), path.Join(t.Name, filepath.ToSlash(file)), info)
		}); err != nil {
			return fmt.Errorf("table %s: %w", t.Name, err)
		}
	}
	return errors.Join(w.text(checksumsFile, w.sums.String()), w.tar.Close())
}

// folder is where the parts of a table were frozen.
func (t Table) folder(store string) string { return filepath.Join(store, t.uuid[:3], t.uuid) }

// count adds up what was frozen of a table.
func (m *Manifest) count(t *Table, store string) error {
	return walk(t.folder(store), func(file string, info fs.FileInfo) error {
		m.Bytes += info.Size()
		if _, name := filepath.Split(file); name != "count.txt" || strings.Count(filepath.ToSlash(file), "/") != 1 {
			return nil
		}
		text, err := os.ReadFile(filepath.Join(t.folder(store), file))
		if err != nil {
			return err
		}
		var rows uint64
		if _, err := fmt.Sscan(string(text), &rows); err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
		m.Parts, m.Rows, t.Rows = m.Parts+1, m.Rows+rows, t.Rows+rows
		return nil
	})
}

// walk visits the files below a folder, in order; a folder that is not there has none: its table has no rows.
func walk(folder string, visit func(file string, info fs.FileInfo) error) error {
	return filepath.WalkDir(folder, func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			if name == folder && errors.Is(err, fs.ErrNotExist) {
				return nil
			}
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		below, err := filepath.Rel(folder, name)
		if err != nil {
			return err
		}
		return visit(below, info)
	})
}

// file adds a file under a name, and its checksum to the list.
func (w *writer) file(from, name string, info fs.FileInfo) error {
	file, err := os.Open(from)
	if err != nil {
		return err
	}
	defer file.Close()
	if err := w.tar.WriteHeader(&tar.Header{Name: name, Mode: 0o600, Size: info.Size(), ModTime: w.made}); err != nil {
		return err
	}
	hash := sha256.New()
	if _, err := io.Copy(io.MultiWriter(w.tar, hash), file); err != nil {
		return err
	}
	fmt.Fprintf(&w.sums, "%s  %s\n", hex.EncodeToString(hash.Sum(nil)), name)
	return nil
}

// text adds a file of the archive's own.
func (w *writer) text(name, text string) error {
	if name != checksumsFile {
		fmt.Fprintf(&w.sums, "%x  %s\n", sha256.Sum256([]byte(text)), name)
	}
	if err := w.tar.WriteHeader(&tar.Header{Name: name, Mode: 0o600, Size: int64(len(text)), ModTime: w.made}); err != nil {
		return err
	}
	_, err := io.WriteString(w.tar, text)
	return err
}

// table finds a table by its name.
func (m *Manifest) table(name string) *Table {
	i := slices.IndexFunc(m.Tables, func(t Table) bool { return t.Name == name })
	if i < 0 {
		return nil
	}
	return &m.Tables[i]
}
