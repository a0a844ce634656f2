package chdb

// mostMemory is the bound of an engine that nobody gave another.
const mostMemory = 4 << 30

// DefaultMemory is the bound of an engine that nobody gave another, in bytes: half of what this machine has, or of what
// its control group may take where that is less, and at most 4 GiB.
func DefaultMemory() uint64 {
	if have := machineMemory(); have > 0 {
		return min(have/2, mostMemory)
	}
	return mostMemory
}
