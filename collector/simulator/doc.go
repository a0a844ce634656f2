// Package simulator is a stateful carrier that speaks the Universal One Mobile API v2.1 (seed 002: calls 01, 02,
// 03, 04, 05, 09, 10 and 26) and the token call (seed 001), with faults to order and the truth for comparison. It
// is what tests, the demo and CI talk to in the carrier's place:
//
//	carrier, err := simulator.New(simulator.DefaultConfig())
//	…
//	err = carrier.Run(ctx, listener)          // or carrier.Handler(), which needs no network
//
// # What is true
//
// Everything a line does is a function of the seed, the line and the virtual time, so any moment can be asked for
// and the same seed and start give the same truth. A line has a plan and a character (normal, greedy, quiet,
// constant, bursty); its bytes grow through the day with the rhythm of the hours, and slow to a fiftieth when the
// month's volume is used up. A month is the sum of its days. Restrictions follow from usage: the month's from the
// volume, the recent one from three whole days that together took more than 3/10 of it. The share group's figures
// are its members' sums, against the sum of their volumes. Sessions, and the authentications before them, fill
// both logs at least 30 days back, and call 26 agrees with the newest row of the session log.
//
// On top of that tests inject what they need (Event): bytes, corrections of past days, thousands of log rows,
// late rows, lines that vanish, figures that stand still. Truth and GET /_sim/truth tell all of it as of any
// virtual second; Served and GET /_sim/truth/served tell which traffic and session answers were given.
//
// # Two times
//
// What the carrier says is in virtual time: figures, logs, the Date header, how far back a log query may reach.
// An answer speaks of one whole second, the one in its Date header; so the truth at that second is what it must
// say, save that figures turn to a new day TurnDelay after midnight and stand still until then. What the carrier
// does to a client is in real time: rate limit, latency, Retry-After, the life of a token and its issuedAt, the
// windows of faults, statistics.
//
// # What it checks
//
// Requests are refused as the documents say, with their messages letter for letter and in the shape of whoever
// would refuse them: the gateway (token, unknown URL, rate limit) or the API. Where the documents are silent it is
// strict: an unknown or repeated query key, both search keys, or a body is 400 Bad Request; a log query that
// starts one second more than 30 days back is 400; a line's number is only known in its own contract; a wrong
// method is an unknown URL. Where they contradict themselves (keys, braces, times, NULL, numbers, which of two
// messages tells of a malformed value) Style decides, and StyleMixed does all of it at once.
//
// The rate limit counts every API and token request by its time of arrival and is exact: at most burst + seconds ×
// rps in any span. Its Retry-After is in whole seconds rounded up, so never too early and for a fast client rather
// late; RetryAfter has the other forms.
//
// # What it refuses to do
//
// It imports nothing of kaisen, least of all the client: a mistake both shared would be invisible. It changes
// nothing on request of the API: orders do not exist yet and their URLs are unknown. It keeps no state between
// processes, writes no log, and invents no behaviour that the documents exclude, save the faults it is told to.
package simulator
