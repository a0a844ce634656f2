package spool

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"

	"kaisen/schema"
)

// ledger is a store in a file that outlives its process: one line for each insert, table by table as ClickHouse gets
// them. It fails at random, before a table or after it, and refuses bad rows.
type ledger struct {
	file   *os.File
	random *rand.Rand
	away   atomic.Bool
}

func openLedger(dir string, random *rand.Rand) (*ledger, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	file, err := os.OpenFile(filepath.Join(dir, "ledger"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	return &ledger{file: file, random: random}, err
}

func (l *ledger) Insert(_ context.Context, b *schema.Batch) error {
	if l.away.Load() {
		return errors.New("away")
	}
	for _, part := range b.Parts() {
		rows := rowsOf(part)
		if len(rows) == 0 {
			continue
		}
		if part.Table == "sweeps" && strings.Contains(strings.Join(rows, ","), "bad") {
			return fmt.Errorf("insert: %w", badData{})
		}
		if l.random.IntN(20) == 0 {
			return errors.New("refused the connection")
		}
		line, err := json.Marshal(stored{part.Table, token(rows), rows})
		if err != nil {
			return err
		}
		if _, err := l.file.Write(append(line, '\n')); err != nil {
			return err
		}
		if l.random.IntN(20) == 0 {
			return errors.New("lost the connection before the answer")
		}
	}
	return nil
}

// rowsOf returns the rows of a table, each with all that makes it differ.
func rowsOf(part schema.Part) []string {
	var rows []string
	for i := range part.Rows.Len() {
		switch row := part.Rows.At(i).(type) {
		case schema.Sweep:
			rows = append(rows, row.Job)
		case schema.TrafficSample:
			rows = append(rows, row.LineNo)
		case schema.DeadLetter:
			rows = append(rows, fmt.Sprint(row.ObservedAt.UnixNano(), " ", string(row.Payload)))
		}
	}
	return rows
}
