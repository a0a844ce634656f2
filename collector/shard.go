package collector

import (
	"strconv"

	"github.com/cespare/xxhash/v2"
)

// Shard is this process's part of the work where several share a fleet, each with its own configuration and none
// knowing of the others, unless Prometheus sees them all (kaisen_shard_info, kaisen_contract_lines): part Index of Count, counted from 1. The zero Shard has all of it.
//
// A line belongs to one part by a hash of its number, for ever, so that the parts never poll the same line; what is
// asked for a whole contract, or a whole account, belongs to the part that its name falls to. Lists are short and
// every part reads them for itself, to know its lines; those beyond the list it finds in the logs that the database has.
type Shard struct{ Index, Count int }

// Owns reports whether something with this name (a line's number, a contract, an account) is this part's to do.
func (s Shard) Owns(name string) bool { return s.Count <= 1 || s.Of(name) == s.Index }

// Of is the number of the part, 1 to Count, that something with this name falls to. The database works it out too, for what it is
// asked of a part (clickhouse.Part).
func (s Shard) Of(name string) int {
	if s.Count <= 1 {
		return 1
	}
	return int(xxhash.Sum64String(name)%uint64(s.Count)) + 1
}

// Labels are the values of the labels shard and shards, of part number of all of them.
func (s Shard) Labels(number int) (shard, shards string) {
	return strconv.Itoa(number), strconv.Itoa(max(s.Count, 1))
}
