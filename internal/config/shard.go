package config

import (
	"errors"
	"fmt"
)

// Collector is the section collector.
type Collector struct {
	Shard string `koanf:"shard" doc:"This process's part of the lines where several kaisen share a fleet: 2/5 is the second of five. Each takes its part of the rate limits, and all write to one ClickHouse; empty for all."`
}

// mostShards bounds what a slip of the pen could do: every part reads every list.
const mostShards = 100

var errShard = errors.New("not a part of a whole")

// Part reads shard: part index, counted from 1, of count. An empty one is 1 of 1.
func (c Collector) Part() (index, count int, err error) {
	if c.Shard == "" {
		return 1, 1, nil
	}
	if _, err := fmt.Sscanf(c.Shard, "%d/%d", &index, &count); err != nil || fmt.Sprintf("%d/%d", index, count) != c.Shard {
		return 0, 0, errShard
	}
	if count < 1 || count > mostShards || index < 1 || index > count {
		return 0, 0, errShard
	}
	return index, count, nil
}
