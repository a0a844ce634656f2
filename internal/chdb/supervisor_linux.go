package chdb

import "syscall"

// childAttributes make the child die with its parent at once, so that a parent that was killed and started again
// finds the folder free; and put it out of the terminal's process group, so that Ctrl-C reaches the parent alone,
// which still needs the engine to write what it holds.
func childAttributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setpgid: true}
}
