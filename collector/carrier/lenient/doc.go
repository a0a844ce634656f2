// Package lenient reads the carrier's answers, which do not keep to their documents, and writes its requests: the one
// tolerant JSON reader and writer, dates, the check of requests, and one exchange from request to typed answer.
//
// A struct says by its tags what an answer looks like, those of embedded structs too:
//
//	json:"name"     the key, as the document spells it; a field without is not read
//	json:",inline"  a struct whose fields stand beside the others
//	each:"a,b%d"    the keys of an array's elements; the last one stands for all that follow, with the place as %d
//	also:"a,b"      other spellings of the key, which count where the document's own was not given
//	need:"true"     what the object cannot be without; "warn": without it there is a warning
//	form:"name"     a Form of the decoder, or "same": the field says what was asked for
//	width:"2"       how many digits the document gives a code
//
// Of each struct a plan is made once, and the scanner fills its fields in one go over the answer. Reading is tolerant about spelling: keys in any case with blanks around them and
// under several names, numbers as strings and strings as numbers, NULL in its three forms, several forms of a day or a
// time. The answers of Decoder.Rough may even be no JSON where the document's own examples are none. What is odd but
// plain is read with a carrier.Warning.
//
// The package refuses to guess about meaning: a row without what identifies it and a list that is none are errors, and
// a number or a date that is none stays unknown with a warning, never 0. Except for Rough, error texts never quote an
// answer, which may hold passwords. It knows no operation of any API.
package lenient
