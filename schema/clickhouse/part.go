package clickhouse

import "github.com/ClickHouse/clickhouse-go/v2"

// Part is whose lines State, LogLines, LastSamples and LineHours read, where several processes share a fleet: those of part
// Index of Count, counted from 1, by a hash of the line's number that xxhash.Sum64String is in Go. The zero Part has all lines.
type Part struct{ Index, Count int }

// ownLines is the condition of lines that are a part's own: the database neither sorts nor sends the rows of the others.
const ownLines = "xxHash64(line_no) % {parts:UInt64} = {part:UInt64}"

// ownLogs is that of rows of logs. A contract's log is read by one part, which needs all of it.
const ownLogs = "(" + ownLines + " OR xxHash64(contract_id) % {parts:UInt64} = {part:UInt64})"

// args are the parameters of both.
func (p Part) args() []any {
	return []any{clickhouse.Named("parts", max(p.Count, 1)), clickhouse.Named("part", max(p.Index, 1)-1)}
}
