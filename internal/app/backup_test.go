package app

import (
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"kaisen/internal/config"
)

// A folder that cannot be looked into may hold the only database: that a restore was broken off there, and that the folder may be
// removed, is said only where the file is there that says so.
func TestAFolderThatCannotBeReadIsNotCalledHalfRestored(t *testing.T) {
	whole := t.TempDir()
	file := filepath.Join(whole, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	closed := filepath.Join(whole, "closed")
	if err := os.Mkdir(closed, 0o000); err != nil {
		t.Fatal(err)
	}
	for path, c := range map[string]struct {
		want string
		as   func(t *testing.T, do func() error) error
	}{
		file:   {"not a directory", func(_ *testing.T, do func() error) error { return do() }},
		closed: {"permission denied: run this as the user that owns the folder, or with sudo", asNobody},
	} {
		cfg := config.DefaultConfig()
		cfg.Store.Path, cfg.Store.Spool = path, filepath.Join(whole, "spool")
		log := slog.New(slog.DiscardHandler)
		for name, ask := range map[string]func() error{
			"a question": func() error {
				_, _, err := OpenDatabase(t.Context(), &cfg, false, log)
				return err
			},
			"a restore": func() error {
				_, err := beginRestore(path, true, log)
				return err
			},
			"a recovery": func() error {
				_, err := RecoverSpool(t.Context(), &cfg, nil, []string{"x"}, log)
				return err
			},
			"a start": func() error {
				_, _, err := startEngine(t.Context(), &cfg, engineUse{}, log)
				return err
			},
		} {
			err := c.as(t, ask)
			if err == nil || !strings.HasPrefix(err.Error(), "data folder: ") || !strings.HasSuffix(err.Error(), c.want) {
				t.Errorf("%s: %s: %v, want %q", path, name, err, c.want)
			}
		}
	}
}

// asNobody calls do as a user who has no right to what root owns, where the tests run as root.
func asNobody(t *testing.T, do func() error) error {
	t.Helper()
	failure := make(chan error)
	go func() {
		runtime.LockOSThread() // and never unlocked: the thread ends with the goroutine
		if err := unix.Setfsuid(65534); err != nil {
			failure <- err
			return
		}
		failure <- do()
	}()
	return <-failure
}

// A restore that was killed early has left no database yet, and still is what has to be ended first.
func TestARestoreThatWasBrokenOffIsNamedBeforeThereIsADatabase(t *testing.T) {
	cfg := config.DefaultConfig()
	cfg.Store.Path = t.TempDir()
	if err := os.WriteFile(unfinished(cfg.Store.Path), []byte("/data.before-1"), 0o600); err != nil {
		t.Fatal(err)
	}
	log := slog.New(slog.DiscardHandler)
	_, _, err := OpenDatabase(t.Context(), &cfg, false, log)
	want := "kaisen restore is at work on the folder " + cfg.Store.Path + ", or was broken off there: run it again; or remove the folder, and give that of before its name again, /data.before-1"
	if err == nil || err.Error() != want {
		t.Errorf("a question: %v, want %s", err, want)
	}
	if _, err := RecoverSpool(t.Context(), &cfg, nil, []string{"x"}, log); err == nil || err.Error() != want {
		t.Errorf("a recovery: %v, want %s", err, want)
	}
}
