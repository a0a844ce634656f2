// Package spool is the outbox between those who observe and the store. What it accepts is on disk: it survives the
// process, and leaves, in order and in large deliveries, as soon as the store takes it. A delivery that a crash
// interrupts is made again with the same rows in the same order, so that the store can tell the repetition.
//
// Everything is in one bbolt file: batches as they came, the mark of the delivery under way, and what could not be
// read. One file rather than segments, because then all of that changes in one transaction, and no crash can come
// between two of its steps. A bbolt file does not shrink by itself: once an outage is over, what is left moves to a
// new one.
//
// The file is bounded. When it is full, batches are packed first (merged and compressed, some ten to one), which
// loses nothing; then every second waiting sample of a line is given up, the oldest first, and again; and then
// writers wait. Nothing else is ever dropped, and of each line's samples the newest stays.
//
// It knows nothing of the database behind the store, never reorders, and answers no queries.
package spool
