package fleet

import (
	"cmp"
	"slices"
	"strings"

	"kaisen/schema"
)

// Site is a place that an IPoE customer has connected, as it was last told.
type Site struct {
	Source, Code, Name string
	Status             string // in_use, ended or unknown
	Line, Address      string // the access line's kind, and the global IP address
	Start, End         schema.Opt[schema.Date]
	Gone               bool // from the carrier's list; the rest is the last that it told
}

type siteKey struct{ source, code string }

// now reports whether a site is there still, as far as the carrier tells.
func (s Site) now() bool { return !s.Gone && s.Status != string(schema.SiteEnded) }

// Sites are the sites that have a text in one of their fields: those in use first, by their codes. On list all are those that
// have ended or left the carrier's list, too.
func (f *Fleet) Sites(text, list string) []Site {
	f.mu.Lock()
	var found []Site
	for _, s := range f.sites {
		if (list == SitesAll || s.now()) && hasText(text, s.Source, s.Code, s.Name, s.Status, s.Line, s.Address) {
			found = append(found, s)
		}
	}
	f.mu.Unlock()
	past := func(s Site) int {
		if s.now() {
			return 0
		}
		return 1
	}
	slices.SortFunc(found, func(a, b Site) int {
		return cmp.Or(cmp.Compare(past(a), past(b)), cmp.Compare(a.Source, b.Source), cmp.Compare(a.Code, b.Code))
	})
	return found
}

// Lists of sites.
const (
	SitesNow = "" // all but those that have ended, or left the list
	SitesAll = "all"
)

// SiteLists is every list of sites.
func SiteLists() []string { return []string{SitesNow, SitesAll} }

func (f *Fleet) writeSites(rows []schema.IPoESite) {
	for i := range rows {
		row := &rows[i]
		s := Site{Source: strings.Clone(row.Source), Code: strings.Clone(row.CustomerSiteCode), Name: strings.Clone(row.CustomerSiteName), Status: string(row.Status),
			Line: strings.Clone(row.LineType), Address: strings.Clone(row.GlobalIP), Start: row.StartAt, End: row.EndAt, Gone: !row.Listed}
		f.sites[siteKey{s.Source, s.Code}] = s
	}
}
