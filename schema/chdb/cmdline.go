package chdb

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"unsafe"

	"github.com/ebitengine/purego"
)

// ServeCluster is a stand-in until Serve itself listens.
func ServeCluster(folder string) int {
	found, _ := filepath.Glob(filepath.Join(os.Getenv("HOME"), ".cache/kaisen/engine/*/libchdb.so"))
	lib, err := purego.Dlopen(found[len(found)-1], purego.RTLD_NOW|purego.RTLD_GLOBAL)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	var cmdline func(argc int32, argv **byte) unsafe.Pointer
	var sig func(int32)
	purego.RegisterLibFunc(&cmdline, lib, "chdb_query_cmdline")
	purego.RegisterLibFunc(&sig, lib, "chdb_set_signal_handlers_enabled")
	sig(0)
	args := []string{"clickhouse", "--config-file=" + filepath.Join(folder, "config.xml"), "--path=" + filepath.Join(folder, "data"), "--query",
		"SYSTEM START LISTEN TCP; SYSTEM START LISTEN HTTP; SELECT sleepEachRow(3) FROM numbers(1000000000) SETTINGS max_block_size=1, function_sleep_max_microseconds_per_block=0 FORMAT Null"}
	argv := make([]*byte, len(args))
	for i, a := range args {
		argv[i] = unsafe.SliceData(append([]byte(a), 0))
	}
	cmdline(int32(len(argv)), unsafe.SliceData(argv))
	runtime.KeepAlive(argv)
	return 1
}
