// Package clickhouse keeps kaisen's rows in ClickHouse and reads them back: it connects (to a server, or to the
// embedded engine, which looks like one), migrates the database, inserts batches exactly once, restores the state of
// a collector, and passes queries through.
//
// It is the only home of clickhouse-go's connections. It decides nothing about rows: not when to write them, not
// what to do with those that cannot be written; and it has no queue: an insert succeeds or fails.
package clickhouse
