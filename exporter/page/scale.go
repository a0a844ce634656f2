package page

import (
	"fmt"
	"math"

	"kaisen/internal/volume"
)

// plot is where in a drawing the data are; the rest is for what stands beside them.
type plot struct{ Width, Height, Left, Top, Right, Bottom float64 }

func (p plot) w() float64 { return p.Width - p.Left - p.Right }
func (p plot) h() float64 { return p.Height - p.Top - p.Bottom }

// x places a share of the way from left to right.
func (p plot) x(share float64) float64 { return p.Left + p.w()*share }

// y places a share of the height, from the bottom up.
func (p plot) y(share float64) float64 { return p.Top + p.h()*(1-share) }

// Where the edges are, and the texts beside the axes.

// RightEdge is the x where the data end.
func (p plot) RightEdge() float64 { return p.Width - p.Right }

// BottomEdge is the y of nothing used.
func (p plot) BottomEdge() float64 { return p.Height - p.Bottom }

// LabelX is where the texts of the axis begin: on the right, where today is, and where a narrow window shows the drawing.
func (p plot) LabelX() float64 { return p.RightEdge() + 7 }

// LabelY is the base of the texts below the drawing.
func (p plot) LabelY() float64 { return p.Height - 6 }

// Tick is a line across the drawing with its text.
type Tick struct {
	At   float64
	Text string
}

// scale is an axis of volumes: from 0 to a round number of one unit.
type scale struct {
	top, step float64 // in units
	name      string  // of the unit
	size      float64 // bytes of it
}

// scaleTo makes a scale on which the largest value has a place, with three to six ticks.
func scaleTo(largest float64) scale {
	if largest <= 0 || math.IsNaN(largest) {
		largest = volume.GB
	}
	name, size := volume.Unit(largest)
	largest /= size
	power := math.Pow(10, math.Floor(math.Log10(largest))-1)
	for _, step := range []float64{2, 2.5, 5, 10, 20, 25, 50} {
		if steps := math.Ceil(largest / (step * power)); steps <= 5 {
			return scale{steps * step * power, step * power, name, size}
		}
	}
	return scale{100 * power, 50 * power, name, size}
}

func (s scale) share(bytes float64) float64 { return min(max(bytes/s.size/s.top, 0), 1) }

// ticks are the axis's lines.
func (s scale) ticks(p plot) []Tick {
	ticks := []Tick{{At: p.y(0), Text: "0 B"}}
	for i := 1; i <= int(math.Round(s.top/s.step)); i++ {
		value := float64(i) * s.step
		ticks = append(ticks, Tick{At: p.y(value / s.top), Text: fmt.Sprintf("%.6g %s", value, s.name)})
	}
	return ticks
}
