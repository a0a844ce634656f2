package linelabel

import (
	"bytes"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
)

const (
	// minKeyBytes is as many as SHA-256 gives: a shorter key would be the easier thing to guess.
	minKeyBytes = 32
	// maxKeyBytes keeps kaisen from reading a disk image that was named by mistake.
	maxKeyBytes = 64 << 10
	// everybody is the permission bits of users who are neither the owner nor in the group.
	everybody fs.FileMode = 0o007
)

// labelKey reads the key, or makes the file. Its errors do not name the file.
func labelKey(file string) (key []byte, made bool, err error) {
	key, err = readLabelKey(file)
	if !errors.Is(err, fs.ErrNotExist) {
		return key, false, err
	}
	if err := makeLabelKey(file); err != nil {
		return nil, false, err
	}
	key, err = readLabelKey(file)
	return key, true, err
}

func readLabelKey(file string) ([]byte, error) {
	opened, err := os.Open(file)
	if err != nil {
		return nil, withoutPath(err)
	}
	defer opened.Close()
	info, err := opened.Stat()
	if err != nil {
		return nil, withoutPath(err)
	}
	switch mode := info.Mode(); {
	case mode.IsDir():
		return nil, errors.New("is a folder; name a file")
	case mode.Perm()&everybody != 0:
		return nil, fmt.Errorf("everybody on this machine may use it (mode %04o), and with it tell the number behind a label; chmod 600", mode.Perm())
	}
	text, err := io.ReadAll(io.LimitReader(opened, maxKeyBytes))
	if err != nil {
		return nil, withoutPath(err)
	}
	key := bytes.TrimRight(text, "\r\n")
	if len(key) < minKeyBytes {
		return nil, fmt.Errorf("holds a key of %d bytes, at least %d are needed; openssl rand -hex 32 makes one, and so does kaisen where the file is missing",
			len(key), minKeyBytes)
	}
	return key, nil
}

// makeLabelKey writes a new key, in hexadecimal digits so that it can be copied by hand. It never replaces a file.
func makeLabelKey(file string) error {
	key := make([]byte, minKeyBytes)
	_, _ = rand.Read(key) // it has no error
	created, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return withoutPath(err)
	}
	_, err = created.WriteString(hex.EncodeToString(key) + "\n")
	return withoutPath(errors.Join(err, created.Sync(), created.Close()))
}

// withoutPath takes the file's name, which the caller adds, out of an error.
func withoutPath(err error) error {
	if path := (*fs.PathError)(nil); errors.As(err, &path) {
		return path.Err
	}
	return err
}
