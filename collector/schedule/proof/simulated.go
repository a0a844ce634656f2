package main

import "kaisen/internal/simulator/chance"

// simulated is the traffic of the carrier's simulator: habits, weekdays, five characters. simulated_test.go holds it
// against the simulator's own.
type simulated struct {
	lines []simulatedLine
	epoch int // the first day, counted from 1970
	hours [24]uint64
}

type simulatedLine struct {
	seed      uint64
	bytes     uint64 // of the plan; 0: no limit
	allowed   uint64 // with what was added
	began     int
	character uint8
}

const (
	normal = iota
	greedy
	quiet
	constant
	bursty
)

func newSimulated(seed uint64, lines, epoch int) *simulated {
	s := &simulated{epoch: epoch, hours: rhythm()}
	volumes := [...]uint64{1024 * mib, 3072 * mib, 7168 * mib, 20480 * mib}
	characters := [...]uint8{normal, greedy, quiet, constant, normal, bursty, normal, normal,
		greedy, normal, quiet, normal, bursty, greedy, normal, normal}
	for i := range lines {
		l := simulatedLine{seed: chance.Mix(chance.Mix(seed, 0x6c696e65), uint64(i)), character: characters[i%16]}
		l.began = epoch - 100 - int(draw(l.seed, chance.AboutStart, 0)%1500)
		if draw(l.seed, chance.AboutStart, 1)%32 == 0 {
			l.began = epoch - 2 - int(draw(l.seed, chance.AboutStart, 2)%25)
		}
		l.bytes = volumes[draw(l.seed, chance.AboutPlan, 0)%4]
		if l.character == normal && draw(l.seed, chance.AboutPlan, 1)%12 == 0 {
			l.bytes = 0
		}
		if l.allowed = l.bytes; l.bytes > 0 {
			l.allowed += [...]uint64{0, 0, 0, 0, 0, 1, 1, 2}[draw(l.seed, chance.AboutPlan, 2)%8] * 1024 * mib
		}
		s.lines = append(s.lines, l)
	}
	return s
}

func (s *simulated) volume(line int) uint64 { return s.lines[line].allowed }

func (s *simulated) wish(line, d int) uint64 {
	l := &s.lines[line]
	d += s.epoch
	if d < l.began {
		return 0
	}
	bytes := l.bytes
	if bytes == 0 {
		bytes = 1024 * mib
	}
	mean := bytes / 30
	h := draw(l.seed, chance.AboutDay, uint64(d))
	percent, noise := h%100, h>>32
	switch l.character {
	case greedy:
		return mean*7/4 + noise%mean
	case quiet:
		if percent < 70 {
			return 0
		}
		return 40_000 + noise%120_000
	case constant:
		return 1_000_000 + draw(l.seed, chance.AboutDay, ^uint64(0))%30_000_000
	case bursty:
		if d%4 < 2 && draw(l.seed, chance.AboutDay, uint64(d/4)<<32)%3 == 0 {
			return bytes/6 + noise%mean
		}
		return mean/8 + noise%(mean/8)
	default:
		weekday := 10 + 4*min(uint64((d+4)%7%6), 1)
		return (mean/4 + noise%(mean*3/4)) * weekday / 14
	}
}

func (s *simulated) by(line, d int, total uint64, into int64) uint64 {
	l := &s.lines[line]
	if l.character == constant {
		return total/86400*uint64(into/1000) + total%86400*uint64(into/1000)/86400
	}
	return byRhythm(draw(l.seed, chance.AboutRhythm, uint64(s.epoch+d)), &s.hours, total, into)
}
