package labels

import (
	"context"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// TestWatch: a file that is another is noticed once within ten seconds, one that is the same is not; one that is away is told after two
// looks, once, and read again when it is back.
func TestWatch(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lines.csv")
	write := func(text string) {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(plain)
	synctest.Test(t, func(t *testing.T) {
		f := NewFile(path)
		if _, err := f.Read(); err != nil {
			t.Fatal(err)
		}
		ctx, stop := context.WithCancel(t.Context())
		defer stop()
		var mu sync.Mutex
		changes := 0
		var told []error // that it is away
		go f.Watch(ctx, func() {
			mu.Lock()
			defer mu.Unlock()
			if _, err := f.Read(); err != nil {
				told = append(told, err)
				return
			}
			changes++
		})
		for _, step := range []struct {
			what string
			do   func()
			want int
		}{
			{"nothing", func() {}, 0},
			{"written to", func() { write(plain + "\n") }, 1},
			{"away", func() { _ = os.Remove(path) }, 1},
			{"back, as another", func() { write(plain) }, 2},
			{"replaced by a file of the same size", func() {
				if err := os.Rename(path, path+".old"); err != nil {
					t.Fatal(err)
				}
				write(plain)
			}, 3},
			{"away for one look", func() {
				if err := os.Rename(path, path+".away"); err != nil {
					t.Fatal(err)
				}
			}, 3},
			{"back, the same", func() { _ = os.Rename(path+".away", path) }, 3},
			{"away again", func() { _ = os.Rename(path, path+".away") }, 3},
			{"away for two looks", func() {
				if len(told) > 0 {
					t.Errorf("told %v after one look", told)
				}
			}, 3},
			{"away for three", func() {}, 3},
			{"back, still the same", func() {
				if len(told) != 1 {
					t.Errorf("told %v after three looks", told)
				}
				_ = os.Rename(path+".away", path)
			}, 4},
		} {
			mu.Lock()
			step.do()
			mu.Unlock()
			time.Sleep(lookEvery)
			synctest.Wait()
			mu.Lock()
			if changes != step.want {
				t.Errorf("%s: %d changes, want %d", step.what, changes, step.want)
			}
			mu.Unlock()
		}
		mu.Lock()
		defer mu.Unlock()
		if len(told) != 1 || told[0] == nil {
			t.Errorf("told %v: want once that it is away", told)
		}
	})
}
