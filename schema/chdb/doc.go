// Package chdb makes a ClickHouse server out of the embedded engine (chDB): it finds and fetches the library, calls
// it without cgo, speaks ClickHouse's HTTP interface for it, and keeps it alive in a process of its own.
//
// The engine replaces the signal handlers of the process it runs in, so that a fault in Go code would end that
// process without a word. Serve is therefore the body of a command of its own (kaisen clickhouse), and Supervisor
// is how kaisen run starts that command and everything else talks to it: over HTTP, exactly as to a server.
//
// The package knows nothing of kaisen's tables, keeps no users and no passwords, and offers no sessions: every
// request has its own connection to the engine. Whoever reaches the address may do what the process may do, files
// included, so it belongs on loopback.
package chdb
