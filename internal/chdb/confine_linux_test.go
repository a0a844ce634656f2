package chdb_test

import (
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"kaisen/internal/chdb"
)

// needLandlock skips a test of what only the kernel can refuse, where it has no Landlock.
func needLandlock(t *testing.T) {
	t.Helper()
	if _, _, failure := unix.Syscall(unix.SYS_LANDLOCK_CREATE_RULESET, 0, 0, unix.LANDLOCK_CREATE_RULESET_VERSION); failure != 0 {
		t.Skipf("this kernel has no Landlock: %v", failure)
	}
}

// A program in the engine's own folder of scripts is not run either: executable() answers as if it had written nothing.
func TestProgramsAreNotRun(t *testing.T) {
	t.Parallel()
	needLandlock(t)
	f := build(t)
	scripts, ran := filepath.Join(f.folder, "user_scripts"), filepath.Join(f.folder, "ran")
	if err := os.MkdirAll(scripts, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(scripts, "x.sh"), []byte("#!/bin/sh\n: > "+ran+"\necho 1\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	for who := range f.accounts {
		if text, err := f.ask(t.Context(), who, "SELECT * FROM executable('x.sh', 'TSV', 'a UInt8')"); text != "" && err == nil {
			t.Errorf("%s: %s", who, text)
		}
	}
	if _, err := os.Stat(ran); !os.IsNotExist(err) {
		t.Errorf("it ran: %v", err)
	}
}

// An account with all rights to files and other machines gets at none of them.
func TestGrantsOpenNoDoor(t *testing.T) {
	needLandlock(t)
	t.Setenv("KAISEN_SOURCES__0__CLIENT_SECRET", "hunter2")
	eve := chdb.User{Name: "eve", Password: "apple", Grants: []string{
		"READ, WRITE ON FILE", "READ, WRITE ON URL", "READ, WRITE ON REMOTE", "READ, WRITE ON S3", "READ ON MYSQL", "READ, WRITE ON SQLITE", "READ ON POSTGRES", "READ ON REDIS",
		"SELECT, INSERT, CREATE TABLE, CREATE TEMPORARY TABLE, CREATE DICTIONARY, dictGet, DROP TABLE ON *.*",
		"TABLE ENGINE ON File", "TABLE ENGINE ON URL", "TABLE ENGINE ON SQLite", "TABLE ENGINE ON Memory"}}
	f := build(t, eve)
	f.accounts["eve"] = account{eve.Name, eve.Password}
	if got, err := f.ask(t.Context(), "eve", "SELECT count() FROM kaisen.t"); got != "1\n" || err != nil {
		t.Fatal(got, err) // she is somebody
	}
	secret := filepath.Join(f.beside, "secret")
	if err := os.WriteFile(secret, []byte("hunter2\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, link := range []string{filepath.Join(f.folder, "link"), filepath.Join(f.folder, "user_files", "link")} {
		os.Mkdir(filepath.Dir(link), 0o700)
		if err := os.Symlink(secret, link); err != nil {
			t.Fatal(err)
		}
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	called := make(chan string, 1)
	go func() {
		for conn, err := listener.Accept(); err == nil; conn, err = listener.Accept() {
			conn.Close()
			select {
			case called <- conn.RemoteAddr().String():
			default:
			}
		}
	}()
	var statements []string
	for _, path := range []string{"/etc/passwd", secret, fmt.Sprintf("/proc/%d/environ", os.Getpid()), fmt.Sprintf("/proc/%d/fd/0", os.Getpid()), "/proc/1/environ", "/proc/self/" + "root" + "/etc/passwd",
		"/proc/self/cwd/x", f.folder + "/link", "link", f.folder + "/kaisen.password", f.folder + "/engine/users.xml"} {
		statements = append(statements, "SELECT * FROM file('"+path+"', LineAsString)", "SELECT file('"+path+"')", "SELECT * FROM url('file://"+path+"', LineAsString)")
	}
	address := listener.Addr().String()
	statements = append(statements, "SELECT * FROM url('http://"+address+"/', LineAsString) SETTINGS http_max_tries = 1", "SELECT * FROM remote('"+address+"', system.one)",
		"SELECT * FROM s3('http://"+address+"/bucket/x', CSV, 'a UInt8') SETTINGS s3_retry_attempts = 0", "SELECT * FROM mysql('"+address+"', 'a', 'b', 'c', 'd')", "SELECT * FROM redis('"+address+"', 'k', 'k String, v String')",
		"INSERT INTO FUNCTION file('"+f.beside+"/new', CSV, 'a UInt8') SELECT 1", "INSERT INTO FUNCTION url('http://"+address+"/', CSV, 'a UInt8') SELECT 1",
		"CREATE TABLE kaisen.x (a String) ENGINE = File(LineAsString, '"+secret+"')", "SELECT * FROM sqlite('"+f.beside+"/x.db', 't')")
	for _, sql := range statements {
		text, err := f.ask(t.Context(), "eve", sql)
		if strings.Contains(text, "hunter2") || err == nil {
			t.Errorf("%s: %.100q", sql, text)
		}
	}
	select {
	case from := <-called:
		t.Errorf("the engine called from %s", from)
	default:
	}
	if entries, err := os.ReadDir(f.beside); err != nil || len(entries) != 1 {
		t.Errorf("files beside the data: %v, %v", entries, err)
	}
	f.mustAnswer(t)
}

// Who looks at the engine's process, or into its folder, learns no secret.
func TestSecretsStayWithTheirOwner(t *testing.T) {
	t.Setenv("KAISEN_SOURCES__0__CLIENT_SECRET", "hunter2")
	t.Setenv("KAISEN_STORE__DSN", "clickhouse://kaisen:hunter2@nowhere/")
	f := build(t)
	for _, what := range []string{"environ", "cmdline"} {
		content, err := os.ReadFile(fmt.Sprintf("/proc/%d/%s", f.pid(), what))
		if err != nil || len(content) == 0 {
			t.Fatalf("%d bytes of %s, %v", len(content), what, err)
		}
		for _, secret := range []string{"hunter2", "KAISEN_SOURCES", "KAISEN_STORE", f.accounts["service"].password, f.accounts["analyst"].password} {
			if strings.Contains(string(content), secret) {
				t.Errorf("%s holds %s", what, secret)
			}
		}
	}
	seen := 0
	err := filepath.WalkDir(f.folder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return nil // a part that was merged meanwhile
		}
		if info, err := entry.Info(); err == nil && info.Mode()&fs.ModeSymlink == 0 && info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s has mode %s", path, info.Mode())
		}
		content, err := os.ReadFile(path)
		if err == nil && strings.Contains(string(content), f.accounts["analyst"].password) {
			t.Errorf("%s has the analyst's password", path)
		}
		seen++
		return nil
	})
	if err != nil || seen < 10 {
		t.Errorf("%d files, %v", seen, err)
	}
}
