package chdb

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
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
		return nil, FolderError(err)
	}
	defer file.Close() // releases the lock
	for deadline := time.Now().Add(lockWait); ; time.Sleep(10 * time.Millisecond) {
		if isFree(file) {
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

// HasData reports whether an engine has ever made a database in the folder, or is about to. A folder that cannot be looked into
// may have one.
func HasData(path string) (bool, error) {
	entries, err := os.ReadDir(filepath.Join(path, "metadata"))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return false, FolderError(err)
	}
	for _, entry := range entries {
		if strings.HasSuffix(entry.Name(), ".sql") {
			return true, nil
		}
	}
	owner, err := FindOwner(path)
	if errors.Is(err, ErrInUse) {
		return true, nil
	}
	return owner != nil, err
}

// FolderError is why something in a data folder cannot be read, with what to do where this user has no right to.
func FolderError(err error) error {
	if errors.Is(err, fs.ErrPermission) {
		return fmt.Errorf("data folder: %w: run this as the user that owns the folder, or with sudo", err)
	}
	return fmt.Errorf("data folder: %w", err)
}

func lockFile(path string) string { return filepath.Join(path, "kaisen.lock") }

// inUse is ErrInUse with the owner's name.
func (o *Owner) inUse(path string) error {
	return fmt.Errorf("data folder %s: %w (PID: %d): stop it, or choose another folder", path, ErrInUse, o.PID)
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

// watchFolder ends a child whose data folder somebody has removed, so that the next one makes it again. The engine itself
// would go on: what it has open lives on without a name, and it would all be gone with its end. What is looked for is
// the lock, because a folder that is removed while files are written in it may stay.
func (s *Supervisor) watchFolder(exited <-chan struct{}, child *os.Process) {
	ticker := time.NewTicker(s.cfg.FolderEvery)
	defer ticker.Stop()
	var began fs.FileInfo
	for {
		now, err := os.Stat(lockFile(s.cfg.Path))
		switch {
		case began == nil && err == nil:
			began = now
		case began != nil && (errors.Is(err, fs.ErrNotExist) || err == nil && !os.SameFile(began, now)):
			s.log.Error("the data folder was removed while ClickHouse runs on it; it is made again, empty", "path", s.cfg.Path)
			s.removed.Store(true)
			child.Kill() // a gentle end would only take longer
			return
		}
		if s.removed.Load() {
			if err := s.restorePasswords(); err != nil {
				s.log.Error("the password files could not be made again", "error", err)
			}
		}
		select {
		case <-exited:
			return
		case <-ticker.C:
		}
	}
}

// readPasswords is the content of the password files in a data folder, by path.
func readPasswords(path string) (map[string][]byte, error) {
	files, err := filepath.Glob(PasswordFile(path, "*"))
	if err != nil {
		return nil, err
	}
	passwords := map[string][]byte{}
	for _, file := range files {
		if passwords[file], err = os.ReadFile(file); err != nil {
			return nil, err
		}
	}
	return passwords, nil
}

// restorePasswords writes the password files that were removed with the folder, with the passwords that the engine goes
// by: another command may have found none and made its own.
func (s *Supervisor) restorePasswords() error {
	var failures []error
	for file, password := range s.passwords {
		if now, err := os.ReadFile(file); err == nil && bytes.Equal(now, password) {
			continue
		}
		failures = append(failures, os.WriteFile(file, password, 0o600))
	}
	return errors.Join(failures...)
}
