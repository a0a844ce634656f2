package chdb

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// lockWait is how long a starting engine waits for the folder while another has it: a killed one takes a moment to
// die, and its successor should not give up meanwhile.
const lockWait = 3 * time.Second

// ErrInUse says that another engine has the data folder.
var ErrInUse = errors.New("another engine has the data folder")

// Owner is the engine that has a data folder, as it writes into the folder itself.
type Owner struct {
	PID       int    `json:"pid"`
	Listen    string `json:"http"`
	Native    string `json:"native"`    // "" where it does not listen
	Temporary bool   `json:"temporary"` // it ends by itself, so that one may wait for the folder
	Private   bool   `json:"private"`   // it is gone in a moment, and no other command should use it
}

// FindOwner returns the engine that has the folder at this moment; nil where there is none, or no such folder.
func FindOwner(path string) (*Owner, error) {
	file, err := os.Open(lockFile(path))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("data folder: %w", err)
	}
	defer file.Close() // releases the lock
	for deadline := time.Now().Add(lockWait); ; time.Sleep(10 * time.Millisecond) {
		if syscall.Flock(int(file.Fd()), syscall.LOCK_SH|syscall.LOCK_NB) == nil {
			return nil, nil
		}
		content, err := os.ReadFile(lockFile(path))
		owner := new(Owner)
		if err == nil && json.Unmarshal(content, owner) == nil && owner.PID != 0 {
			return owner, nil
		}
		if time.Now().After(deadline) { // it has the lock and does not say who it is
			return nil, errors.Join(fmt.Errorf("data folder %s: %w", path, ErrInUse), err)
		}
	}
}

// HasData reports whether an engine has ever made a database in the folder, or is about to.
func HasData(path string) bool {
	entries, _ := os.ReadDir(filepath.Join(path, "metadata")) // none where there is no such folder
	for _, entry := range entries {
		if strings.HasSuffix(entry.Name(), ".sql") {
			return true
		}
	}
	owner, err := FindOwner(path)
	return owner != nil || err != nil
}

func lockFile(path string) string { return filepath.Join(path, "kaisen.lock") }

// inUse is ErrInUse with the owner's name.
func (o *Owner) inUse(path string) error {
	return fmt.Errorf("data folder %s: %w (PID: %d): stop it, or choose another folder", path, ErrInUse, o.PID)
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

// prepareFolder makes the folder and proves that a file can be written there, because the engine itself gives no
// reason when it cannot.
func prepareFolder(path string) error {
	if err := os.MkdirAll(path, 0o700); err != nil {
		return fmt.Errorf("data folder: %w", err)
	}
	probe, err := os.CreateTemp(path, "kaisen-probe-")
	if err != nil {
		return fmt.Errorf("data folder %s cannot be written: %w", path, errors.Unwrap(err))
	}
	return errors.Join(probe.Close(), os.Remove(probe.Name()))
}
