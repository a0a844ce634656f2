package spool

import (
	"bytes"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"kaisen/schema"
)

// salvaged is the rows that can still be read from a file, and what is said of it.
func salvaged(t *testing.T, path string) (rows []string, all Salvaged) {
	t.Helper()
	all, err := Salvage(path, nil, func(b *schema.Batch) error {
		rows = append(rows, names(b)...)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return rows, all
}

// What waits in a segment is salvaged whole, and of one with a damaged record all others.
func TestASegmentIsSalvaged(t *testing.T) {
	var waiting []string
	cfg := leave(t, DefaultConfig(), func(b *testOutbox) {
		for i := range 500 {
			waiting = append(waiting, fmt.Sprintf("%d %s", i, strings.Repeat("x", i%400)))
			b.write(t, waiting[i])
		}
	})
	files, _ := onDisk(t, cfg)
	if rows, all := salvaged(t, files[0]); !slices.Equal(rows, waiting) || all != (Salvaged{Batches: 500, Rows: 500}) {
		t.Errorf("%d rows of %d, %+v", len(rows), len(waiting), all)
	}
	spoil(t, cfg, func(number uint64, record []byte) []byte {
		if number == 7 {
			record[len(record)-1] ^= 1
		}
		return record
	})
	if rows, all := salvaged(t, files[0]); !slices.Equal(rows, slices.Delete(slices.Clone(waiting), 6, 7)) || all != (Salvaged{Batches: 499, Rows: 499, Unreadable: 1}) {
		t.Errorf("%d rows of %d, %+v", len(rows), len(waiting), all)
	}
}

// What has nothing of a spool in it is none, and one that a kaisen has open is left to that; a damaged one may have lost all.
func TestWhatIsNotSalvaged(t *testing.T) {
	dir := t.TempDir()
	cfg := DefaultConfig()
	cfg.Dir = dir
	live := run(t, cfg)
	defer live.end(t)
	live.write(t, "1")
	if err := os.Mkdir(dir+"/folder.corrupt-", 0o700); err != nil {
		t.Fatal(err)
	}
	for _, file := range []struct {
		name    string
		content []byte
		want    string // of the error; empty: none
	}{
		{"run.00000001.log", nil, errInUse.Error()},
		{"empty", []byte{}, ErrNoSpool.Error()},
		{"lines.csv", []byte("contract_id,line_no,name\n"), ErrNoSpool.Error()},
		{"large", bytes.Repeat([]byte("contract_id,line_no,name\n"), 100_000), ErrNoSpool.Error()},
		{"run.00000001.log.corrupt-20260520T000000", make([]byte, 1<<16), ""},
		{"run.00000001.log.recovered-20260520T000000", []byte{}, ""},
		{"run.db.corrupt-20260520T000000", make([]byte, 1<<16), ""},
		{"missing", nil, "no such file"},
		{"folder.corrupt-", nil, "is a directory"},
	} {
		if file.content != nil {
			if err := os.WriteFile(dir+"/"+file.name, file.content, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		all, err := Salvage(dir+"/"+file.name, nil, nil)
		if (err != nil) != (file.want != "") || err != nil && !strings.Contains(err.Error(), file.want) || all != (Salvaged{}) {
			t.Errorf("%s: %+v, error %v, want %q", file.name, all, err, file.want)
		}
	}
}

// A temporary spool leaves no file behind, unless there is something in it.
func TestATemporarySpoolIsRemoved(t *testing.T) {
	cfg := DefaultConfig()
	cfg.Dir, cfg.Temporary = t.TempDir(), true
	left := leave(t, cfg, func(b *testOutbox) { b.write(t, "1") })
	if !Exists(left) {
		t.Fatal("the rows are gone")
	}
	last := run(t, left)
	last.end(t)
	if Exists(left) {
		t.Error("the file is there, although nothing is in it")
	}
}
