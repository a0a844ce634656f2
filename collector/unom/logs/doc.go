// Package logs reads the logs of calls 04 and 05, each row once.
//
// A Reader keeps one log of one contract: it asks for windows that an answer can hold whole (window.go), goes on where the
// last run stopped, however far back the carrier answers (read.go, reach.go), reads once a day again what lies behind
// (again.go), and takes a refusal for an empty answer only where that is sure (empty.go). What its answers show of the
// document's readings it writes as findings.
//
// It keeps no lines: it says which it saw, and asks which there are.
package logs
