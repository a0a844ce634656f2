package chdb

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Version is the release of the engine that this kaisen is made for, as the npm packages @chdb/lib-* name it.
const Version = "26.7.3-stable.1"

// LibraryVariable names the environment variable that points to a libchdb.so which is already there.
const LibraryVariable = "KAISEN_LIBCHDB"

// ErrNoLibrary says that the engine is not on this machine. Errors that wrap it tell where it was looked for and
// what to do.
var ErrNoLibrary = errors.New("the embedded ClickHouse engine is not there")

// packaged is where the Debian package kaisen-engine puts the library.
const packaged = "/usr/lib/kaisen/libchdb.so"

// Library finds the engine: the file that KAISEN_LIBCHDB names, else the one that Fetch put into the user's cache
// folder, else the one of the package. It fetches nothing.
func Library() (string, error) {
	if named := os.Getenv(LibraryVariable); named != "" {
		if err := isFile(named); err != nil {
			return "", fmt.Errorf("%w: %s names %s: %w", ErrNoLibrary, LibraryVariable, named, err)
		}
		return named, nil
	}
	cached, err := cachePath()
	if isFile(packaged) == nil && (err != nil || isFile(cached) != nil) {
		return packaged, nil
	}
	if err != nil {
		return "", fmt.Errorf("%w: %w; set %s to a libchdb.so", ErrNoLibrary, err, LibraryVariable)
	}
	if err := isFile(cached); err != nil {
		return "", fmt.Errorf("%w: nothing at %s: run \"make engine\" once to fetch it, or set %s to a libchdb.so of version %s",
			ErrNoLibrary, cached, LibraryVariable, Version)
	}
	return cached, nil
}

// cachePath is where Fetch puts the library: one for each version, shared by all programs of the user.
func cachePath() (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("no cache folder: %w", err)
	}
	return filepath.Join(cache, "kaisen", "engine", Version, "libchdb.so"), nil
}

func isFile(path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return errors.Unwrap(err) // the path is in the message around it
	}
	if !info.Mode().IsRegular() {
		return fs.ErrInvalid
	}
	return nil
}
