// Package ratelimit keeps the request budget of one account as a decorator of http.RoundTripper: whoever sends through
// it needs no word for quota, pauses or the order of requests.
//
// Requests leave in the order in which they came, never faster than the server's bucket is believed to fill, never more
// than so many at a time, and not at all during a pause. The configured rate is where it begins; answers that complain
// lower it, and answers that do not raise it again.
//
// The package refuses to know what an answer means: a function that the caller gives it says whether one complained. It
// refuses to send anything again, to drop a request that may wait, and to let one overtake another.
package ratelimit
