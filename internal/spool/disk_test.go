package spool

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"
)

// failingDisk is a disk that can be made read-only under way: for a while, the descriptors of the segments are some that only
// read, and no file can be made.
type failingDisk struct {
	t      *testing.T
	turn   chan struct{} // of the outbox: files are opened and closed by who has it
	mu     sync.Mutex
	files  []*os.File // the segments
	broken bool
}

func (d *failingDisk) open(name string, flag int, perm fs.FileMode) (*os.File, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.broken && flag&os.O_CREATE != 0 {
		return nil, &fs.PathError{Op: "open", Path: name, Err: syscall.EROFS}
	}
	file, err := os.OpenFile(name, flag, perm)
	if err == nil && strings.HasSuffix(name, segmentMark) {
		d.files = append(d.files, file)
		if d.broken {
			d.reopen(file, os.O_RDONLY)
		}
	}
	return file, err
}

func (d *failingDisk) reopen(file *os.File, flag int) {
	d.t.Helper()
	if file.Fd() == ^uintptr(0) {
		return // closed
	}
	other, err := os.OpenFile(file.Name(), flag, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return // delivered just now
	}
	if err != nil {
		d.t.Fatal(err)
	}
	defer other.Close()
	if err := unix.Dup3(int(other.Fd()), int(file.Fd()), unix.O_CLOEXEC); err != nil {
		d.t.Fatal(err)
	}
}

// become makes all segments be open in a way.
func (d *failingDisk) become(broken bool, flag int) {
	d.t.Helper()
	d.turn <- struct{}{}
	defer func() { <-d.turn }()
	d.mu.Lock()
	defer d.mu.Unlock()
	d.broken = broken
	for _, file := range d.files {
		d.reopen(file, flag)
	}
}

// openOnFailingDisk is an open outbox on such a disk.
func openOnFailingDisk(t *testing.T) (*testOutbox, *failingDisk) {
	t.Helper()
	b, disk := newTestOutbox(t, DefaultConfig()), &failingDisk{t: t}
	disk.turn = b.turn
	b.disk.open = disk.open
	if err := b.Open(); err != nil {
		t.Fatal(err)
	}
	return b, disk
}

func (d *failingDisk) breaks() { d.become(true, os.O_RDONLY) }
func (d *failingDisk) heals()  { d.become(false, os.O_RDWR) }

// While the disk takes nothing, nothing is acknowledged; as soon as it does again, all goes on, in order.
func TestADiskThatFailsUnderWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, disk := openOnFailingDisk(t)
		b.goOn(t)
		b.write(t, "1")
		disk.breaks()
		impatient, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		err := b.Write(impatient, sweeps("lost"))
		if !errors.Is(err, context.DeadlineExceeded) || !errors.Is(err, syscall.EBADF) || !strings.Contains(err.Error(), b.cfg.path()) {
			t.Errorf("a broken disk: %v", err)
		}
		waiting := make(chan error, 3)
		for i := range 3 {
			go func() { waiting <- b.Write(t.Context(), sweeps(fmt.Sprint(2+i))) }()
			synctest.Wait()
		}
		time.Sleep(time.Hour)
		synctest.Wait()
		if len(waiting) > 0 {
			t.Fatalf("acknowledged by a broken disk: %v", <-waiting)
		}
		disk.heals()
		for range 3 {
			if err := outcome(t, waiting); err != nil {
				t.Error(err)
			}
		}
		b.end(t)
		if diff := cmp.Diff([]string{"1", "2", "3", "4"}, b.store.all()); diff != "" {
			t.Error(diff)
		}
		if b.logs.count("level=ERROR") != 1 || b.logs.count("the spool can be written again") != 1 {
			t.Errorf("logged:\n%s", b.logs)
		}
	})
}

// A delivery that the disk cannot remember waits: repeated after a crash, it could be another.
func TestNothingIsDeliveredThatTheDiskCannotRemember(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, disk := openOnFailingDisk(t)
		b.write(t, "1")
		disk.breaks()
		b.goOn(t)
		time.Sleep(time.Hour)
		if tried := b.store.tried(); len(tried) > 0 {
			t.Errorf("sent %v", tried)
		}
		disk.heals()
		b.end(t)
		if diff := cmp.Diff([]string{"1"}, b.store.all()); diff != "" {
			t.Error(diff)
		}
	})
}

// What a failing disk has made of a write is not known: some of it may be there, or all, although none was acknowledged. It is
// gone before anything else is written, and at the next start.
func TestWhatAFailingDiskMayHaveMadeIsTakenBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, part := range []int{1, frameHead - 1, frameHead + 5} {
			b := openTestOutbox(t, DefaultConfig())
			b.write(t, "1")
			made := frame{kind: frameRows, number: b.next, record: sweepRecord(t, b.codec)}
			s := b.file.segments[0]
			if _, err := s.file.WriteAt(made.bytes()[:part], s.size); err != nil {
				t.Fatal(err)
			}
			b.file.torn = syscall.EIO
			if part == 1 { // else the next start finds it
				b.write(t, "2")
			}
			if err := b.Close(); err != nil {
				t.Fatal(err)
			}
			again := run(t, b.cfg)
			again.write(t, "3")
			again.end(t)
			last := run(t, b.cfg)
			last.end(t)
			want := []string{"1", "3"}
			if part == 1 {
				want = []string{"1", "2", "3"}
			}
			if diff := cmp.Diff(want, append(again.store.all(), last.store.all()...)); diff != "" || again.logs.count("level=ERROR") > 0 {
				t.Errorf("%d bytes: %s%s", part, diff, again.logs)
			}
		}
	})
}

// opening is os.OpenFile, or what may become of it.
type opening = func(name string, flag int, perm fs.FileMode) (*os.File, error)

func TestAFolderThatCannotBeHadFailsTheStart(t *testing.T) {
	taken := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(taken, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	refusing := func(number syscall.Errno) opening {
		return func(name string, _ int, _ fs.FileMode) (*os.File, error) {
			return nil, &fs.PathError{Op: "open", Path: name, Err: number}
		}
	}
	for name, test := range map[string]struct {
		dir  string
		open opening
		want string
	}{
		"a file":       {dir: taken, want: "not a directory"},
		"below a file": {dir: filepath.Join(taken, "spool"), want: "not a directory"},
		"permission":   {open: refusing(syscall.EACCES), want: "permission denied"},
		"read-only":    {open: refusing(syscall.EROFS), want: "read-only file system"},
	} {
		t.Run(name, func(t *testing.T) {
			cfg := DefaultConfig()
			cfg.Dir = test.dir
			b := newTestOutbox(t, cfg)
			if test.open != nil {
				b.disk.open = test.open
			}
			want := fmt.Sprintf("spool %s: %s: kaisen keeps there what ClickHouse has not taken yet; name a folder that it may write to (store.spool)", b.cfg.path(), test.want)
			if err := b.Open(); err == nil || err.Error() != want {
				t.Errorf("opened with %v, want %s", err, want)
			}
			if err := b.Write(t.Context(), sweeps("1")); !errors.Is(err, ErrClosed) {
				t.Errorf("Write: %v", err)
			}
		})
	}
}
