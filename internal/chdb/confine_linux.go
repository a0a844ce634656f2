package chdb

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"unsafe"

	"golang.org/x/sys/unix"
)

// The rights over files that Landlock knows, by the version of it that brought the last of them.
const (
	readFiles  = unix.LANDLOCK_ACCESS_FS_READ_FILE | unix.LANDLOCK_ACCESS_FS_READ_DIR
	writeFiles = unix.LANDLOCK_ACCESS_FS_WRITE_FILE
	allFiles1  = 1<<13 - 1
	allFiles2  = allFiles1 | unix.LANDLOCK_ACCESS_FS_REFER
	allFiles3  = allFiles2 | unix.LANDLOCK_ACCESS_FS_TRUNCATE
)

// confine takes from this thread, and from all that it starts, every file but the data folder and what a program
// needs of its machine to run; and, where connect is false, every connection to somewhere else. The caller's goroutine
// must be locked to its thread, for good. A kernel without Landlock leaves things as they are: the accounts have no right
// to files either.
func confine(path string, connect bool) error {
	version, _, failure := unix.Syscall(unix.SYS_LANDLOCK_CREATE_RULESET, 0, 0, unix.LANDLOCK_CREATE_RULESET_VERSION)
	if failure != 0 {
		return nil
	}
	rules := unix.LandlockRulesetAttr{Handled_access_fs: allFiles1}
	switch {
	case version >= 3:
		rules.Handled_access_fs = allFiles3
	case version == 2:
		rules.Handled_access_fs = allFiles2
	}
	if version >= 4 && !connect {
		rules.Handled_access_net = unix.LANDLOCK_ACCESS_NET_CONNECT_TCP
	}
	size := unsafe.Sizeof(rules.Handled_access_fs)
	if version >= 4 {
		size += unsafe.Sizeof(rules.Handled_access_net)
	}
	set, _, failure := unix.Syscall(unix.SYS_LANDLOCK_CREATE_RULESET, uintptr(unsafe.Pointer(&rules)), size, 0)
	if failure != 0 {
		return failure
	}
	defer unix.Close(int(set))
	path, err := filepath.Abs(path)
	if err != nil {
		return err
	}
	if err := allowData(int(set), path, rules.Handled_access_fs&^unix.LANDLOCK_ACCESS_FS_EXECUTE); err != nil {
		return err
	}
	if err := allow(int(set), "/dev/null", readFiles&^unix.LANDLOCK_ACCESS_FS_READ_DIR|writeFiles); err != nil {
		return err
	}
	if err := allowSelf(int(set)); err != nil {
		return err
	}
	for _, needed := range []string{"/proc/sys", "/proc/pressure", "/sys", "/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/share/zoneinfo"} {
		if err := allow(int(set), needed, readFiles); err != nil {
			return err
		}
	}
	for _, needed := range []string{"/proc/meminfo", "/proc/cpuinfo", "/proc/stat", "/proc/loadavg", "/proc/uptime", "/dev/urandom", "/dev/random", "/etc/hosts", "/etc/resolv.conf", "/etc/nsswitch.conf", "/etc/host.conf", "/etc/ld.so.cache"} {
		if err := allow(int(set), needed, unix.LANDLOCK_ACCESS_FS_READ_FILE); err != nil {
			return err
		}
	}
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return err
	}
	if _, _, failure := unix.Syscall(unix.SYS_LANDLOCK_RESTRICT_SELF, set, 0, 0); failure != 0 {
		return failure
	}
	return nil
}

// allowData adds rules for the data folder. The engine may write what it likes there (it tries out what the file system
// can do), but read only what lies in its own folders, and its own lock: the passwords lie beside them, and so may the
// spool and whatever else somebody keeps there.
func allowData(set int, path string, all uint64) error {
	if err := allow(set, path, all&^unix.LANDLOCK_ACCESS_FS_READ_FILE); err != nil {
		return err
	}
	for _, name := range engineFolders() {
		folder := filepath.Join(path, name)
		if err := os.MkdirAll(folder, 0o700); err != nil {
			return err
		}
		if err := allow(set, folder, all); err != nil {
			return err
		}
	}
	lock := filepath.Join(path, "status")
	file, err := os.OpenFile(lock, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	file.Close()
	return allow(set, lock, unix.LANDLOCK_ACCESS_FS_READ_FILE)
}

// engineFolders are those that ClickHouse makes in its data folder, with this package's own.
func engineFolders() []string {
	return []string{"access", "backups", "cores", "data", "disks", "dynamic_user_defined_executable_functions", "engine", "flags", "format_schemas",
		"metadata", "metadata_dropped", "named_collections", "preprocessed_configs", "shadow", "store", "tmp", "user_defined", "user_files", "workload"}
}

// allowSelf adds a rule for what /proc says of this process, and of no other: the environment of the service that started
// it holds secrets, and Landlock itself keeps no process of root from reading it. The kernel forgets the rule with the
// folder, which it makes anew for whoever looks after a while; hence a descriptor that stays open.
func allowSelf(set int) error {
	if _, err := unix.Open("/proc/self/", unix.O_PATH|unix.O_CLOEXEC, 0); err != nil {
		return &fs.PathError{Op: "confine", Path: "/proc/self", Err: err}
	}
	return allow(set, "/proc/self/", readFiles)
}

// allow adds a rule for a file or a folder; what is not on this machine needs none.
func allow(set int, path string, access uint64) error {
	file, err := unix.Open(path, unix.O_PATH|unix.O_CLOEXEC, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return &fs.PathError{Op: "confine", Path: path, Err: err}
	}
	defer unix.Close(file)
	rule := unix.LandlockPathBeneathAttr{Allowed_access: access, Parent_fd: int32(file)}
	if _, _, failure := unix.Syscall6(unix.SYS_LANDLOCK_ADD_RULE, uintptr(set), unix.LANDLOCK_RULE_PATH_BENEATH, uintptr(unsafe.Pointer(&rule)), 0, 0, 0); failure != 0 {
		return &fs.PathError{Op: "confine", Path: path, Err: failure}
	}
	return nil
}
