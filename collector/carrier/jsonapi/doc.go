// Package jsonapi is what the carrier's two smaller APIs (serviceorder and ipoe) share: reading answers that do not
// keep to their document, dates, the checks of requests, lists in pages, and one call from request to typed answer.
//
// Reading is tolerant about spelling: keys in any case with blanks around them, numbers as strings and strings as
// numbers, NULL in its three forms. It refuses to guess about meaning: an answer without a single known field, a row
// without what identifies it, an object where a text should be are errors, and a number or a date that is none stays
// unknown with a carrier.Warning. Error texts never quote an answer, which may hold passwords.
//
// Universal One Mobile has its own reader (package unom), made for one small answer a line and sweep; this one is made
// for many types with many fields and uses reflection.
package jsonapi
