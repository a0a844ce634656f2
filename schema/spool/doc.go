// Package spool is the outbox between those who observe and the store: rows go in as they come, in any number of
// small batches, and leave in order, in large ones, as soon as the store takes them.
//
// It holds rows in memory, up to a bound, and then makes its writers wait: it drops nothing. It does not survive the
// process, knows nothing of the database behind the store, and never reorders.
package spool
