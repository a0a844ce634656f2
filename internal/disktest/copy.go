package disktest

import (
	"errors"
	"hash/maphash"
	"io"
	"os"
	"syscall"
)

// piece is how much of an image is compared at once.
const piece = 1 << 20

// copyAtRest copies an image that the kernel may still be writing to: again and again what has changed, until nothing
// has. Then each piece was, between the last two readings, as it is in the copy.
func copyAtRest(to, from string) error {
	source, err := os.Open(from)
	if err != nil {
		return err
	}
	defer source.Close()
	info, err := source.Stat()
	if err != nil {
		return err
	}
	target, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	if err := target.Truncate(info.Size()); err != nil {
		return errors.Join(err, target.Close())
	}
	c := copier{source: source, target: target, seed: maphash.MakeSeed(), seen: map[int64]uint64{}}
	for changed := true; changed; {
		if changed, err = c.pass(); err != nil {
			return errors.Join(err, target.Close())
		}
	}
	return target.Close()
}

// copier knows what it has copied.
type copier struct {
	source, target *os.File
	seed           maphash.Seed
	seen           map[int64]uint64 // by where a piece begins
}

// pass copies the pieces that are not as they were, and reports whether there were any. Pieces that were never written
// are holes in the image, and are left out.
func (c *copier) pass() (changed bool, err error) {
	const seekData = 3 // SEEK_DATA of lseek(2)
	buffer := make([]byte, piece)
	for at := int64(0); ; at += piece {
		at, err = c.source.Seek(at, seekData)
		if errors.Is(err, syscall.ENXIO) {
			return changed, nil // nothing but holes is left
		}
		if err != nil {
			return changed, err
		}
		at -= at % piece
		n, err := c.source.ReadAt(buffer, at)
		if err != nil && !errors.Is(err, io.EOF) {
			return changed, err
		}
		sum := maphash.Bytes(c.seed, buffer[:n])
		if was, seen := c.seen[at]; seen && was == sum {
			continue
		}
		changed, c.seen[at] = true, sum
		if _, err := c.target.WriteAt(buffer[:n], at); err != nil {
			return changed, err
		}
	}
}
