package spool

import (
	"bytes"
	"fmt"
	"math/rand/v2"
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

// busyFile is a spool in which a backlog waits behind much that was delivered, and the names of what waits.
func busyFile(t *testing.T) (content []byte, waiting []string) {
	t.Helper()
	cfg := DefaultConfig()
	cfg.FlushRows = 100
	cfg.Dir = t.TempDir()
	before := run(t, cfg)
	for i := range 500 {
		before.write(t, fmt.Sprintf("delivered %d", i), strings.Repeat("y", i%300))
	}
	before.end(t)
	leave(t, cfg, func(b *testOutbox) {
		for i := range 2000 {
			size := i % 400
			if i%100 == 0 {
				size = 10_000 // more than a page
			}
			b.write(t, fmt.Sprintf("%d %s", i, strings.Repeat("x", size)))
			waiting = append(waiting, fmt.Sprintf("%d %s", i, strings.Repeat("x", size)))
		}
	})
	content, err := os.ReadFile(cfg.path())
	if err != nil {
		t.Fatal(err)
	}
	return content, waiting
}

func TestAWholeFileIsSalvagedWhole(t *testing.T) {
	content, waiting := busyFile(t)
	path := t.TempDir() + "/run.db"
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	if rows, all := salvaged(t, path); !slices.Equal(rows, waiting) || all != (Salvaged{Batches: 2000, Rows: 2000}) {
		t.Errorf("%d rows of %d, %+v", len(rows), len(waiting), all)
	}
	few := leave(t, DefaultConfig(), func(b *testOutbox) { b.write(t, "1", "2") }) // which lie in the page of the buckets
	if rows, _ := salvaged(t, few.path()); !slices.Equal(rows, []string{"1", "2"}) {
		t.Errorf("%q", rows)
	}
}

// Of a damaged page is lost what lies on it, and nothing else.
func TestADamagedPageCostsItsOwnRows(t *testing.T) {
	content, waiting := busyFile(t)
	const page, least = 4096, 4096 / 60 // a record has some 60 bytes at least, and a leaf a page
	path := t.TempDir() + "/run.db"
	for seed := range uint64(120) {
		random := rand.New(rand.NewPCG(seed, 1))
		damaged := bytes.Clone(content)
		var lost int
		switch at := random.IntN(len(content)/page) * page; seed % 4 {
		case 0:
			clear(damaged[at : at+page])
			lost = least
		case 1:
			copy(damaged[at:], bytes.Repeat([]byte{0xff}, page))
			lost = least
		case 2:
			damaged[at+random.IntN(80)] ^= 1 << random.IntN(8) // in the head of a page
			lost = 2
		case 3:
			damaged = damaged[:at+page*2/3]
			lost = len(waiting)
		}
		if err := os.WriteFile(path, damaged, 0o600); err != nil {
			t.Fatal(err)
		}
		rows, all := salvaged(t, path)
		back := 0
		for _, name := range waiting {
			if slices.Contains(rows, name) {
				back++
			}
		}
		if all.Rows != len(rows) || back < len(waiting)-lost {
			t.Errorf("seed %d: %d rows of %d are back, %+v", seed, back, len(waiting), all)
		}
		if seed%4 == 3 {
			if want := (len(damaged) - page) * len(waiting) / len(content) / 4; back < want {
				t.Errorf("seed %d: %d rows of the first %d bytes of %d are back", seed, back, len(damaged), len(content))
			}
		}
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
		{"run.db", nil, errInUse.Error()},
		{"empty", []byte{}, ErrNoSpool.Error()},
		{"lines.csv", []byte("contract_id,line_no,name\n"), ErrNoSpool.Error()},
		{"large", bytes.Repeat([]byte("contract_id,line_no,name\n"), 100_000), ErrNoSpool.Error()},
		{"run.db.corrupt-20260520T000000", make([]byte, 1<<16), ""},
		{"run.db.recovered-20260520T000000", []byte{}, ""},
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
