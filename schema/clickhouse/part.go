package clickhouse

import "github.com/ClickHouse/clickhouse-go/v2"

// Part is whose lines a process reads back, where several share a fleet: those of part Index of Count, counted from 1, by a hash of
// the line's number that is xxhash.Sum64String in Go. The zero Part has all lines. Query, LogRows and PoolForecast read what
// they are asked for, whatever the part.
type Part struct{ Index, Count int }

// ownLines is the condition of lines that are a part's own: the database neither sorts nor sends the rows of the others.
const ownLines = "xxHash64(line_no) % {parts:UInt64} = {part:UInt64}"

// ownLogs is that of rows of logs. A contract's log is read by one part, which needs all of it.
const ownLogs = "(" + ownLines + " OR xxHash64(contract_id) % {parts:UInt64} = {part:UInt64})"

// ownScopes is that of figures. Each member of a share group is told the group's, and the first that was knows most of it.
const ownScopes = "(" + ownLines + " OR scope = 'data_share')"

// args are the parameters of all three.
func (p Part) args() []any {
	return []any{clickhouse.Named("parts", max(p.Count, 1)), clickhouse.Named("part", max(p.Index, 1)-1)}
}
