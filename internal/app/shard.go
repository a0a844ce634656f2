package app

import (
	"slices"

	"kaisen/collector"
	"kaisen/internal/config"
	"kaisen/schema"
)

// shardOf is this process's part of the work.
func shardOf(cfg *config.Config) (collector.Shard, error) {
	index, count, err := cfg.Collector.Part()
	return collector.Shard{Index: index, Count: count}, err
}

// ownPart is what a process needs of the database's memory: its own lines. The logs stay whole, because they are read
// by contract.
func ownPart(state schema.State, shard collector.Shard) schema.State {
	state.Lines = owned(state.Lines, shard)
	state.Names = owned(state.Names, shard)
	state.Members = owned(state.Members, shard)
	state.Traffic = owned(state.Traffic, shard)
	state.Sessions = owned(state.Sessions, shard)
	state.Daily = owned(state.Daily, shard)
	state.Monthly = owned(state.Monthly, shard)
	return state
}

func owned[R interface{ Key() schema.LineKey }](rows []R, shard collector.Shard) []R {
	return slices.DeleteFunc(rows, func(row R) bool { return !shard.Owns(row.Key().LineNo) })
}
