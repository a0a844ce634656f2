package chdb

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// The engine notes the token of an insert (insert_deduplication_token) in deduplication_logs before the insert's part gets its
// name. One that is killed between the two takes that insert for done when it is sent again, and its rows would be lost: so before
// an engine starts, tokens are taken out whose parts are not there.

const (
	// noted begins a line of the log: the token of a part, behind the part's name. Other lines take one back.
	noted = "1\t"
	// undone is how many of a table's last tokens are looked at: an insert that has been acknowledged has its part, so they are
	// those of the inserts that were under way, of which few are at once.
	undone = 100
)

// forgetUndone takes out the tokens of inserts that were not done, of all tables in a data folder that no engine uses.
func forgetUndone(folder string) error {
	tables, err := filepath.Glob(filepath.Join(folder, "store", "*", "*", "deduplication_logs"))
	if err != nil {
		return err
	}
	for _, logs := range tables {
		if err := forgetUndoneOf(logs); err != nil {
			return fmt.Errorf("tokens of inserts: %w", err)
		}
	}
	return nil
}

// forgetUndoneOf does that in one table's folder of logs, of which it looks at the newest that says something.
func forgetUndoneOf(logs string) error {
	files, err := filepath.Glob(filepath.Join(logs, "deduplication_log_*.txt"))
	if err != nil {
		return err
	}
	slices.SortFunc(files, func(a, b string) int { return numberOf(b) - numberOf(a) })
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		if len(text) == 0 {
			continue
		}
		parts, err := os.ReadDir(filepath.Dir(logs))
		if err != nil {
			return err
		}
		if kept := withoutUndone(string(text), partsOf(parts)); kept != string(text) {
			return replaceFile(file, kept)
		}
		return nil
	}
	return nil
}

// numberOf is the number of a log.
func numberOf(file string) int {
	digits := strings.TrimSuffix(strings.TrimPrefix(filepath.Base(file), "deduplication_log_"), ".txt")
	n, _ := strconv.Atoi(digits) // 0: it is none, and older than all
	return n
}

// withoutUndone is a log without the tokens among its last whose parts are not there, and without a line that was cut off.
func withoutUndone(text string, there []part) string {
	lines := strings.SplitAfter(text, "\n")
	lines = lines[:len(lines)-1] // what is behind the last end of a line
	last := max(0, len(lines)-undone)
	kept := strings.Join(lines[:last], "")
	for _, line := range lines[last:] {
		name, _, _ := strings.Cut(strings.TrimPrefix(line, noted), "\t")
		of, isPart := parsePart(name)
		if strings.HasPrefix(line, noted) && isPart && !slices.ContainsFunc(there, of.isIn) {
			continue
		}
		kept += line
	}
	return kept
}

// part is what the name of a part says: the inserts of a partition from one number to another.
type part struct {
	partition   string
	first, last int
}

// parsePart reads a name: partition_first_last_level, and _mutation where there was one.
func parsePart(name string) (part, bool) {
	fields := strings.Split(name, "_")
	if len(fields) < 4 {
		return part{}, false
	}
	first, err := strconv.Atoi(fields[1])
	if err != nil {
		return part{}, false
	}
	last, err := strconv.Atoi(fields[2])
	return part{fields[0], first, last}, err == nil
}

// isIn reports whether another part has all that this one has.
func (p part) isIn(other part) bool {
	return p.partition == other.partition && other.first <= p.first && p.last <= other.last
}

// partsOf are the parts among a table's files. One that is not done has another name until it is.
func partsOf(entries []os.DirEntry) (all []part) {
	for _, entry := range entries {
		if p, ok := parsePart(entry.Name()); ok && entry.IsDir() {
			all = append(all, p)
		}
	}
	return all
}

// replaceFile writes a file anew, and keeps the old one until the new one is on the disk.
func replaceFile(path, text string) error {
	file, err := os.OpenFile(path+".new", os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = file.WriteString(text)
	if err := errors.Join(err, file.Sync(), file.Close()); err != nil {
		return err
	}
	return os.Rename(path+".new", path)
}
