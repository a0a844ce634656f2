//go:build unix

package ratelimit

import (
	"os"
	"syscall"
)

// lock waits until no other process has the file, and has it until the file is closed.
func lock(file *os.File) error { return syscall.Flock(int(file.Fd()), syscall.LOCK_EX) }
