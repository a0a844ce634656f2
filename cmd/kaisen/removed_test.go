package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"kaisen/internal/simulator"
)

// What a person may do to a database that is in use: kaisen notices, logs it in a line, makes again what is gone, and
// goes on storing rows, with nobody's help.
func TestWhatIsDroppedOrRemovedIsMadeAgain(t *testing.T) {
	cfg := simulator.DefaultConfig()
	cfg.Lines, cfg.Contracts, cfg.ShareLines = 20, 1, 4
	cfg.Start, cfg.Speed = time.Date(2026, 5, 20, 14, 30, 0, 0, time.UTC), 60
	carrier, err := simulator.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	s := startService(t, carrier)
	for _, tt := range []struct {
		name, told string
		do         func() error
	}{
		{"a dropped table", "gone=traffic_samples", func() error { return s.statement("DROP TABLE traffic_samples") }},
		{"a dropped database", "the database is gone; it is made again", func() error { return s.statement("DROP DATABASE kaisen") }},
		{"a removed folder", "the data folder was removed", s.remove},
	} {
		s.eventually("rows arrive", s.arriving("traffic_samples"))
		since := time.Now()
		if err := tt.do(); err != nil {
			t.Fatalf("%s: %v", tt.name, err)
		}
		s.eventually(tt.name+" is told", func() bool { return strings.Contains(s.log.String(), tt.told) })
		s.eventually("after "+tt.name+" rows arrive again", s.arriving("traffic_samples"))
		t.Logf("%s: rows arrive again after %s", tt.name, time.Since(since).Round(time.Millisecond))
		if n := strings.Count(s.log.String(), tt.told); n != 1 {
			t.Errorf("%s is told %d times", tt.name, n)
		}
	}
	s.eventually("the lines are known again", func() bool {
		rows := s.query("SELECT count() FROM traffic_latest")
		return len(rows) == 1 && rows[0] != "0"
	})
}

// remove is rm -rf on the data folder, again where the engine has written into it meanwhile.
func (s *service) remove() (err error) {
	for range 10 {
		if err = os.RemoveAll(s.data); err == nil {
			return nil
		}
	}
	return err
}

// arriving reports whether a table has got more rows since it was last asked.
func (s *service) arriving(table string) func() bool {
	before := ""
	return func() bool {
		rows := s.query("SELECT count(), max(observed_at) FROM " + table)
		if len(rows) != 1 || strings.HasPrefix(rows[0], "0\t") {
			return false
		}
		was := before
		before = rows[0]
		return was != "" && was != before
	}
}

// statement changes something in the embedded ClickHouse.
func (s *service) statement(sql string) error {
	for range 20 {
		if s.query(sql) != nil {
			return nil
		}
		time.Sleep(500 * time.Millisecond) // what is written or made just then is in its way
	}
	return errors.New("refused: " + sql)
}

// Parts whose files are damaged are reported at the start, with their number, and the rest of the table is used.
func TestDamagedPartsAreTold(t *testing.T) {
	cfg := simulator.DefaultConfig()
	cfg.Lines, cfg.Contracts, cfg.ShareLines = 20, 1, 4
	cfg.Start, cfg.Speed = time.Date(2026, 5, 20, 14, 30, 0, 0, time.UTC), 60
	carrier, err := simulator.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	s := newService(t, carrier)
	s.start()
	s.eventually("rows arrive", s.arriving("traffic_samples"))
	parts := s.query("SELECT path FROM system.parts WHERE database = 'kaisen' AND table = 'traffic_samples' AND active")
	s.stop()
	damaged := 0
	for _, part := range parts {
		files, err := filepath.Glob(filepath.Join(part, "*.bin"))
		if err != nil || len(files) == 0 {
			continue // merged meanwhile
		}
		damaged++
		for _, file := range files {
			if err := os.Truncate(file, 1); err != nil {
				t.Fatal(err)
			}
		}
	}
	if damaged == 0 {
		t.Fatal("no part was found to damage")
	}
	s.start()
	t.Cleanup(s.stop)
	s.eventually("it is told", func() bool {
		return strings.Contains(s.log.String(), fmt.Sprintf("table=traffic_samples parts=%d", damaged))
	})
	s.eventually("rows arrive", s.arriving("traffic_samples"))
}
