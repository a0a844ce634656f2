// Package lenient reads the carrier's answers, which do not keep to their documents, and writes its requests: the one
// tolerant JSON reader and writer, dates, the check of requests, and one exchange from request to typed answer.
//
// A struct says by its tags what an answer looks like; of each struct a plan is made once, and the scanner fills its
// fields in one go over the answer. Reading is tolerant about spelling: keys in any case with blanks around them and
// under several names, numbers as strings and strings as numbers, NULL in its three forms, several forms of a day or a
// time. The answers of Decoder.Rough may even be no JSON where the document's own examples are none. What is odd but
// plain is read with a carrier.Warning.
//
// The package refuses to guess about meaning: a row without what identifies it and a list that is none are errors, and
// a number or a date that is none stays unknown with a warning, never 0. Except for Rough, error texts never quote an
// answer, which may hold passwords. It knows no operation of any API.
package lenient
