package fleet

import "testing"

// What is let through of a demand, byte by byte, is what the quotas in force say; a quota that comes later changes
// nothing before it, and can be used up again.
func TestThrottle(t *testing.T) {
	const m = 1000
	tests := []struct {
		name   string
		quotas []quota
		want   map[uint64]uint64 // demand → let through
	}{
		{"within", []quota{{0, 10 * m}}, map[uint64]uint64{0: 0, m: m, 10 * m: 10 * m}},
		{"beyond", []quota{{0, 10 * m}}, map[uint64]uint64{15 * m: 10*m + 100, 60 * m: 11 * m}},
		{"no limit", []quota{{0, 0}}, map[uint64]uint64{60 * m: 60 * m}},
		{"more before it is used up", []quota{{0, 10 * m}, {4 * m, 20 * m}}, map[uint64]uint64{4 * m: 4 * m, 20 * m: 20 * m, 70 * m: 21 * m}},
		{"more after it was used up", []quota{{0, 10 * m}, {15 * m, 20 * m}}, map[uint64]uint64{
			15 * m: 10*m + 100, 16 * m: 11*m + 100, 24*m + 900: 20 * m, 29*m + 900: 20*m + 100,
		}},
		{"less", []quota{{0, 10 * m}, {5 * m, 4 * m}}, map[uint64]uint64{5 * m: 5 * m, 10 * m: 5*m + 100}},
		{"a limit, then none", []quota{{0, 10 * m}, {15 * m, 0}}, map[uint64]uint64{15 * m: 10*m + 100, 20 * m: 15*m + 100}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			for demand, want := range test.want {
				if got := throttle(demand, test.quotas); got != want {
					t.Errorf("of %d: %d, want %d", demand, got, want)
				}
			}
			for demand := uint64(1); demand < 70*m; demand++ {
				if more := throttle(demand, test.quotas) - throttle(demand-1, test.quotas); more > 1 {
					t.Fatalf("byte %d lets %d through", demand, more)
				}
			}
		})
	}
}
