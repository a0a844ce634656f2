// Package carrier is what the carrier's three APIs share: the token, the request budget of an account, retries,
// and errors that distinguish one failure from another.
//
// A Client belongs to one account. Everything that uses the account goes through the same Client, tokens included,
// because the carrier counts them together. It publishes no rate ("appropriate flow restriction"): the rate is
// configured, and what the carrier answers (429, 503, or a complaint inside of an answer) corrects it.
//
// The package refuses to know an API, or what an answer means: it hands over bytes, which the API's own package
// decodes, and what an API says of its errors comes in as a function (Config.Inspect). It refuses to follow redirects
// (a token must not travel to another host), to send a change a second time where the first one may have been carried
// out, and to put a secret, a token or a whole line number into an error or a log.
package carrier
