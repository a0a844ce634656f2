package chdb

import (
	"fmt"
	"runtime"
	"unsafe"

	"github.com/ebitengine/purego"
)

// library is the part of chdb.h that kaisen calls.
type library struct {
	setSignalHandlersEnabled func(enabled int32)
	commandLine              func(argc int32, argv **byte) unsafe.Pointer
}

// loadLibrary opens a libchdb.so. One that is older than the first whose command line can open ports is refused.
func loadLibrary(path string) (*library, error) {
	opened, err := purego.Dlopen(path, purego.RTLD_NOW|purego.RTLD_GLOBAL)
	if err != nil {
		return nil, fmt.Errorf("load the engine: %w", err) // dlerror names the file
	}
	symbol, err := purego.Dlsym(opened, "chdb_version")
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
		symbol, err := purego.Dlsym(opened, name)
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
