// Package exporter shows the fleet to Prometheus, and to people.
//
// It puts together what three packages make: fleet knows what the carrier last said of each line, exposition keeps that
// rendered as series, page draws it for people. Server serves the fleet's series and an ordinary registry with kaisen's own
// metrics as one exposition, so that a scrape of a hundred thousand lines is a copy, and beside it the pages.
//
// It refuses to ask: a scrape and a page call neither the carrier nor ClickHouse.
package exporter
