// Package ratelimit keeps the request budget of one account as a decorator of http.RoundTripper: who sends through it
// need not know of quota, pauses or the order of requests.
//
// Requests leave in the order in which they came, never faster than the server's bucket is believed to fill, never more
// than a given number at a time, and not at all during a pause. The rate begins as configured; answers that complain
// lower it, and answers that do not raise it again.
//
// Whom a complaint concerns is judged from below: the one item that complains alone, the operation, and the account only
// when several operations complain and none is spared, or a request of no operation does, which is that for a token.
// Maintenance never goes beyond its operation that way: it costs each one request to find out for itself.
//
// The package refuses to know what an answer means: a function given to New reports whether one complained. It
// refuses to send anything again, to drop a request that may wait, and to let one overtake another.
package ratelimit
