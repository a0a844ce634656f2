package spool

import (
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// Somebody removes the folder while rows wait in it for a store that is away: the file is made again, so that the next
// process finds them, once and in order.
func TestAFolderThatIsRemoved(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg := DefaultConfig()
		cfg.Dir, cfg.DrainTimeout = filepath.Join(t.TempDir(), "data", "spool"), 0
		b := openTestOutbox(t, cfg)
		b.store.fail(errors.New("no such folder"))
		b.goOn(t)
		var want []string
		for i := range 20 {
			want = append(want, strconv.Itoa(i))
			b.write(t, want[i])
			if i == 10 {
				if err := os.RemoveAll(filepath.Dir(cfg.Dir)); err != nil {
					t.Fatal(err)
				}
			}
			time.Sleep(time.Second)
		}
		time.Sleep(cfg.RetryMax)
		b.stop()
		if err := outcome(t, b.ended); err == nil {
			t.Error("ended with nothing left")
		}
		if err := b.Close(); err != nil {
			t.Fatal(err)
		}
		if n := b.logs.count("the spool was removed while it is in use; it is made again"); n != 1 {
			t.Errorf("logged %d times:\n%s", n, b.logs)
		}
		next := openTestOutbox(t, cfg)
		next.goOn(t)
		if err := next.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
		next.end(t)
		if diff := cmp.Diff(want, next.store.all()); diff != "" {
			t.Error(diff)
		}
	})
}

// That a file cannot be made again is logged once, and as soon as it can be, it is.
func TestARemovedFileThatCannotBeMadeAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg := DefaultConfig()
		cfg.Dir = filepath.Join(t.TempDir(), "spool")
		b := openTestOutbox(t, cfg)
		b.store.fail(errors.New("away"))
		b.goOn(t)
		b.write(t, "one")
		if err := errors.Join(os.RemoveAll(cfg.Dir), os.WriteFile(cfg.Dir, nil, 0o600)); err != nil { // no folder can be there
			t.Fatal(err)
		}
		time.Sleep(time.Minute)
		if n := b.logs.count("cannot be made again"); n != 1 {
			t.Errorf("logged %d times:\n%s", n, b.logs)
		}
		if err := os.Remove(cfg.Dir); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute)
		if files, _ := onDisk(t, cfg); len(files) == 0 {
			t.Error("nothing was made again")
		}
		b.store.fail(nil)
		b.end(t)
		if diff := cmp.Diff([]string{"one"}, b.store.all()); diff != "" {
			t.Error(diff)
		}
	})
}

// Who cannot look into the folder does not write its files again.
func TestAFolderThatCannotBeLookedAt(t *testing.T) {
	j := &journal{path: t.TempDir(), segments: []*segment{{path: strings.Repeat("x", 1000)}}}
	if gone, err := j.remade(); gone || !errors.Is(err, syscall.ENAMETOOLONG) {
		t.Errorf("gone: %v, %v", gone, err)
	}
}

// A lock that is held is told from one that cannot be had at all.
func TestLocks(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lock")
	held, err := lock(path)
	if err != nil {
		t.Fatal(err)
	}
	defer held.Release()
	if _, err := lock(path); !errors.Is(err, errInUse) {
		t.Errorf("a lock that is held: %v", err)
	}
	if _, err := lock(filepath.Join(path, "below")); err == nil || errors.Is(err, errInUse) {
		t.Errorf("a lock in no folder: %v", err)
	}
}
