package chdb

import (
	"fmt"
	"runtime"
	"unsafe"

	"github.com/ebitengine/purego"
)

// handle is a pointer into the library's memory: a connection, a result, an insert stream.
type handle = unsafe.Pointer

// startFunc is the shape of every function that starts a statement. All strings go as pointer and length, so that
// none is cut at a NUL byte.
type startFunc func(conn handle, query *byte, queryLen uintptr, format *byte, formatLen uintptr,
	names **byte, nameLens *uintptr, values **byte, valueLens *uintptr, count uintptr) handle

// abi is the part of chdb.h that kaisen calls.
type abi struct {
	setSignalHandlersEnabled func(enabled int32)

	connect   func(argc int32, argv **byte) *handle // nil on failure
	closeConn func(conn *handle)

	query        startFunc // the result whole
	stream       startFunc // the result in pieces; SELECT and the like only
	streamFetch  func(conn, result handle) handle
	streamCancel func(conn, result handle)

	insert        startFunc // an INSERT whose data follows
	insertAppend  func(stream handle, data *byte, length uintptr) int32
	insertDone    func(stream handle) handle
	insertError   func(stream handle) string
	insertDestroy func(stream handle) // cancels what was not done

	resultBuffer      func(result handle) *byte
	resultLength      func(result handle) uintptr
	resultError       func(result handle) string
	resultRowsRead    func(result handle) uint64
	resultBytesRead   func(result handle) uint64
	resultRowsWritten func(result handle) uint64
	resultDestroy     func(result handle)
}

// loadABI opens the library and resolves every function, so that a library of another version is refused at once
// and not at its first use.
func loadABI(path string) (*abi, error) {
	library, err := purego.Dlopen(path, purego.RTLD_NOW|purego.RTLD_GLOBAL)
	if err != nil {
		return nil, fmt.Errorf("load the engine: %w", err) // dlerror names the file
	}
	a := new(abi)
	for name, function := range a.symbols() {
		symbol, err := purego.Dlsym(library, name)
		if err != nil {
			return nil, fmt.Errorf("%s is not a library of engine %s: %w", path, Version, err)
		}
		purego.RegisterFunc(function, symbol)
	}
	return a, nil
}

func (a *abi) symbols() map[string]any {
	return map[string]any{
		"chdb_set_signal_handlers_enabled": &a.setSignalHandlersEnabled,
		"chdb_connect":                     &a.connect,
		"chdb_close_conn":                  &a.closeConn,
		"chdb_query_with_params_n":         &a.query,
		"chdb_stream_query_with_params_n":  &a.stream,
		"chdb_stream_fetch_result":         &a.streamFetch,
		"chdb_stream_cancel_query":         &a.streamCancel,
		"chdb_stream_insert_with_params_n": &a.insert,
		"chdb_stream_append":               &a.insertAppend,
		"chdb_stream_done":                 &a.insertDone,
		"chdb_stream_insert_error":         &a.insertError,
		"chdb_destroy_insert_stream":       &a.insertDestroy,
		"chdb_result_buffer":               &a.resultBuffer,
		"chdb_result_length":               &a.resultLength,
		"chdb_result_error":                &a.resultError,
		"chdb_result_rows_read":            &a.resultRowsRead,
		"chdb_result_bytes_read":           &a.resultBytesRead,
		"chdb_result_rows_written":         &a.resultRowsWritten,
		"chdb_destroy_query_result":        &a.resultDestroy,
	}
}

// open makes a connection with the arguments of a command line.
func (a *abi) open(args ...string) *handle {
	argv := make([]*byte, len(args))
	for i, arg := range args {
		argv[i] = unsafe.SliceData(append([]byte(arg), 0))
	}
	conn := a.connect(int32(len(argv)), unsafe.SliceData(argv))
	runtime.KeepAlive(argv)
	return conn
}

// start calls one of the starting functions with Go strings.
func (a *abi) start(f startFunc, conn handle, sql, format string, params map[string]string) handle {
	var names, values []*byte
	var nameLens, valueLens []uintptr
	for name, value := range params {
		names, nameLens = append(names, unsafe.StringData(name)), append(nameLens, uintptr(len(name)))
		values, valueLens = append(values, unsafe.StringData(value)), append(valueLens, uintptr(len(value)))
	}
	result := f(conn, unsafe.StringData(sql), uintptr(len(sql)), unsafe.StringData(format), uintptr(len(format)),
		unsafe.SliceData(names), unsafe.SliceData(nameLens), unsafe.SliceData(values), unsafe.SliceData(valueLens), uintptr(len(names)))
	runtime.KeepAlive(names)
	runtime.KeepAlive(values)
	return result
}

// output is a result's bytes, in the library's memory: valid until the result is destroyed.
func (a *abi) output(result handle) []byte {
	return unsafe.Slice(a.resultBuffer(result), a.resultLength(result))
}
