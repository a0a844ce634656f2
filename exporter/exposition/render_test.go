package exposition_test

import (
	"sync"
	"testing"
	"testing/synctest"
	"time"

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
