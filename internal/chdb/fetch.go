package chdb

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
)

// pin is the one archive that is accepted for a platform.
type pin struct {
	pkg     string // npm package
	sha512  string // of the archive, base64, as npm's dist.integrity has it
	library string // sha256 of libchdb.so in it, hexadecimal
}

// pins lists the platforms whose archive was looked at. On any other the user names a library with KAISEN_LIBCHDB:
// an archive nobody has looked at is not run.
func pins() map[string]pin {
	return map[string]pin{
		"linux/amd64": {
			pkg:     "@chdb/lib-linux-x64-gnu",
			sha512:  "XP97mMqnc5tZpKQywR8N7cLTsHNiTmHr30pC5mzo3jWmukjKn2IBa60c2B/gWUNcuFjOMjWoorQICCqBVj5wpw==",
			library: "36ad4e999882821ef13cf2d0f52c93f48e6ee1b4498b35a201c23ce4b8d15bf5",
		},
	}
}

// Fetch brings the engine (167 MB, unpacked 566 MB) into the user's cache folder and returns its path; if it is
// there already, it does nothing. It runs "npm pack", so that the user's own registry configuration counts, takes
// the archive only if its checksums are the pinned ones, and may be run by several processes at once: whoever ends
// last replaces the file by an equal one, in one step.
func Fetch(ctx context.Context, progress io.Writer) (string, error) {
	path, err := cachePath()
	if err != nil {
		return "", fmt.Errorf("fetch the engine: %w", err)
	}
	if isFile(path) == nil {
		fmt.Fprintf(progress, "engine %s is already at %s\n", Version, path)
		return path, nil
	}
	platform := runtime.GOOS + "/" + runtime.GOARCH
	p, known := pins()[platform]
	if !known {
		return "", fmt.Errorf("fetch the engine: no archive is pinned for %s: set %s to a libchdb.so of version %s",
			platform, LibraryVariable, Version)
	}
	if err := p.fetch(ctx, path, progress); err != nil {
		return "", fmt.Errorf("fetch the engine: %w", err)
	}
	fmt.Fprintf(progress, "engine %s is at %s\n", Version, path)
	return path, nil
}

func (p pin) fetch(ctx context.Context, path string, progress io.Writer) (err error) {
	folder := filepath.Dir(path)
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	work, err := os.MkdirTemp(folder, "fetch-") // beside its destination, so that the rename is one step
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(work)) }()

	fmt.Fprintf(progress, "npm pack %s@%s (167 MB) ...\n", p.pkg, Version)
	archive, err := p.pack(ctx, work)
	if err != nil {
		return err
	}
	fmt.Fprintf(progress, "unpacking and checking libchdb.so (566 MB) ...\n")
	library := filepath.Join(work, "libchdb.so")
	if err := p.unpack(archive, library); err != nil {
		return err
	}
	return os.Rename(library, path)
}

// pack lets npm download the archive into the folder.
func (p pin) pack(ctx context.Context, folder string) (archive string, err error) {
	npm, err := exec.LookPath("npm")
	if err != nil {
		return "", fmt.Errorf("npm is needed once to download %s@%s: %w; or set %s to a libchdb.so", p.pkg, Version, err, LibraryVariable)
	}
	var complaints bytes.Buffer
	cmd := exec.CommandContext(ctx, npm, "pack", "--loglevel=error", "--pack-destination", folder, p.pkg+"@"+Version)
	cmd.Dir = folder
	cmd.Stderr = &complaints
	if err := cmd.Run(); err != nil {
		return "", fmt.Errorf("npm pack %s@%s: %w: %s", p.pkg, Version, err, lastLine(complaints.String()))
	}
	found, err := filepath.Glob(filepath.Join(folder, "*.tgz"))
	if err != nil || len(found) != 1 {
		return "", fmt.Errorf("npm pack %s@%s left %d archives", p.pkg, Version, len(found))
	}
	return found[0], nil
}

// unpack writes the library out of the archive and compares both with the pinned checksums.
func (p pin) unpack(archive, library string) error {
	file, err := os.Open(archive)
	if err != nil {
		return err
	}
	defer file.Close()
	whole := sha512.New()
	source := io.TeeReader(file, whole)
	inside, err := extract(source, library)
	if err != nil {
		return fmt.Errorf("unpack %s: %w", filepath.Base(archive), err)
	}
	if _, err := io.Copy(io.Discard, source); err != nil {
		return err
	}
	if got := base64.StdEncoding.EncodeToString(whole.Sum(nil)); got != p.sha512 {
		return fmt.Errorf("%s has sha512 %s, expected %s: not used", filepath.Base(archive), got, p.sha512)
	}
	if inside != p.library {
		return fmt.Errorf("libchdb.so has sha256 %s, expected %s: not used", inside, p.library)
	}
	return nil
}

// extract streams package/libchdb.so out of a gzipped tar and returns its sha256.
func extract(archive io.Reader, library string) (sum string, err error) {
	unzipped, err := gzip.NewReader(archive)
	if err != nil {
		return "", err
	}
	entries := tar.NewReader(unzipped)
	for {
		entry, err := entries.Next()
		if err != nil {
			return "", fmt.Errorf("package/libchdb.so: %w", err)
		}
		if entry.Name == "package/libchdb.so" && entry.Typeflag == tar.TypeReg {
			break
		}
	}
	file, err := os.OpenFile(library, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o755)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	digest := sha256.New()
	if _, err := io.Copy(io.MultiWriter(file, digest), entries); err != nil {
		return "", err
	}
	return hex.EncodeToString(digest.Sum(nil)), file.Sync()
}

// lastLine is the last line of a program's output that says something.
func lastLine(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return strings.TrimSpace(lines[len(lines)-1])
}
