package app

import (
	"kaisen/collector"
	"kaisen/internal/config"
)

// shardOf is this process's part of the work.
func shardOf(cfg *config.Config) (collector.Shard, error) {
	index, count, err := cfg.Collector.Part()
	return collector.Shard{Index: index, Count: count}, err
}
