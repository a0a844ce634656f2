package chdb

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// fakeNPM puts an npm first in the path that "downloads" the given archive, and an archive's pin.
func fakeNPM(t *testing.T, library string) pin {
	t.Helper()
	var archive bytes.Buffer
	zip := gzip.NewWriter(&archive)
	entries := tar.NewWriter(zip)
	for name, text := range map[string]string{"package/index.js": "x", "package/libchdb.so": library, "package/package.json": "{}"} {
		entries.WriteHeader(&tar.Header{Name: name, Typeflag: tar.TypeReg, Mode: 0o644, Size: int64(len(text))})
		io.WriteString(entries, text)
	}
	entries.Close()
	zip.Close()
	bin := t.TempDir()
	source := filepath.Join(bin, "archive")
	script := "#!/bin/sh\n[ \"$1 $2 $3 $5\" = \"pack --loglevel=error --pack-destination @chdb/lib-test@" + Version + "\" ] || { echo wrong arguments >&2; exit 3; }\n" +
		"cp " + source + " \"$4/chdb.tgz\"\n"
	if err := os.WriteFile(source, archive.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(bin, "npm"), []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", bin+":"+os.Getenv("PATH"))
	whole, inside := sha512.Sum512(archive.Bytes()), sha256.Sum256([]byte(library))
	return pin{pkg: "@chdb/lib-test", sha512: base64.StdEncoding.EncodeToString(whole[:]), library: hex.EncodeToString(inside[:])}
}

func TestFetch(t *testing.T) {
	good := fakeNPM(t, "the engine")
	otherArchive, otherLibrary, otherPackage := good, good, good
	otherArchive.sha512 = "AAAA"
	otherLibrary.library = "00"
	otherPackage.pkg = "@chdb/lib-other"
	tests := []struct {
		name string
		pin  pin
		err  string // "" is success
	}{
		{"as pinned", good, ""},
		{"another archive", otherArchive, "expected AAAA: not used"},
		{"another library", otherLibrary, "expected 00: not used"},
		{"npm fails", otherPackage, "npm pack @chdb/lib-other@" + Version + ": exit status 3: wrong arguments"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "engine", "libchdb.so")
			err := tt.pin.fetch(t.Context(), path, io.Discard)
			text, _ := os.ReadFile(path)
			left, _ := filepath.Glob(filepath.Join(filepath.Dir(path), "fetch-*"))
			switch {
			case len(left) > 0:
				t.Errorf("left behind: %v", left)
			case tt.err == "" && (err != nil || string(text) != "the engine"):
				t.Errorf("%q, %v", text, err)
			case tt.err != "" && (err == nil || !strings.Contains(err.Error(), tt.err) || text != nil):
				t.Errorf("%q, %v", text, err)
			}
		})
	}
}

func TestFetchAtOnce(t *testing.T) {
	p := fakeNPM(t, strings.Repeat("the engine", 100000))
	path := filepath.Join(t.TempDir(), "libchdb.so")
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			if err := p.fetch(t.Context(), path, io.Discard); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if text, err := os.ReadFile(path); len(text) != 1000000 {
		t.Errorf("%d bytes, %v", len(text), err)
	}
}

func TestLibraryIsFoundOrMissed(t *testing.T) {
	cache := t.TempDir()
	t.Setenv("XDG_CACHE_HOME", cache)
	t.Setenv("HOME", cache)
	t.Setenv(LibraryVariable, filepath.Join(cache, "nothing.so"))
	if _, err := Library(); err == nil || !strings.Contains(err.Error(), "KAISEN_LIBCHDB names "+filepath.Join(cache, "nothing.so")) {
		t.Errorf("named and missing: %v", err)
	}
	t.Setenv(LibraryVariable, "")
	path, err := cachePath()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Library(); err == nil || !strings.Contains(err.Error(), "make engine") || !strings.Contains(err.Error(), path) {
		t.Errorf("not fetched: %v", err)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, nil, 0o755); err != nil {
		t.Fatal(err)
	}
	if got, err := Library(); got != path || err != nil {
		t.Errorf("fetched: %s, %v", got, err)
	}
	if got, err := Fetch(t.Context(), io.Discard); got != path || err != nil {
		t.Errorf("fetched again: %s, %v", got, err)
	}
}
