// Package capacity says what a configuration will come to for a fleet: requests an hour by job against the account's limit,
// the age of what is known, how long after a crossing it is seen, and the size of what is stored and shown.
//
// What a job asks is said by its own package (collector.Kind.Demand), the delays of an adaptive schedule are those that
// package schedule was measured to have, and a few sizes, each with where it was measured, are in sizes.go. The package
// asks nobody, refuses nothing and changes nothing: a plan that does not fit is told, with what would.
package capacity
