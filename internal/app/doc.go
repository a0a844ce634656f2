// Package app wires kaisen together: it builds the rooms from a configuration, introduces them to one another, starts
// them in order and stops them in the reverse. It decides nothing else.
package app
