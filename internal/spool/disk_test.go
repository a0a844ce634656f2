package spool

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.etcd.io/bbolt"
	"golang.org/x/sys/unix"
)

// failingDisk is a disk that can be made read-only under way: for a while, the file's descriptor is one that only reads.
type failingDisk struct {
	t    *testing.T
	file *os.File // the one that bbolt writes
}

func (d *failingDisk) open(name string, flag int, perm fs.FileMode) (*os.File, error) {
	file, err := os.OpenFile(name, flag, perm)
	if flag&os.O_RDWR != 0 {
		d.file = file
	}
	return file, err
}

func (d *failingDisk) reopen(flag int) {
	d.t.Helper()
	other, err := os.OpenFile(d.file.Name(), flag, 0)
	if err != nil {
		d.t.Fatal(err)
	}
	defer other.Close()
	if err := unix.Dup3(int(other.Fd()), int(d.file.Fd()), unix.O_CLOEXEC); err != nil {
		d.t.Fatal(err)
	}
}

// openOnFailingDisk is an open outbox on such a disk.
func openOnFailingDisk(t *testing.T) (*testOutbox, *failingDisk) {
	t.Helper()
	b, disk := newTestOutbox(t, DefaultConfig()), &failingDisk{t: t}
	b.disk.open = disk.open
	if err := b.Open(); err != nil {
		t.Fatal(err)
	}
	return b, disk
}

func (d *failingDisk) breaks() { d.reopen(os.O_RDONLY) }
func (d *failingDisk) heals()  { d.reopen(os.O_RDWR) }

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

// What a failing disk has made of a change is not known: the record may be there although no write was acknowledged. It is
// gone with the next change, before it can be sent.
func TestWhatAFailingDiskMayHaveMadeIsTakenBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := openTestOutbox(t, DefaultConfig())
		b.write(t, "1")
		half := func(tx *bbolt.Tx) error {
			return waiting(tx).Put(keyOf(b.number()), sweepRecord(t, b.codec))
		}
		b.turn <- struct{}{}
		if err := b.update(b.file.update, func(tx *bbolt.Tx) error { return errors.Join(half(tx), syscall.EIO) }); !errors.Is(err, syscall.EIO) {
			t.Fatal(err)
		}
		b.next--
		if err := b.file.update(half); err != nil { // it was there after all
			t.Fatal(err)
		}
		<-b.turn
		b.goOn(t)
		b.write(t, "2")
		b.end(t)
		again := run(t, b.cfg)
		again.end(t)
		if diff := cmp.Diff([]string{"1", "2"}, append(b.store.all(), again.store.all()...)); diff != "" {
			t.Error(diff)
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

// Where bbolt meets a page that makes no sense, the outbox ends, even while the store is away. The next start finds
// out what the file is worth: here all, for nothing is wrong with it.
func TestDamageUnderWayEndsTheOutbox(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := run(t, DefaultConfig())
		b.store.fail(errors.New("away"))
		b.write(t, "1")
		time.Sleep(time.Minute)
		b.turn <- struct{}{}
		err := b.update(b.file.update, func(*bbolt.Tx) error { panic("page 7: invalid page type: 0: 10") })
		<-b.turn
		if !errors.Is(err, errDamaged) {
			t.Fatal(err)
		}
		if err := outcome(t, b.ended); !errors.Is(err, errDamaged) || !strings.Contains(err.Error(), "page 7") || !strings.Contains(err.Error(), "with 1 rows in it") {
			t.Errorf("ended with %v", err)
		}
		if err := b.Write(t.Context(), sweeps("2")); !errors.Is(err, ErrClosed) {
			t.Errorf("Write: %v", err)
		}
		synctest.Wait()
		again := run(t, b.cfg)
		again.end(t)
		if diff := cmp.Diff([]string{"1"}, again.store.all()); diff != "" {
			t.Error(diff)
		}
	})
}

// The same where it is met while a full spool is packed, which reads: no writer waits for a file that is of no use.
func TestDamageThatAWriterMeetsEndsTheOutbox(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := run(t, small())
		b.store.fail(errors.New("away"))
		b.write(t, "1")
		b.turn <- struct{}{}
		b.codec = nil // what reads panics, as bbolt does
		<-b.turn
		w := &write{entry: entry{rows: 1, bytes: 1 << 19, since: time.Now()}, record: make([]byte, 1<<19), done: make(chan struct{})}
		b.enqueue(w)
		if err := b.accept(t.Context(), w); !errors.Is(err, ErrClosed) {
			t.Errorf("Write: %v", err)
		}
		if err := outcome(t, b.ended); !errors.Is(err, errDamaged) {
			t.Errorf("ended with %v", err)
		}
	})
}
