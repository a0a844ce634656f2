// Package probe is a first contact with an account of UNO Mobile: what its contracts hold, which ways of the document's
// readings a few answers show, and what the configuration needs. It asks only what it may read, within the requests that
// probing.Probe allows, and writes nothing: what it finds is a report for a person, and takes less to be sure of than a
// finding of the jobs.
package probe
