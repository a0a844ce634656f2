// Package days says of which days and months a line's figures are.
//
// An answer has 31 days as "today", "1 day ago" … and never says which day is today. Its Date header does, but
// around midnight the figures may turn later than the clock, and a figure put on the neighbouring day is worse than
// none. So the answer is laid beside what is known: closed days do not change, and the open one only grows. Where
// that cannot decide (a line that used nothing, a line met for the first time), the month's sum may, where the answers
// have shown that the month is the sum of its days (MonthSum), as it is in the document's own example to the byte (UNO Mobile
// API v2.1 call 03 §3.2: days 0 to 21 add up to trafficThisMonth). Where nothing decides and midnight is near, only what
// both candidates agree on is kept; the rest waits for a later answer.
//
// It asks nobody and writes nothing, and has no clock: the carrier's is given with each answer. It knows figures and periods,
// no lines and no tables.
package days
