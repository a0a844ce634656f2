package exposition_test

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"kaisen/exporter/exposition"
	"kaisen/exporter/fleet"
	"kaisen/exporter/fleet/fleettest"
	"kaisen/schema"
)

// TestQuietFleetIsNotRendered: a poll that changes nothing but its time renders nothing but the time again.
func TestQuietFleetIsNotRendered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := fleet.New(fleet.DefaultConfig())
		f.Write(fleettest.Traffic(fleettest.Answer("1", schema.ScopeLine)))
		f.Exposition().Render()
		before, rows := f.Exposition().FirstBlock(), f.Exposition().FirstRows()
		f.Exposition().Render()
		if f.Exposition().FirstBlock() != before {
			t.Error("an unchanged block was rendered again")
		}
		time.Sleep(time.Second)
		f.Write(fleettest.Traffic(fleettest.Answer("1", schema.ScopeLine)))
		f.Exposition().Render()
		for family, after := range f.Exposition().FirstRows() {
			if len(after) == 0 {
				continue
			}
			kept := &after[0] == &rows[family][0]
			if want := family != "kaisen_line_observed_timestamp_seconds"; kept != want {
				t.Errorf("%s kept: %t, want %t", family, kept, want)
			}
		}
	})
}

// TestRenderingIsShared: scrapes that find nothing fresh wait for one rendering.
func TestRenderingIsShared(t *testing.T) {
	f := fleet.New(fleet.DefaultConfig())
	for _, b := range fleettest.Awkward(100) {
		f.Write(b)
	}
	f.Exposition().Render()
	f.Exposition().Age()
	var scrapers sync.WaitGroup
	snapshots := make([]any, 8)
	for i := range snapshots {
		scrapers.Go(func() { snapshots[i] = f.Exposition().Fresh() })
	}
	scrapers.Wait()
	for _, s := range snapshots {
		if s != snapshots[0] {
			t.Fatal("scrapes at the same moment rendered more than once")
		}
	}
}

// TestScrapesOfManyPieces are whole in either encoding, also after one that was cut off.
func TestScrapesOfManyPieces(t *testing.T) {
	f := fleet.New(fleet.DefaultConfig())
	for _, b := range fleettest.Awkward(3000) {
		f.Write(b)
	}
	f.Exposition().Render()
	scrape := func(to io.Writer, compress bool) error {
		return f.Exposition().Write(to, exposition.Text, compress, []byte("first 1\n"))
	}
	for range 3 {
		if err := scrape(&failing{after: 2}, false); !errors.Is(err, io.ErrClosedPipe) {
			t.Fatalf("a connection that ended: %v", err)
		}
		var plain, packed bytes.Buffer
		if err := errors.Join(scrape(&plain, false), scrape(&packed, true)); err != nil {
			t.Fatal(err)
		}
		unpacker, err := gzip.NewReader(&packed)
		if err != nil {
			t.Fatal(err)
		}
		unpacked, err := io.ReadAll(unpacker)
		if err != nil || !bytes.Equal(unpacked, plain.Bytes()) {
			t.Fatalf("%d bytes unpacked, %d plain: %v", len(unpacked), plain.Len(), err)
		}
		if plain.Len() < 2<<20 || !bytes.HasPrefix(plain.Bytes(), []byte("first 1\n")) {
			t.Fatalf("%d bytes are too few for this test, or begin with %.20q", plain.Len(), plain.Bytes())
		}
	}
}

// failing is a connection that ends after some writes.
type failing struct{ after int }

func (f *failing) Write(data []byte) (int, error) {
	if f.after--; f.after < 0 {
		return 0, io.ErrClosedPipe
	}
	return len(data), nil
}
