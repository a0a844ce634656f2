package chdb

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"unsafe"

	"github.com/ebitengine/purego"
)

// Version is the release of the engine that this kaisen is made for, as the npm packages @chdb/lib-* name it.
const Version = "26.7.3-stable.1"

// LibraryVariable names the environment variable that points to a libchdb.so which is already there.
const LibraryVariable = "KAISEN_LIBCHDB"

// ErrNoLibrary says that the engine is not on this machine. Errors that wrap it say where it was looked for and
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

// library is the part of chdb.h that kaisen calls.
type library struct {
	setSignalHandlersEnabled func(enabled int32)
	commandLine              func(argc int32, argv **byte) unsafe.Pointer
}

// loadLibrary opens a libchdb.so. One that is older than the first whose command line can open ports is refused.
func loadLibrary(path string) (*library, error) {
	opened, err := openLibrary(path)
	if err != nil {
		return nil, fmt.Errorf("load the engine: %w", err) // dlerror names the file
	}
	symbol, err := findSymbol(opened, "chdb_version")
	if err != nil {
		return nil, fmt.Errorf("%s is no engine, or one older than %s, which kaisen needs", path, leastVersion)
	}
	var version func() string
	purego.RegisterFunc(&version, symbol)
	if err := recent(path, version()); err != nil {
		return nil, err
	}
	l := new(library)
	for name, function := range map[string]any{
		"chdb_set_signal_handlers_enabled": &l.setSignalHandlersEnabled,
		"chdb_query_cmdline":               &l.commandLine,
	} {
		symbol, err := findSymbol(opened, name)
		if err != nil {
			return nil, fmt.Errorf("%s is not a library of engine %s: %w", path, Version, err)
		}
		purego.RegisterFunc(function, symbol)
		if name == "chdb_query_cmdline" {
			if err := forgive(path, name, symbol); err != nil {
				return nil, fmt.Errorf("%s is another make of engine than kaisen knows, and would end when a client fails: %w; \"make engine\" fetches %s", path, err, Version)
			}
		}
	}
	return l, nil
}

// leastVersion is the first release whose command line knows SYSTEM START LISTEN for sure.
const leastVersion = "26.7"

// recent refuses an engine that is too old.
func recent(path, version string) error {
	var year, month, leastYear, leastMonth int
	fmt.Sscanf(leastVersion, "%d.%d", &leastYear, &leastMonth)
	if _, err := fmt.Sscanf(version, "%d.%d", &year, &month); err != nil || year < leastYear || year == leastYear && month < leastMonth {
		return fmt.Errorf("%s is engine %q, and kaisen needs %s or later: \"make engine\" fetches %s", path, version, leastVersion, Version)
	}
	return nil
}

// run is the engine's command line; it returns when its last statement has ended.
func (l *library) run(args ...string) {
	argv := make([]*byte, len(args))
	for i, arg := range args {
		argv[i] = unsafe.SliceData(append([]byte(arg), 0))
	}
	l.commandLine(int32(len(argv)), unsafe.SliceData(argv))
	runtime.KeepAlive(argv)
}
