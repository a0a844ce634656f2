// Package simulator is a stateful carrier that speaks all 38 operations of its three APIs (UNO Mobile API v2.1, Service
// Order API, and IPoE API 3.4.0, which has the token call of all three), with faults to order and the truth for
// comparison. It is what tests, the demo and CI talk to in the carrier's place:
//
//	carrier, err := simulator.New(simulator.DefaultConfig())
//	…
//	err = carrier.Run(ctx, listener)          // or carrier.Handler(), which needs no network
//
// # What is where
//
// A Carrier is put together from packages that import nothing above them. gateway has what all APIs share: tokens, rate
// limit, faults, delays, clock, statistics and the way from a URL to its call. unom, serviceorder and ipoe are one API
// each, with its own routes, checks and state, and never import one another. fleet has the contracts and lines that
// unom answers about; wire, calendar and chance are what they are written with.
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
// late rows, lines that vanish, figures that stand still. Truth and GET /_sim/truth have all of it as of any
// virtual second; Served and GET /_sim/truth/served list the traffic and session answers that were given.
//
// # What can be switched
//
// Where the documents allow two readings, and for troubles that last, there is a switch (Switches, Config.Readings, POST
// /_sim/readings). Each API lists its own and applies each in one place; a request sees the readings of the moment it
// arrived. They change what is said, never what is true: session_stop_time=start moves the rows of stops, and LineTruth has
// the sessions with their ends all the same. Of the lines of a contract a trouble of one line befalls the one that is
// Singled. What comes and goes, or befalls an operation of one's choice, is a fault instead.
//
// # What customers change
//
// Orders move by the virtual clock. What is carried out at once goes 01, 02, 03, each for OrderPace, and takes effect
// with the last. What is for a day (calls 12 to 15) goes 10, 15, from the day before on 16, and takes effect with 60
// when the day begins: an added line is in the inventory, a removed one answers 404, a course is another. What is
// logically wrong is taken all the same, and goes 01, 02, 04 with a message ID (place.go of unom has them: the
// documents refer to a list they do not have). Calls 07, 08 and 11 have the same status. Orders for a day can be
// cancelled until they are 16; the cancellation is an order of its own, and the one it cancels ends in 11. Changes of
// the share group are reservations until the 1st of next month. Added volume lasts until its month ends. A line keeps
// its habits when its plan changes.
//
// Every change is an entry with its second, so that all of this can be asked about at any time, before and after.
// Service orders move by the day, and nobody can place one. IPoE orders are under way until the day they ask for, or
// two OrderPaces; then there is a site, has other products, or is given up.
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
// method is an unknown URL; a body that is not declared as JSON, has a key twice or one that no table has is 400.
// Where they contradict themselves (keys, braces, times, NULL, numbers, which of two messages a malformed value
// gets) Style decides, and StyleMixed does all of it at once; a request is refused for its characters or for what it
// leaves out only by StyleModern where the document's own example would be.
//
// IPoE API 3.4.0 has no list of its error codes: what its examples do not show is refused with the one that comes
// nearest. An access line whose ID ends in 999 cannot be used. Service Order API shows no error at all: they have the
// shape of its good answers, and outside the office hours it is 403.
//
// The rate limit counts every API and token request by its time of arrival and is exact: at most burst + seconds ×
// rps in any span. Its Retry-After is in whole seconds rounded up, so never too early and for a fast client rather
// late; RetryAfter has the other forms.
//
// # What it refuses to do
//
// It imports nothing of kaisen, least of all the client: a mistake both shared would be invisible. It keeps no state
// between processes, writes no log, and invents no behaviour that the documents exclude, save the faults that are
// ordered. It answers with no secret that the documents do not have in an answer; Secrets lists those that it sends or
// was sent.
package simulator
