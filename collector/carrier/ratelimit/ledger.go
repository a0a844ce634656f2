package ratelimit

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// FileLedger is a Ledger in a small file: a line a day, of the last three. Each change is on disk when Take returns. Processes
// on one machine share it.
//
// Table sweeps is the road not taken: it lacks what is asked by hand and what a crash kept from being written, and the
// database may be away.
type FileLedger struct{ path string }

// NewFileLedger keeps the counts of an account in a folder, which is made where it is missing when the first request is counted.
func NewFileLedger(folder, account string) FileLedger {
	return FileLedger{filepath.Join(folder, "requests-"+account+".count")}
}

// dayCount is how many requests of a day are spent.
type dayCount struct {
	day   string
	spent int
}

// daysKept is how many days the file has: a clock that is set may go back across midnight.
const daysKept = 3

// Take implements Ledger.
func (l FileLedger) Take(day time.Time, n, most int) (taken, spent int, err error) {
	if err := os.MkdirAll(filepath.Dir(l.path), 0o700); err != nil {
		return 0, 0, err
	}
	file, err := os.OpenFile(l.path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return 0, 0, err
	}
	defer func() { err = errors.Join(err, file.Close()) }() // which gives the lock back
	if err := lock(file); err != nil {
		return 0, 0, fmt.Errorf("locking %s: %w", l.path, err)
	}
	counts, err := readCounts(file)
	if err != nil {
		return 0, 0, fmt.Errorf("%s: %w", l.path, err)
	}
	name := day.Format(time.DateOnly)
	at := slices.IndexFunc(counts, func(c dayCount) bool { return c.day == name })
	if at < 0 {
		counts, at = append(counts, dayCount{day: name}), len(counts)
	}
	now := &counts[at].spent
	taken = max(min(n, most-*now), min(n, 0), -*now)
	if taken == 0 {
		return 0, *now, nil
	}
	*now += taken
	spent = *now
	return taken, spent, writeCounts(file, counts)
}

// readCounts reads the file; an empty one has no counts.
func readCounts(file *os.File) ([]dayCount, error) {
	var counts []dayCount
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		var c dayCount
		if strings.TrimSpace(lines.Text()) == "" {
			continue
		}
		if _, err := fmt.Sscanf(lines.Text(), "%s %d", &c.day, &c.spent); err != nil || c.spent < 0 {
			return nil, fmt.Errorf("line %q is no day and number of requests", lines.Text())
		}
		counts = append(counts, c)
	}
	return counts, lines.Err()
}

// writeCounts writes the newest days over the old text. It is less than a disk's sector and always of one length but for the
// first days, so that it is there as a whole or not at all.
func writeCounts(file *os.File, counts []dayCount) error {
	slices.SortFunc(counts, func(a, b dayCount) int { return strings.Compare(b.day, a.day) })
	var text bytes.Buffer
	for _, c := range counts[:min(len(counts), daysKept)] {
		fmt.Fprintf(&text, "%s %12d\n", c.day, c.spent)
	}
	if _, err := file.WriteAt(text.Bytes(), 0); err != nil {
		return err
	}
	return file.Sync()
}
