package spool

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.etcd.io/bbolt"

	"kaisen/schema"
)

// leaveOlder makes a spool as an older kaisen left it: with rows that wait, of which a delivery of the first few is under way, and
// some kept aside, and returns the names of all in the order in which they are stored.
func leaveOlder(t testing.TB, cfg Config, under checkpoint, waiting, aside []string) {
	t.Helper()
	db, err := bbolt.Open(cfg.path()+olderMark, 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	err = db.Update(func(tx *bbolt.Tx) error {
		number := uint64(0)
		for _, bucket := range []struct {
			name string
			jobs []string
		}{{bucketQuarantine, aside}, {bucketWaiting, waiting}, {bucketState, nil}} {
			b, err := tx.CreateBucketIfNotExists([]byte(bucket.name))
			if err != nil {
				return err
			}
			for _, job := range bucket.jobs {
				record := reseal(t, "sweeps", sweeps(job).Sweeps)
				binary.BigEndian.PutUint32(record[2:], 1)
				binary.BigEndian.PutUint64(record[6:], uint64(time.Now().UnixMilli()))
				number++
				if err := b.Put(binary.BigEndian.AppendUint64(nil, number), resum(record)); err != nil {
					return err
				}
			}
		}
		value := binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint64(nil, under.last), uint64(under.done))
		return tx.Bucket([]byte(bucketState)).Put([]byte(keyDelivery), value)
	})
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
}

// some are names of rows.
func some(prefix string, n int) (names []string) {
	for i := range n {
		names = append(names, fmt.Sprint(prefix, " ", i))
	}
	return names
}

// What an older kaisen left is delivered in its order, the delivery under way as it was, and the file is gone; wherever the
// process ends in between.
func TestAnOlderSpoolIsReadOnce(t *testing.T) {
	for _, crash := range []string{"", "while it is copied", "while it is renamed", "before it is removed"} {
		t.Run(crash, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				cfg := DefaultConfig()
				cfg.Dir, cfg.MaxBytes = t.TempDir(), 1<<20 // some segments
				waiting := some("row", 2000)
				leaveOlder(t, cfg, checkpoint{last: 103}, waiting, some("aside", 3))
				if !Exists(cfg) {
					t.Error("it is not seen")
				}
				if crash != "" {
					content, err := os.ReadFile(cfg.path() + olderMark)
					if err != nil {
						t.Fatal(err)
					}
					if err := openTestOutbox(t, cfg).Close(); err != nil {
						t.Fatal(err)
					}
					files, _ := onDisk(t, cfg)
					left := cfg.path() + importedMark
					switch crash {
					case "while it is copied":
						left = cfg.path() + olderMark
						err = os.Truncate(files[len(files)-1], 1000)
					case "while it is renamed":
						files = files[1:]
					default:
						files = nil
					}
					for _, file := range files {
						err = errors.Join(err, os.Rename(file, file+draftMark))
					}
					if err = errors.Join(err, os.WriteFile(left, content, 0o600)); err != nil {
						t.Fatal(err)
					}
					if !Exists(cfg) {
						t.Error("it is not seen any more")
					}
				}
				b := run(t, cfg)
				b.write(t, "new")
				b.end(t)
				if diff := cmp.Diff(waiting[:100], b.store.inserts()[0]); diff != "" {
					t.Errorf("the delivery under way is another: %s", diff)
				}
				want := slices.Concat(waiting, some("aside", 3), []string{"new"})
				if diff := cmp.Diff(want, b.store.all()); diff != "" {
					t.Error(diff)
				}
				if _, err := os.Stat(cfg.path() + olderMark); err == nil || b.logs.count("level=ERROR") != 0 {
					t.Errorf("the file is still there, or trouble was:\n%s", b.logs)
				}
				again := run(t, cfg)
				again.end(t)
				if len(again.store.all()) != 0 {
					t.Errorf("stored again: %v", again.store.all())
				}
			})
		})
	}
}

// Where it cannot be told whether an import was done, its drafts, which may be all that there is of the rows, stay.
func TestDraftsOfAnUnclearImportStay(t *testing.T) {
	cfg := DefaultConfig()
	cfg.Dir = t.TempDir()
	draft, mark := cfg.path()+".00000001"+segmentMark+draftMark, cfg.path()+importedMark
	if err := errors.Join(os.WriteFile(draft, nil, 0o600), os.Symlink(mark, mark)); err != nil {
		t.Fatal(err)
	}
	j := journal{path: cfg.path()}
	err := j.endDrafts()
	if _, gone := os.Stat(draft); err == nil || gone != nil {
		t.Errorf("error %v; the draft: %v", err, gone)
	}
}

// A kaisen that was older again for a while left another file, which comes behind what waits.
func TestAnOlderSpoolBesideANewOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg := leave(t, DefaultConfig(), func(b *testOutbox) { b.write(t, "first") })
		leaveOlder(t, cfg, checkpoint{}, some("older", 5), nil)
		b := run(t, cfg)
		b.end(t)
		if diff := cmp.Diff(append([]string{"first"}, some("older", 5)...), b.store.all()); diff != "" {
			t.Error(diff)
		}
	})
}

// One that is damaged is moved aside, and what can be read of it is salvaged.
func TestADamagedOlderSpool(t *testing.T) {
	cfg := DefaultConfig()
	cfg.Dir = t.TempDir()
	rows := some("row", 2000)
	leaveOlder(t, cfg, checkpoint{}, rows, nil)
	whole, err := os.ReadFile(cfg.path() + olderMark)
	if err != nil {
		t.Fatal(err)
	}
	for name, damage := range map[string]func(content []byte) []byte{
		"no beginning": func(content []byte) []byte { clear(content[:2*os.Getpagesize()]); return content },
		"cut":          func(content []byte) []byte { return content[:len(content)/2] },
		"a page":       func(content []byte) []byte { clear(content[len(content)/2 : len(content)/2+4096]); return content },
	} {
		cfg.Dir = t.TempDir()
		if err := os.WriteFile(cfg.path()+olderMark, damage(slices.Clone(whole)), 0o600); err != nil {
			t.Fatal(err)
		}
		b := run(t, cfg)
		b.write(t, "new")
		b.end(t)
		if stored := b.store.all(); len(stored) == 0 || stored[len(stored)-1] != "new" {
			t.Errorf("%s: stored %d rows, not the new one", name, len(stored))
		}
		files, err := DamagedFiles(cfg.Dir)
		if err != nil || len(files) != 1 {
			t.Errorf("%s: %v were moved aside, error %v", name, files, err)
			continue
		}
		least := len(rows) * 9 / 10
		if name == "cut" {
			least = len(rows) / 4
		}
		if found, all := salvaged(t, files[0]); len(found) < least || all.Unreadable > 0 {
			t.Errorf("%s: %d rows of %d, %+v", name, len(found), len(rows), all)
		}
	}
}

// An older kaisen that still runs keeps its file.
func TestAnOlderKaisenThatRuns(t *testing.T) {
	cfg := DefaultConfig()
	cfg.Dir = t.TempDir()
	leaveOlder(t, cfg, checkpoint{}, []string{"1"}, nil)
	db, err := bbolt.Open(cfg.path()+olderMark, 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := newTestOutbox(t, cfg).Open(); err == nil || !strings.Contains(err.Error(), "another kaisen is using it") {
		t.Errorf("opened with %v", err)
	}
	if _, err := Salvage(cfg.path()+olderMark, nil, func(*schema.Batch) error { return nil }); !errors.Is(err, errInUse) {
		t.Errorf("salvaged with %v", err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	b := run(t, cfg)
	b.end(t)
	if diff := cmp.Diff([]string{"1"}, b.store.all()); diff != "" {
		t.Error(diff)
	}
}
