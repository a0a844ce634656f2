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

// partOfLimit is what one of several processes may ask of an account that they share: together no more than one
// alone. A burst cannot be less than one request.
func partOfLimit(limit config.RateLimit, shard collector.Shard) config.RateLimit {
	if shard.Count > 1 {
		limit.RequestsPerSecond /= float64(shard.Count)
		limit.Burst = max(1, limit.Burst/shard.Count)
		limit.MaxInFlight = max(1, limit.MaxInFlight/shard.Count)
		limit.DailyRequests = partOfDay(limit.DailyRequests, shard)
	}
	return limit
}

// partOfDay is a process's part of the requests of a day.
func partOfDay(requests int, shard collector.Shard) int {
	part := requests / shard.Count
	if shard.Index <= requests%shard.Count {
		part++
	}
	return part
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
