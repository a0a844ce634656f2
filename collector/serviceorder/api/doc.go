// Package api speaks the Service Order API, both of its operations: the status of a service's
// orders, and every detail of them.
//
// The document shows neither of its examples whole, so that the package takes the rows of an answer from wherever they
// are: a bare list, any list of an object, or an object that is itself a row. Details are to be had on business days
// from 9:00 to 17:30 Japanese time; Open knows when. The package refuses to know which day is a business day beyond
// weekends and national holidays: the carrier publishes none, and the caller may have a calendar of its own.
package api
