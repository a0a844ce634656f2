package chdb

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

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
