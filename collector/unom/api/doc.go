// Package api speaks Universal One Mobile API v2.1: its 29 operations, 01 to 30 without 19, a gap in the
// document's own numbering.
//
// A request is checked by the document's rules and names every one it breaks; its Spec is what is sent, byte for byte
// the document's example where the document agrees with itself. README.md in collector/carrier lists where it
// does not, and what kaisen makes of that.
//
// Of answers it takes what the carrier really sends, which is not always what the document says: numbers as strings,
// NULL in three forms, several spellings of one key, three formats of one time, and a list in braces. What is odd but
// plain is decoded with a carrier.Warning; what is not plain fails as carrier.KindMalformed with the answer kept. A
// value that was not given stays unknown and is never made 0. Encoded as JSON, an answer has the document's names.
//
// The package refuses to guess: a code it does not know is schema's Unknown or kept as it is, an answer about another
// line than the one asked for is malformed, and so is a byte figure that is not a whole number of bytes. It also
// refuses to skip a row of a list: a log row without a readable line or time would be lost without a trace, since the
// caller moves its watermark past it, so the whole answer is malformed and comes back as a dead letter instead. It
// knows nothing of time series, files or metrics beyond its warnings. What the carrier turned down in an answer (an
// order with status 04, a result NG) is data here, not an error.
package api
