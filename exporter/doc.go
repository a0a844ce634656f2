// Package exporter shows the fleet to Prometheus, and to people.
//
// A Fleet is told every batch of rows that the collector makes, now and then what ClickHouse foretells, and once, at the
// start, what it still knows. It keeps the latest word on each line and renders it in advance, a chunk of lines at a time and
// only where something changed, so that a scrape of a hundred thousand lines is a copy:
//
//	Write, Forecast, Restore ─→ line, contract ─→ chunk ─→ piece (one chunk × one family) ─→ snapshot ─→ /metrics
//	                            under one lock    every half second, what changed              immutable
//
// Server puts the Fleet and an ordinary registry with kaisen's own metrics into one exposition. The pages for people look at
// the lines themselves, under the same lock, and are drawn by package page. Both call a line as LineLabels says.
//
// It refuses to ask: a scrape and a page call neither the carrier nor ClickHouse. It refuses to guess: what the carrier did not
// tell is no series, and what it told too long ago stops being one. Figures are float64 as everywhere in Prometheus:
// above 2^53 bytes (9 PB) they are rounded, and only ClickHouse has them to the byte.
package exporter
