// Package disktest gives tests a disk of their own, from which it takes what a power cut would leave of it: all that
// was written to the disk, and nothing of what was still in memory. The disk is an ext4 image behind a loop device, so
// it takes root, and tests are skipped elsewhere.
//
// It is a disk that keeps what it was given to write, in that order. What a drive with a cache of its own does to writes
// that nobody waits for is not in it.
package disktest

import (
	"bytes"
	"errors"
	"hash/maphash"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// Disk is a mounted image.
type Disk struct {
	Folder  string // where it is mounted
	image   string
	mounted io.Closer // the mount is there as long as this is open
	ended   chan error
}

// New makes a disk of that many bytes and mounts it until the end of the test, or until Unmount. The test is skipped
// where this process may not mount.
func New(t testing.TB, size int64) *Disk {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("mounting a disk for the test takes root")
	}
	if _, err := exec.LookPath("mkfs.ext4"); err != nil {
		t.Skip("no mkfs.ext4 to make a disk for the test: ", err)
	}
	image := filepath.Join(t.TempDir(), "image")
	if err := errors.Join(os.WriteFile(image, nil, 0o600), os.Truncate(image, size)); err != nil {
		t.Fatal(err)
	}
	// Nothing is left for later: the image changes only by what the test does.
	make := exec.Command("mkfs.ext4", "-q", "-F", "-i", "4096", "-E", "lazy_itable_init=0,lazy_journal_init=0", image)
	if text, err := make.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	d := &Disk{Folder: t.TempDir(), image: image}
	if err := d.mount(); err != nil {
		t.Skip("no loop device to mount a disk for the test: ", err)
	}
	t.Cleanup(func() { d.Unmount(t) })
	return d
}

// mount mounts the image on the folder. A process of its own holds the mount and takes it away when the test's process has
// gone, however that came.
func (d *Disk) mount() error {
	holder := exec.Command("sh", "-c", `mount -o loop "$0" "$1" && echo mounted && cat && { umount "$1" || umount -l "$1"; }`, d.image, d.Folder)
	holder.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // Ctrl-C is for the test
	complaints := new(bytes.Buffer)
	holder.Stderr = complaints
	answer, err := holder.StdoutPipe()
	if err != nil {
		return err
	}
	alive, err := holder.StdinPipe()
	if err != nil {
		return err
	}
	if err := holder.Start(); err != nil {
		return err
	}
	said, err := io.ReadAll(io.LimitReader(answer, int64(len("mounted\n"))))
	if err != nil || len(said) == 0 {
		return errors.Join(err, holder.Wait(), errors.New(strings.TrimSpace(complaints.String())))
	}
	d.mounted, d.ended = alive, make(chan error, 1)
	go func(ended chan<- error) { ended <- holder.Wait() }(d.ended)
	return nil
}

// Unmount takes the disk away, once nobody uses it any more, and what is on it.
func (d *Disk) Unmount(t testing.TB) {
	t.Helper()
	if d.mounted == nil {
		return
	}
	d.mounted.Close()
	d.mounted = nil
	if err := <-d.ended; err != nil {
		t.Errorf("unmounting %s: %v", d.Folder, err)
	}
	if err := os.Remove(d.image); err != nil {
		t.Error(err)
	}
}

// AfterPowerCut is the disk as it would be found if the power went now, on a mount of its own. Whoever writes to the
// disk has to be halted meanwhile (SIGSTOP): then the image comes to rest, and a copy is of one moment.
func (d *Disk) AfterPowerCut(t testing.TB) *Disk {
	t.Helper()
	found := &Disk{Folder: t.TempDir(), image: d.copy(t)}
	if err := found.mount(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { found.Unmount(t) })
	return found
}

// CutPower leaves of the disk what AfterPowerCut would find, in the same folder. Those who write to it are halted;
// kill ends them before the folder comes back.
func (d *Disk) CutPower(t testing.TB, kill func()) {
	t.Helper()
	left := d.copy(t)
	kill()
	d.Unmount(t)
	d.image = left
	if err := d.mount(); err != nil {
		t.Fatal(err)
	}
}

// copy makes an image of what is on the disk now.
func (d *Disk) copy(t testing.TB) string {
	t.Helper()
	left := filepath.Join(t.TempDir(), "image")
	if err := copyAtRest(left, d.image); err != nil {
		t.Fatal(err)
	}
	return left
}

// piece is how much of an image is compared at once.
const piece = 1 << 20

// copyAtRest copies an image that the kernel may still be writing to: again and again what has changed, until nothing
// has. Then each piece was, between the last two readings, as it is in the copy.
func copyAtRest(to, from string) error {
	source, err := os.Open(from)
	if err != nil {
		return err
	}
	defer source.Close()
	info, err := source.Stat()
	if err != nil {
		return err
	}
	target, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	if err := target.Truncate(info.Size()); err != nil {
		return errors.Join(err, target.Close())
	}
	c := copier{source: source, target: target, seed: maphash.MakeSeed(), seen: map[int64]uint64{}}
	for changed := true; changed; {
		if changed, err = c.pass(); err != nil {
			return errors.Join(err, target.Close())
		}
	}
	return target.Close()
}

// copier knows what it has copied.
type copier struct {
	source, target *os.File
	seed           maphash.Seed
	seen           map[int64]uint64 // by where a piece begins
}

// pass copies the pieces that are not as they were, and reports whether there were any. Pieces that were never written
// are holes in the image, and are left out.
func (c *copier) pass() (changed bool, err error) {
	const seekData = 3 // SEEK_DATA of lseek(2)
	buffer := make([]byte, piece)
	for at := int64(0); ; at += piece {
		at, err = c.source.Seek(at, seekData)
		if errors.Is(err, syscall.ENXIO) {
			return changed, nil // nothing but holes is left
		}
		if err != nil {
			return changed, err
		}
		at -= at % piece
		n, err := c.source.ReadAt(buffer, at)
		if err != nil && !errors.Is(err, io.EOF) {
			return changed, err
		}
		sum := maphash.Bytes(c.seed, buffer[:n])
		if was, seen := c.seen[at]; seen && was == sum {
			continue
		}
		changed, c.seen[at] = true, sum
		if _, err := c.target.WriteAt(buffer[:n], at); err != nil {
			return changed, err
		}
	}
}
