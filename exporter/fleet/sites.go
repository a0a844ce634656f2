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
}

type siteKey struct{ source, code string }

// Sites are the sites that have a text in one of their fields: those in use first, by their codes. On list all are those that
// have ended too.
func (f *Fleet) Sites(text, list string) []Site {
	f.mu.Lock()
	var found []Site
	for _, s := range f.sites {
		if (list == SitesAll || s.Status != string(schema.SiteEnded)) && hasText(text, s.Source, s.Code, s.Name, s.Status, s.Line, s.Address) {
			found = append(found, s)
		}
	}
	f.mu.Unlock()
	ended := func(s Site) int {
		if s.Status == string(schema.SiteEnded) {
			return 1
		}
		return 0
	}
	slices.SortFunc(found, func(a, b Site) int {
		return cmp.Or(cmp.Compare(ended(a), ended(b)), cmp.Compare(a.Source, b.Source), cmp.Compare(a.Code, b.Code))
	})
	return found
}

// Lists of sites.
const (
	SitesNow = "" // all but those that have ended
	SitesAll = "all"
)

// SiteLists is every list of sites.
func SiteLists() []string { return []string{SitesNow, SitesAll} }

func (f *Fleet) writeSites(rows []schema.IPoESite) {
	for i := range rows {
		row := &rows[i]
		s := Site{Source: strings.Clone(row.Source), Code: strings.Clone(row.CustomerSiteCode), Name: strings.Clone(row.CustomerSiteName), Status: string(row.Status),
			Line: strings.Clone(row.LineType), Address: strings.Clone(row.GlobalIP), Start: row.StartAt, End: row.EndAt}
		f.sites[siteKey{s.Source, s.Code}] = s
	}
}
