//go:build !linux

package chdb

// machineMemory is unknown where kaisen has no engine.
func machineMemory() uint64 { return 0 }
