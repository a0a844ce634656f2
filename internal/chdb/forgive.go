package chdb

import (
	"bytes"
	"debug/elf"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"unsafe"
)

// The engine's command line was not made to serve strangers: an error that leaves a connection's handler, be it a wrong
// password on the native port, a port scan or a client that hangs up, goes to its class KillingErrorHandler, which ends
// the process with std::terminate. A server has a handler that lets the connection go; what the class is derived from,
// Poco::ErrorHandler, does the same. The library exports neither, so forgive finds both by the names that C++ keeps of
// its classes at run time, and lets the one behave as the other.
//
// Roads not taken: a proxy that tries each login over HTTP first would leave the port behind it as mortal as before, and
// a handler of SIGABRT cannot return.

// killer is the C++ name of the class, as its type information writes it.
const killer = "\x0019KillingErrorHandler\x00"

// handlers is the number of functions of an error handler in its table: two destructors, and what is called with an
// exception of Poco, of the standard library, and of neither.
const handlers = 5

// forgive makes the loaded library survive errors of single connections. symbol is one of its functions and address
// where it lies. It fails on a library that is made in another way.
func forgive(library, symbol string, address uintptr) error {
	file, err := elf.Open(library)
	if err != nil {
		return err
	}
	defer file.Close()
	base, err := loadedAt(file, symbol, address)
	if err != nil {
		return err
	}
	names, tables, code := file.Section(".rodata"), file.Section(".data.rel.ro"), file.Section(".text")
	if names == nil || tables == nil || code == nil {
		return errors.New("no sections .rodata, .data.rel.ro and .text")
	}
	at, err := find(names, []byte(killer))
	if err != nil {
		return err
	}
	t := typeTables{
		words: unsafe.Slice((*uintptr)(pointer(base+uintptr(tables.Addr))), tables.Size/8),
		start: base + uintptr(tables.Addr), code: base + uintptr(code.Addr), end: base + uintptr(code.Addr+code.Size),
	}
	// Type information is a table of its own kind, the name, and for a derived class that of its base.
	info := slices.Index(t.words, base+uintptr(at)+1)
	if info < 1 || info+1 >= len(t.words) {
		return errors.New("no type information of the engine's error handler")
	}
	derived, ancestor := t.functions(t.start+uintptr(info-1)*8), t.functions(t.words[info+1])
	if derived == nil || ancestor == nil {
		return errors.New("no functions of the engine's error handler")
	}
	return overwrite(derived, ancestor)
}

// loadedAt is the address where the library begins.
func loadedAt(file *elf.File, symbol string, address uintptr) (uintptr, error) {
	symbols, err := file.DynamicSymbols()
	if err != nil {
		return 0, err
	}
	for _, s := range symbols {
		if s.Name == symbol {
			return address - uintptr(s.Value), nil
		}
	}
	return 0, fmt.Errorf("no symbol %s", symbol)
}

// find is the address, before loading, of the only place in a section where the text stands. It reads the file and not
// the memory, of which the section would be 70 MB.
func find(section *elf.Section, text []byte) (address uint64, err error) {
	const step = 1 << 20
	buffer := make([]byte, step+len(text))
	for offset := uint64(0); offset < section.Size; offset += step {
		n, err := section.ReadAt(buffer, int64(offset))
		if err != nil && err != io.EOF {
			return 0, err
		}
		if i := bytes.Index(buffer[:n], text); i >= 0 {
			return section.Addr + offset + uint64(i), nil
		}
	}
	return 0, fmt.Errorf("no class %q", text)
}

// typeTables is the part of the loaded library with its classes' tables.
type typeTables struct {
	words     []uintptr
	start     uintptr // address of the first
	code, end uintptr // where functions lie
}

// functions is the table of the class with this type information: behind a distance of 0 and the information itself.
func (t typeTables) functions(info uintptr) []uintptr {
	for i := 1; i+handlers < len(t.words); i++ {
		if t.words[i] != info || t.words[i-1] != 0 {
			continue
		}
		table := t.words[i+1 : i+1+handlers]
		if !slices.ContainsFunc(table, func(f uintptr) bool { return f < t.code || f >= t.end }) {
			return table
		}
	}
	return nil
}

// overwrite replaces all functions but the destructors, in memory that is read-only before and after.
func overwrite(table, by []uintptr) error {
	size := uintptr(os.Getpagesize())
	first := uintptr(unsafe.Pointer(&table[0])) &^ (size - 1)
	last := (uintptr(unsafe.Pointer(&table[handlers-1])) | (size - 1)) + 1
	pages := unsafe.Slice((*byte)(pointer(first)), last-first)
	if err := setWritable(pages, true); err != nil {
		return err
	}
	copy(table[2:], by[2:])
	return setWritable(pages, false)
}

// pointer is an address in the library's memory, which Go neither made nor moves.
func pointer(address uintptr) unsafe.Pointer { return *(*unsafe.Pointer)(unsafe.Pointer(&address)) }
