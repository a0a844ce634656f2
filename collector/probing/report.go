package probing

import "time"

// Report is what a first contact with an account has shown: an element of accounts in the JSON of kaisen probe. Names
// and meanings stay; fields may be added. It holds no secret, and no line number but masked.
type Report struct {
	Source       string    `json:"source"`        // as configured
	Kind         string    `json:"kind"`          // unom, serviceorder, ipoe
	API          string    `json:"api"`           // what the carrier calls it
	BaseURL      string    `json:"base_url"`      // as configured
	TokenURL     string    `json:"token_url"`     // as configured
	TokenStyle   string    `json:"token_style"`   // as configured
	StartedAt    time.Time `json:"started_at"`    // by our clock
	TookMS       int64     `json:"took_ms"`       // milliseconds, waits in the request budget included
	Requests     int       `json:"requests"`      // sent, those for tokens included
	MostRequests int       `json:"most_requests"` // what may be sent at most
	Complete     bool      `json:"complete"`      // every operation that a job needs answered, and was asked if there was something to ask about
	Stopped      string    `json:"stopped"`       // why it ended early; "" where it did not

	NeededPerHour  float64 `json:"needed_per_hour"`  // requests that the configured jobs need; 0 where that is not known
	AllowedPerHour float64 `json:"allowed_per_hour"` // that rate_limit allows; 0 for any number

	Operations []Operation `json:"operations"` // in the order of the questions, the token first
	Findings   []Finding   `json:"findings"`   // which reading holds, in the order of the kind's readings
	Forms      []Form      `json:"forms"`      // forms that were met
	Needs      []Need      `json:"needs"`      // what the configuration needs therefore
	Unknown    []Unknown   `json:"unknown"`    // what could not be found out
}

// Operation is how one operation of one contract answered.
type Operation struct {
	ContractID string   `json:"contract_id"` // "" where it is of the account
	Number     string   `json:"number"`      // the document's, "" where it has none
	Operation  string   `json:"operation"`   // as in metrics
	Jobs       []string `json:"jobs"`        // that are switched on and need it
	Outcome    string   `json:"outcome"`     // answered, failed or not_asked
	Asked      int      `json:"asked"`       // questions put
	Answered   int      `json:"answered"`    // of these
	Status     int      `json:"status"`      // HTTP, of the last; 0 where there was no answer
	TookMS     int64    `json:"took_ms"`     // milliseconds, of the slowest request
	Rows       int      `json:"rows"`        // of the longest answer; 1 where it is about one thing
	Bytes      int64    `json:"bytes"`       // of the largest answer
	Note       string   `json:"note"`        // how it failed, or why it was not asked, or what was odd
}

// What Operation.Outcome may be.
const (
	Answered = "answered"
	Failed   = "failed"
	NotAsked = "not_asked"
)

// Finding is a row of table carrier_findings as a job would write it, with what it means.
type Finding struct {
	ContractID string `json:"contract_id"`
	Operation  string `json:"operation"`
	Reading    string `json:"reading"`  // its name
	Question   string `json:"question"` // in a sentence
	Value      string `json:"value"`
	Means      string `json:"means"`    // what the carrier does
	Does       string `json:"does"`     // what kaisen does about it
	Evidence   string `json:"evidence"` // what showed it
}

// Form is a form that was met in answers.
type Form struct {
	Form      string `json:"form"`      // token, date, content_type, warning, limit, or a kind's own
	Operation string `json:"operation"` // "" where it is of all
	Detail    string `json:"detail"`
	Times     int    `json:"times"` // how often
}

// Need is something that the configuration needs.
type Need struct {
	Key    string `json:"key"`    // below the source
	Found  string `json:"found"`  // what was found
	Advice string `json:"advice"` // what to do
}

// Unknown is something that could not be found out.
type Unknown struct {
	ContractID string `json:"contract_id"`
	What       string `json:"what"` // the name of a reading, or in words
	Why        string `json:"why"`
}
