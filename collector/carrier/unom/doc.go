// Package unom speaks Universal One Mobile API v2 (seed 002): typed calls 01, 02, 03, 04, 05, 09, 10 and 26.
//
// It takes what the carrier really sends, which is not always what the document says: numbers as strings, NULL in
// three forms, several spellings of one key, three formats of one time, and a list in braces. What is odd but plain
// is decoded with a carrier.Warning; what is not plain fails as carrier.KindMalformed with the answer kept. A value
// that was not told stays unknown and is never made 0.
//
// The package refuses to guess: a code it does not know is schema's Unknown, an answer about another line than the
// one asked for is malformed, and so is a byte figure that is not a whole number of bytes. It also refuses to skip
// a row of a list: a log row without a readable line or time would be lost without a trace, since the caller moves
// its watermark past it, so the whole answer is malformed and comes back as a dead letter instead. It knows nothing
// of time series, files or metrics beyond its warnings.
package unom
