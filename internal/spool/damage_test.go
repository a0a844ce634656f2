package spool

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus/testutil"
)

// spoil changes records where they lie, and so that they have as many bytes.
func spoil(t *testing.T, cfg Config, change func(number uint64, record []byte) []byte) {
	t.Helper()
	files, _ := onDisk(t, cfg)
	for _, name := range files {
		file, err := os.OpenFile(name, os.O_RDWR, 0)
		if err != nil {
			t.Fatal(err)
		}
		info, err := file.Stat()
		if err != nil {
			t.Fatal(err)
		}
		for frames := (&scan{file: file, size: info.Size()}); err == nil && frames.next(); {
			if f := frames.frame; len(f.record) > 0 {
				_, err = file.WriteAt(change(f.number, bytes.Clone(f.record)), frames.end-int64(len(f.record)))
			}
		}
		if err = errors.Join(err, file.Close()); err != nil {
			t.Fatal(err)
		}
	}
}

// A record that cannot be read holds up nothing; once it can be read, it is sent.
func TestUnreadableRecordsAreQuarantined(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg := leave(t, DefaultConfig(), func(b *testOutbox) {
			for _, job := range []string{"1", "2", "3"} {
				b.write(t, job)
			}
		})
		toggle := func(number uint64, record []byte) []byte {
			if number == 2 {
				record[0] ^= 0x40 // another format
			}
			return record
		}
		spoil(t, cfg, toggle)
		b := run(t, cfg)
		b.end(t)
		if diff := cmp.Diff([]string{"1", "3"}, b.store.all()); diff != "" {
			t.Error(diff)
		}
		if n := testutil.ToFloat64(b.metrics.unreadable); n != 1 || b.logs.count("level=ERROR") != 1 || b.logs.count("a later kaisen wrote it") != 1 {
			t.Errorf("%g counted, logged:\n%s", n, b.logs)
		}
		kept := func() int {
			t.Helper()
			aside, err := KeptAside(cfg.Dir)
			if err != nil {
				t.Fatal(err)
			}
			batches := 0
			for _, one := range aside {
				if batches += one.Batches; filepath.Dir(one.Path) != cfg.Dir || one.Bytes < one.Batches {
					t.Errorf("aside: %+v", one)
				}
			}
			return batches
		}
		if b.KeptAside() != 1 || kept() != 1 {
			t.Errorf("%d aside, in the files %d", b.KeptAside(), kept())
		}
		spoil(t, cfg, toggle)
		upgraded := run(t, cfg)
		upgraded.end(t)
		if upgraded.KeptAside() != 0 || kept() != 0 {
			t.Errorf("%d aside once they can be read, in the files %d", upgraded.KeptAside(), kept())
		}
		if diff := cmp.Diff([]string{"2"}, upgraded.store.all()); diff != "" {
			t.Error(diff)
		}
	})
}

// Whatever happened to a segment, what can be read of it is sent, a copy is kept, and kaisen runs. Of a damaged place is lost
// what lies there, and nothing else.
func TestADamagedSegmentCostsWhatLiesThere(t *testing.T) {
	var names []string
	cfg := leave(t, DefaultConfig(), func(b *testOutbox) {
		for i := range 300 {
			names = append(names, fmt.Sprint(i, noise(i, 1+i*20)))
			b.write(t, names[i])
		}
	})
	files, size := onDisk(t, cfg)
	whole, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	const page = 4096
	copies := 0
	damages := map[string]func(random *rand.Rand, content []byte) []byte{
		"cut":    func(random *rand.Rand, content []byte) []byte { return content[:random.IntN(len(content))] },
		"a page": func(random *rand.Rand, content []byte) []byte { fillPage(random, content, 0xff); return content },
		"a hole": func(random *rand.Rand, content []byte) []byte { fillPage(random, content, 0); return content },
		"a number": func(random *rand.Rand, content []byte) []byte {
			content[random.IntN(len(content))] ^= 1 << random.IntN(8)
			return content
		},
		"text": func(_ *rand.Rand, content []byte) []byte {
			copy(content, strings.Repeat("no frames ", 1000))
			return content
		},
	}
	for name, damage := range damages {
		for seed := range uint64(20) {
			cfg.Dir = t.TempDir()
			damaged := damage(rand.New(rand.NewPCG(seed, 0)), bytes.Clone(whole))
			file := cfg.path() + ".00000001" + segmentMark
			if err := os.WriteFile(file, damaged, 0o600); err != nil {
				t.Fatal(err)
			}
			stored, err := visit(t, cfg)
			if err != nil || len(stored) == 0 || stored[len(stored)-1] != "new" {
				t.Fatalf("%s, seed %d: stored %d rows, not the new one: %v", name, seed, len(stored), err)
			}
			lost, bytes := 0, 0
			for _, name := range names {
				if !slices.Contains(stored, name) {
					lost++
					bytes += len(name)
				}
			}
			if broken := differing(whole, damaged); bytes/2 > broken+2*page && name != "cut" || name == "a number" && lost > 1 {
				t.Errorf("%s, seed %d: %d rows of %d bytes are lost, and %d bytes were damaged", name, seed, lost, bytes, broken)
			} else if name == "cut" && bytes/2 > len(whole)-len(damaged)+2*page {
				t.Errorf("%s, seed %d: %d rows of %d bytes are lost of %d left from %d", name, seed, lost, bytes, len(damaged), size)
			}
			if files, _ := filepath.Glob(cfg.path() + "*.corrupt-*"); len(files) > 0 {
				copies++
				damagedFileIsRecovered(t, cfg, files[0])
			}
		}
	}
	if copies < 40 {
		t.Errorf("%d copies of 100 damaged files; the test damages too little", copies)
	}
}

// What is said of a damaged file is what became of its copy.
func TestADamagedFileSaysWhetherACopyIsKept(t *testing.T) {
	for _, full := range []bool{false, true} {
		cfg := DefaultConfig()
		cfg.Dir = t.TempDir()
		file := cfg.path() + ".00000001" + segmentMark
		if err := os.WriteFile(file, []byte(strings.Repeat("no frames ", 1000)), 0o600); err != nil {
			t.Fatal(err)
		}
		b := newTestOutbox(t, cfg)
		if full {
			b.disk.open = func(name string, flag int, perm fs.FileMode) (*os.File, error) {
				if strings.Contains(name, corruptMark) {
					return nil, &fs.PathError{Op: "open", Path: name, Err: syscall.ENOSPC}
				}
				return os.OpenFile(name, flag, perm)
			}
		}
		if err := b.Open(); err != nil {
			t.Fatal(err)
		}
		copies, _ := filepath.Glob(file + corruptMark + "*")
		said, want := b.logs.String(), "and a copy is kept\" copy="
		if full {
			want = "and no copy of it could be kept\" file=" + file + " error="
		}
		if !strings.Contains(said, want) || strings.Contains(said, "<nil>") || len(copies) == 1 == full {
			t.Errorf("full %t: %d copies, logged %s, want %q", full, len(copies), said, want)
		}
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	}
}

// differing is how many bytes two files differ in that are as long.
func differing(a, b []byte) (n int) {
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			n++
		}
	}
	return n
}

// visit starts a kaisen that writes a row and ends when all is delivered.
func visit(t *testing.T, cfg Config) (stored []string, err error) {
	b := run(t, cfg)
	err = b.Write(t.Context(), sweeps("new"))
	b.stop()
	err = errors.Join(<-b.ended, err)
	_ = b.Close()
	return b.store.all(), err
}

func fillPage(random *rand.Rand, content []byte, with byte) {
	page := random.IntN(len(content)/4096) * 4096
	for i := range 4096 {
		content[page+i] = with
	}
}

// damagedFileIsRecovered checks that a file that was moved aside is counted until it was recovered.
func damagedFileIsRecovered(t *testing.T, cfg Config, file string) {
	t.Helper()
	b := openTestOutbox(t, cfg)
	defer b.Close()
	if n := testutil.ToFloat64(b.metrics.damaged); n != 1 {
		t.Errorf("%g damaged files", n)
	}
	if _, err := Recovered(file); err != nil {
		t.Error(err)
	}
	if b.countDamaged(); testutil.ToFloat64(b.metrics.damaged) != 0 {
		t.Error("a recovered file is counted")
	}
}
