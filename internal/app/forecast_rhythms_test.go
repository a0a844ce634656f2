package app

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"kaisen/internal/simulator"
	"kaisen/schema"
)

// history is all that some lines will have used, beyond the time at which a backtest cuts it.
type history struct {
	name  string
	lines []pastLine
}

// pastLine is one of them. at is what the carrier answers about it at a time.
type pastLine struct {
	key    schema.LineKey
	start  schema.Date
	member bool
	at     func(now time.Time) told
	month  func(schema.Date) uint64 // what a month came to in the end
}

// told is what the carrier answers at a time.
type told struct {
	month     uint64
	remaining schema.Opt[uint64]
	daily     []uint64 // today, and the days before
}

// toldDays is as many days as the forecast reads, and no more.
const toldDays = 90

// simulated is the fleet of the simulator: five characters of line, with volumes and slowed once those are used up.
func simulated(b *testing.B) history {
	cfg := simulator.DefaultConfig()
	cfg.Start, cfg.Speed = time.Date(2026, 7, 1, 0, 0, 0, 0, tokyo(b)), 0
	sim, err := simulator.New(cfg)
	if err != nil {
		b.Fatal(err)
	}
	h := history{name: "simulator"}
	for l := range sim.Truth(simulator.TruthQuery{Days: 1}) {
		truth := func(now time.Time, days int) simulator.TrafficTruth {
			for l := range sim.Truth(simulator.TruthQuery{At: now, Contract: l.ContractID, Line: l.LineNo, Days: days}) {
				return l.Traffic[0]
			}
			b.Fatal("a line is gone")
			return simulator.TrafficTruth{}
		}
		h.lines = append(h.lines, pastLine{
			key: schema.LineKey{ContractID: l.ContractID, LineNo: l.LineNo}, start: date(b, l.StartDate), member: l.Share != nil && l.Share.Status != "reserved",
			at: func(now time.Time) (t told) {
				own := truth(now, toldDays)
				t.month = own.MonthBytes
				if own.RemainingBytes != nil {
					t.remaining = schema.Some(*own.RemainingBytes)
				}
				for _, day := range own.Daily {
					t.daily = append(t.daily, day.Bytes)
				}
				return t
			},
			month: func(m schema.Date) uint64 {
				y, month, _ := m.Time().Date()
				return truth(time.Date(y, month+1, 1, 0, 0, 0, 0, tokyo(b)), 1).Monthly[1].Bytes
			},
		})
	}
	return h
}

// rhythm is how much an invented line uses on a day. Its randomness is the line's own, and it is asked day by day.
type rhythm func(r *rand.Rand) func(day int, weekend bool) float64

// rhythms are other ways to use a line than the simulator's: the forecast is not made for one of them.
func rhythms() map[string]rhythm {
	wild := func(r *rand.Rand, deviation float64) float64 { return math.Exp(deviation * r.NormFloat64()) }
	plain := func(workday, weekend, deviation float64, change func(r *rand.Rand) func(day int) float64) rhythm {
		return func(r *rand.Rand) func(int, bool) float64 {
			factor := change(r)
			return func(day int, free bool) float64 {
				bytes := workday
				if free {
					bytes = weekend
				}
				return bytes * wild(r, deviation) * factor(day)
			}
		}
	}
	same := func(*rand.Rand) func(int) float64 { return func(int) float64 { return 1 } }
	return map[string]rhythm{
		"office":  plain(1, 0.15, 0.4, same),
		"weekend": plain(0.2, 1, 0.5, same),
		"wild":    plain(1, 1, 1, same),
		"trending": plain(1, 0.5, 0.4, func(r *rand.Rand) func(int) float64 {
			slope := 0.006 * r.NormFloat64() // in a month up or down by a fifth, as often as not
			return func(day int) float64 { return math.Exp(slope * float64(day)) }
		}),
		"drifting": plain(1, 1, 0.5, func(r *rand.Rand) func(int) float64 {
			level := 0.0
			return func(int) float64 { level += 0.05 * r.NormFloat64(); return math.Exp(level) }
		}),
		"stepping": plain(1, 1, 0.4, func(r *rand.Rand) func(int) float64 {
			when, factor := 60+r.IntN(80), []float64{3, 1. / 3}[r.IntN(2)]
			return func(day int) float64 {
				if day < when {
					return 1
				}
				return factor
			}
		}),
		"bursts": func(r *rand.Rand) func(int, bool) float64 { // nothing on most days
			return func(int, bool) float64 {
				if r.Float64() > 0.15 {
					return 0
				}
				return 5 * wild(r, 1)
			}
		},
	}
}

// invented is a fleet of lines with one rhythm, without volumes, each as large as it happens to be.
func invented(name string, make rhythm, zone *time.Location) history {
	const lines, days = 100, 151
	first := schema.DateOf(time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC))
	h := history{name: name}
	for i := range lines {
		r := rand.New(rand.NewPCG(uint64(i), 2026))
		bytes, next, size := [days]uint64{}, make(r), 50e6*math.Exp(r.NormFloat64())
		for day := range days {
			weekday := first.AddDays(day).Time().Weekday()
			bytes[day] = uint64(size * next(day, weekday == time.Saturday || weekday == time.Sunday))
		}
		h.lines = append(h.lines, pastLine{
			key: schema.LineKey{ContractID: fmt.Sprintf("N%09d", i%3+1), LineNo: fmt.Sprintf("090%08d", i)},
			at: func(now time.Time) (t told) {
				today := schema.DateOf(now)
				for day := today; day >= first && len(t.daily) < toldDays; day-- {
					t.daily = append(t.daily, bytes[day-first])
				}
				y, m, d := now.Date()
				t.daily[0] = uint64(float64(t.daily[0]) * awake(now.Sub(time.Date(y, m, d, 0, 0, 0, 0, zone)).Hours()))
				for day := range today.Time().Day() {
					t.month += t.daily[day]
				}
				return t
			},
			month: func(m schema.Date) (sum uint64) {
				for day := m; day.Month() == m; day++ {
					sum += bytes[day-first]
				}
				return sum
			},
		})
	}
	return h
}

// awake is the part of a day's use that is over by an hour, of people who sleep from eleven to seven.
func awake(hour float64) float64 { return max(0, min((hour-7)/16, 1)) }
