package chdb

import (
	"fmt"
	"os"
	"strings"
)

// most is the bound of an engine that nobody gave another.
const most = 4 << 30

// DefaultMemory is half of what this machine has, or of what its control group may take where that is less, and at
// most 4 GiB.
func DefaultMemory() uint64 {
	have := uint64(2 * most)
	if text, err := os.ReadFile("/proc/meminfo"); err == nil {
		_, rest, _ := strings.Cut(string(text), "MemTotal:")
		var kib uint64
		if n, _ := fmt.Sscan(rest, &kib); n == 1 {
			have = kib << 10
		}
	}
	for _, limit := range []string{"/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"} {
		var bytes uint64
		if text, err := os.ReadFile(limit); err == nil {
			if n, _ := fmt.Sscan(string(text), &bytes); n == 1 && bytes > 0 {
				have = min(have, bytes)
			}
		}
	}
	return min(have/2, most)
}
