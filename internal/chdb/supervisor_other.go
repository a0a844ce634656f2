//go:build !linux

package chdb

import "syscall"

// childAttributes put the child out of the terminal's process group, so that Ctrl-C reaches the parent alone. That
// the child ends with its parent rests on its standard input here.
func childAttributes() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }
