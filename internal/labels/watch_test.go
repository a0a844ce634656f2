package labels

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"
)

// TestWatch: a file that is another is noticed once within ten seconds, one that is the same or away is not.
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
		changes := 0
		go f.Watch(ctx, func() {
			changes++
			if _, err := f.Read(); err != nil {
				t.Error(err)
			}
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
		} {
			step.do()
			time.Sleep(lookEvery)
			synctest.Wait()
			if changes != step.want {
				t.Errorf("%s: %d changes, want %d", step.what, changes, step.want)
			}
		}
	})
}
