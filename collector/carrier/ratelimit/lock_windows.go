package ratelimit

import (
	"os"

	"golang.org/x/sys/windows"
)

// lock waits until no other process has the file, and has it until the file is closed. What is locked is a byte far behind
// its end, because Windows keeps others from reading what is locked.
func lock(file *os.File) error {
	return windows.LockFileEx(windows.Handle(file.Fd()), windows.LOCKFILE_EXCLUSIVE_LOCK, 0, 1, 0, &windows.Overlapped{OffsetHigh: 1})
}
