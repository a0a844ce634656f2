// Package labels reads labels_file: the customer's own words for its lines, from a CSV file as people write them in a
// spreadsheet. A row that is wrong is left out and told; it never costs the others, because an alarm without a name is
// better than none.
//
// It knows no line: whether there is one that a row speaks of is for its users to find out.
package labels
