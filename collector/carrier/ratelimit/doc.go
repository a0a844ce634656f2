// Package ratelimit keeps the request budget of one account as a decorator of http.RoundTripper: who sends through it
// need not know of quota, pauses or the order of requests.
//
// Requests leave never faster than the server's bucket is believed to fill, never more than a given number at a time, never
// more than a given number in a day, and not at all during a pause. Those of one job leave in the order in which they came;
// jobs get the turn by their shares, and what a person asks goes first, within bounds. The rate begins as configured; answers
// that complain lower it, and answers that do not raise it again.
//
// Whom a complaint concerns is judged from below: the one item that complains alone, the operation, and the account only
// when several operations complain and none is spared, or a request of no operation does, which is that for a token.
// Maintenance never goes beyond its operation that way: it costs each one request to find out for itself.
//
// The package refuses to know what an answer means: a function given to New reports whether one complained. It
// refuses to send anything again, and to drop a request that may wait.
package ratelimit
