package spool

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"go.etcd.io/bbolt"
)

// spoil changes records where they lie.
func spoil(t *testing.T, cfg Config, change func(number uint64, record []byte) []byte) {
	t.Helper()
	db, err := bbolt.Open(cfg.path(), 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	err = db.Update(func(tx *bbolt.Tx) error {
		changed := map[string][]byte{}
		for _, bucket := range []string{bucketWaiting, bucketQuarantine} {
			b := tx.Bucket([]byte(bucket))
			if err := b.ForEach(func(key, record []byte) error {
				changed[string(key)] = change(numberOf(key), bytes.Clone(record))
				return nil
			}); err != nil {
				return err
			}
			for key, record := range changed {
				if b.Get([]byte(key)) != nil {
					if err := b.Put([]byte(key), record); err != nil {
						return err
					}
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
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
		spoil(t, cfg, toggle)
		upgraded := run(t, cfg)
		upgraded.end(t)
		if diff := cmp.Diff([]string{"2"}, upgraded.store.all()); diff != "" {
			t.Error(diff)
		}
	})
}

// Whatever happened to a file, it is read or it is moved aside; and kaisen runs.
func TestADamagedFileIsQuarantined(t *testing.T) {
	small := DefaultConfig()
	small.MaxBytes = 64 << 20
	cfg := leave(t, small, func(b *testOutbox) {
		for i := range 300 {
			b.write(t, fmt.Sprint(i), strings.Repeat("x", 1+i*20))
		}
	})
	whole, err := os.ReadFile(cfg.path())
	if err != nil {
		t.Fatal(err)
	}
	quarantined := 0
	damages := map[string]func(random *rand.Rand, content []byte) []byte{
		"cut":    func(random *rand.Rand, content []byte) []byte { return content[:random.IntN(len(content))] },
		"a page": func(random *rand.Rand, content []byte) []byte { fillPage(random, content, 0xff); return content },
		"a hole": func(random *rand.Rand, content []byte) []byte { fillPage(random, content, 0); return content },
		"a number": func(random *rand.Rand, content []byte) []byte {
			content[random.IntN(40)*4096+random.IntN(80)] ^= 1 << random.IntN(8)
			return content
		},
		"text": func(_ *rand.Rand, content []byte) []byte {
			copy(content, strings.Repeat("no database ", 1000))
			return content
		},
	}
	for name, damage := range damages {
		for seed := range uint64(20) {
			cfg.Dir = t.TempDir()
			if err := os.WriteFile(cfg.path(), damage(rand.New(rand.NewPCG(seed, 0)), bytes.Clone(whole)), 0o600); err != nil {
				t.Fatal(err)
			}
			stored, err := visit(t, cfg)
			if err != nil { // found out under way: the next start begins a new one
				stored, err = visit(t, cfg)
			}
			if err != nil || len(stored) == 0 || stored[len(stored)-1] != "new" {
				t.Errorf("%s, seed %d: stored %d rows, not the new one: %v", name, seed, len(stored), err)
			}
			if files, _ := filepath.Glob(cfg.path() + ".corrupt-*"); len(files) > 0 {
				quarantined++
				damagedFileIsRecovered(t, cfg, files[0])
			}
		}
	}
	if quarantined < 20 {
		t.Errorf("%d files of 100 were moved aside; the test damages too little", quarantined)
	}
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
	page := random.IntN(60) * 4096
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
