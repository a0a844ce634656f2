// Package carrier is what the carrier's three APIs share: the token, the request budget of an account, retries,
// and errors that tell one failure from another.
//
// A Client belongs to one account. Everything that uses the account goes through the same Client, tokens included,
// because the carrier counts them together. It publishes no rate ("appropriate flow restriction"): the rate is
// configured, and what the carrier answers (429, 503, resultCode 2) corrects it.
//
// The package refuses to know what an answer means: it hands over bytes, and the packages below it (unom) decode
// them. It refuses to follow redirects (a token must not travel to another host), to send a change a second time
// where the first one may have been carried out, and to put a secret, a token or a whole line number into an error or
// a log.
package carrier
