package exporter

import (
	"slices"

	"kaisen/schema"
)

// The codes of package schema are words; here each is a number that picks a variant of a family. A word that schema
// does not list is the set's unknown.

// job numbers the jobs whose answers become gauges.
type job uint8

const (
	jobTraffic job = iota // the first ones are the values of label job
	jobDataShare
	jobSession
	jobLines
	jobCount
)

func (j job) String() string {
	return [jobCount]string{jobTraffic: "traffic", jobDataShare: "data_share", jobSession: "session", jobLines: "lines"}[j]
}

// sampleJobs are the jobs whose last word each line has a timestamp of.
func sampleJobs() []string {
	return []string{jobTraffic.String(), jobDataShare.String(), jobSession.String()}
}

// lineStates are the states of a line, as lineState numbers them. A word that is none of them means that nobody polls the
// line, so it is as good as removed.
func lineStates() []string {
	return []string{stateActive: string(schema.LineActive), stateNotFound: string(schema.LineNotFound), stateRemoved: string(schema.LineRemoved)}
}

func restrictionNames() []string {
	var names []string
	for _, r := range schema.Restrictions() {
		names = append(names, string(r))
	}
	return names
}

func authResultNames() []string {
	return []string{string(schema.AuthOK), string(schema.AuthNG), string(schema.AuthUnknown)}
}

func sessionEventNames() []string {
	return []string{string(schema.SessionStart), string(schema.SessionStop), string(schema.SessionEventUnknown)}
}

func sessionTypeNames() []string {
	return []string{string(schema.SessionDomestic), string(schema.SessionRoaming), string(schema.SessionUnknown)}
}

// indexOf is the place of a word in its set, the last place (unknown) where it is not in it.
func indexOf(set []string, word string) uint8 {
	if i := slices.Index(set, word); i >= 0 {
		return uint8(i)
	}
	return uint8(len(set) - 1)
}

// codes are the sets above, made once for a fleet: rows come by the thousand.
type codes struct {
	restrictions, results, events, sessionTypes, states []string
}

func newCodes() codes {
	return codes{
		restrictions: restrictionNames(),
		results:      authResultNames(),
		events:       sessionEventNames(),
		sessionTypes: sessionTypeNames(),
		states:       lineStates(),
	}
}
