package chdb

import (
	"bufio"
	"fmt"
	"os"
	"path"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// childAttributes make the child die with its parent at once, so that a parent that was killed and started again
// finds the folder free; and put it out of the terminal's process group, so that Ctrl-C reaches the parent alone,
// which still needs the engine to write what it holds.
func childAttributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setpgid: true}
}

// machineMemory is what this machine has, or what the control groups of this process may take where that is less; 0
// where nobody says. It is asked of the kernel: a service with ProcSubset=pid sees no /proc/meminfo.
func machineMemory() uint64 {
	var info unix.Sysinfo_t
	if err := unix.Sysinfo(&info); err != nil {
		return 0
	}
	have := uint64(info.Totalram) * uint64(info.Unit)
	for _, file := range limits() {
		var bytes uint64
		if text, err := os.ReadFile(file); err == nil {
			if n, _ := fmt.Sscan(string(text), &bytes); n == 1 && bytes > 0 { // "max" is none
				have = min(have, bytes)
			}
		}
	}
	return have
}

// limits are the files with the bounds of this process's control group and of those around it, in both versions.
func limits() []string {
	files := []string{"/sys/fs/cgroup/memory/memory.limit_in_bytes"}
	own, err := os.Open("/proc/self/cgroup")
	if err != nil {
		return append(files, "/sys/fs/cgroup/memory.max")
	}
	defer own.Close()
	for lines := bufio.NewScanner(own); lines.Scan(); {
		group, found := strings.CutPrefix(lines.Text(), "0::")
		for ; found && group != "." && group != ""; group = path.Dir(group) {
			files = append(files, path.Join("/sys/fs/cgroup", group, "memory.max"))
			if group == "/" {
				break
			}
		}
	}
	return files
}
