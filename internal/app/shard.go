package app

import (
	"fmt"

	"kaisen/collector"
	"kaisen/internal/config"
)

// shardOf is this process's part of the work.
func shardOf(cfg *config.Config) (collector.Shard, error) {
	index, count, err := cfg.Collector.Part()
	return collector.Shard{Index: index, Count: count}, err
}

// partOf says to a person which part of the lines this process watches; "" where that is all of them.
func partOf(shard collector.Shard) string {
	if shard.Count <= 1 {
		return ""
	}
	return fmt.Sprintf("It watches shard %d of %d; whether others watch the rest is not seen from here.", shard.Index, shard.Count)
}
