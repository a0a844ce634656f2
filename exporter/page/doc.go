// Package page draws what a person without Grafana sees of the fleet: HTML with charts in SVG, in the reader's language, on
// a light or a dark ground. It needs no build step and no JavaScript, and a page is whole in one answer: the browser loads
// nothing else, and the Content-Security-Policy forbids it to.
//
//	Fleet, Detail, Found, Missing  ─→  template + words  ─→  one page
//
// It refuses to know where figures come from: it gets views, and asks for nothing. It refuses to show what is not known:
// an unknown day is a gap, not a zero.
package page
