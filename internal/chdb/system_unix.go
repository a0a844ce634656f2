//go:build unix

package chdb

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"syscall"
	"time"

	"github.com/ebitengine/purego"
	"golang.org/x/sys/unix"
)

// openLibrary loads a shared library for good.
func openLibrary(path string) (uintptr, error) {
	return purego.Dlopen(path, purego.RTLD_NOW|purego.RTLD_GLOBAL)
}

// findSymbol is where a function of a loaded library lies.
func findSymbol(library uintptr, name string) (uintptr, error) { return purego.Dlsym(library, name) }

// isFree reports whether no process has the lock of a file.
func isFree(file *os.File) bool {
	return syscall.Flock(int(file.Fd()), syscall.LOCK_SH|syscall.LOCK_NB) == nil
}

// lockFolder makes the folder this process's own until the process ends. The descriptor is never closed: the engine has
// files open as long, and its successor would fail on them.
func lockFolder(path string, owner Owner) error {
	file, err := syscall.Open(lockFile(path), syscall.O_CREAT|syscall.O_RDWR|syscall.O_CLOEXEC, 0o600)
	if err != nil {
		return fmt.Errorf("data folder: %w", &os.PathError{Op: "open", Path: lockFile(path), Err: err})
	}
	for deadline := time.Now().Add(lockWait); syscall.Flock(file, syscall.LOCK_EX|syscall.LOCK_NB) != nil; time.Sleep(20 * time.Millisecond) {
		if time.Now().Before(deadline) {
			continue
		}
		syscall.Close(file)
		if other, err := FindOwner(path); other != nil || err != nil {
			if err == nil {
				err = other.inUse(path)
			}
			return err
		}
		return fmt.Errorf("data folder %s: %w", path, ErrInUse)
	}
	content, err := json.Marshal(owner)
	if err == nil {
		err = syscall.Ftruncate(file, 0)
	}
	if err == nil {
		_, err = syscall.Pwrite(file, content, 0)
	}
	if err != nil {
		return fmt.Errorf("data folder: %w", err)
	}
	return nil
}

// makePipe makes a named pipe, which only its owner may open.
func makePipe(path string) error {
	if err := unix.Mkfifo(path, 0o600); err != nil {
		return &fs.PathError{Op: "mkfifo", Path: path, Err: err}
	}
	return nil
}

// setWritable lets whole pages of memory be written, or no more.
func setWritable(pages []byte, writable bool) error {
	if writable {
		return unix.Mprotect(pages, unix.PROT_READ|unix.PROT_WRITE)
	}
	return unix.Mprotect(pages, unix.PROT_READ)
}

// keepPrivate makes what this process and the engine write their owner's alone, wherever the folder lies.
func keepPrivate() { syscall.Umask(0o077) }
