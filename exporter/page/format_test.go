package page

import (
	"strings"
	"testing"
	"time"

	"kaisen/exporter/fleet"
	"kaisen/internal/volume"

	"pgregory.net/rapid"
)

func english(t interface{ Fatal(...any) }) words {
	all, err := readWords()
	if err != nil {
		t.Fatal(err)
	}
	return all[0]
}

func TestSmallFormats(t *testing.T) {
	for _, test := range []struct{ got, want string }{
		{percent(0), "0.0 %"}, {percent(0.0994), "9.9 %"}, {percent(0.0996), "10 %"}, {percent(1), "100 %"},
		{count(0), "0"}, {count(999), "999"}, {count(1000), "1,000"}, {count(uint64(12_345_678)), "12,345,678"},
		{join("a", "", " b "), "a · b"}, {join(), ""},
	} {
		if test.got != test.want {
			t.Errorf("%q, want %q", test.got, test.want)
		}
	}
}

func TestSpan(t *testing.T) {
	w := english(t)
	for d, want := range map[time.Duration]string{
		-time.Second: "0 s", 119 * time.Second: "119 s", 2 * time.Minute: "2 min", 119 * time.Minute: "119 min", 2 * time.Hour: "2 h",
		47 * time.Hour: "47 h", 48 * time.Hour: "2 days",
	} {
		if got := w.span(d); got != want {
			t.Errorf("%s: %s, want %s", d, got, want)
		}
	}
	at := time.Date(2026, 11, 24, 9, 30, 0, 0, time.UTC)
	for _, test := range []struct{ got, want string }{
		{string(w.ago(at, time.Time{})), "not yet"},
		{string(w.ago(at, at.Add(-3*time.Minute))), `<time datetime="2026-11-24T09:27:00Z" title="2026-11-24 09:27:00 UTC">3 min ago</time>`},
		{string(w.ahead(fleet.Moment{At: at, In: 3 * time.Hour})), `<time datetime="2026-11-24T09:30:00Z" title="2026-11-24 09:30:00 UTC">in 3 h</time>`},
		{string(w.ahead(fleet.Moment{At: at, In: -3 * time.Hour})), `<time datetime="2026-11-24T09:30:00Z" title="2026-11-24 09:30:00 UTC">3 h ago</time>`},
	} {
		if test.got != test.want {
			t.Errorf("%s, want %s", test.got, test.want)
		}
	}
}

// TestScale: whatever the volume, it fits, and the axis has few round ticks.
func TestScale(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		largest := rapid.OneOf(rapid.Float64Range(0, 1e19), rapid.Float64Range(0, 1e4)).Draw(t, "bytes")
		s := scaleTo(largest)
		if top := s.top * s.size; top < largest*(1-1e-9) || top > max(largest*3, volume.GB) {
			t.Fatalf("top %g for %g", top, largest)
		}
		if ticks := s.ticks(plot{Height: 100}); len(ticks) < 2 || len(ticks) > 6 || ticks[0].Text != "0 B" {
			t.Fatalf("ticks %v for %g", ticks, largest)
		}
	})
}

// TestAxisIsRoundInItsUnit: 1,024 MB are a GB, and all ticks are of one unit.
func TestAxisIsRoundInItsUnit(t *testing.T) {
	for largest, want := range map[float64]string{
		22.5 * volume.GB: "0 B 5 GB 10 GB 15 GB 20 GB 25 GB", 1.2 * volume.GB: "0 B 0.25 GB 0.5 GB 0.75 GB 1 GB 1.25 GB", 90 * volume.MB: "0 B 20 MB 40 MB 60 MB 80 MB 100 MB",
	} {
		var texts []string
		for _, tick := range scaleTo(largest).ticks(plot{Height: 100}) {
			texts = append(texts, tick.Text)
		}
		if got := strings.Join(texts, " "); got != want {
			t.Errorf("up to %s: %s, want %s", volume.Text(uint64(largest)), got, want)
		}
	}
}
