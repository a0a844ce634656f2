package clickhouse

import (
	"errors"
	"net/url"
)

// unreached is a request that got no answer. clickhouse-go tells it with the whole URL, a kilobyte of parameters.
type unreached struct {
	err error
	why string
}

func (u unreached) Error() string { return u.why }
func (u unreached) Unwrap() error { return u.err }

// brief says of a request that got no answer only who was asked and what came of it.
func brief(err error) error {
	var request *url.Error
	if !errors.As(err, &request) {
		return err
	}
	asked, bad := url.Parse(request.URL)
	if bad != nil {
		return err
	}
	return unreached{err, "no answer from " + asked.Host + ": " + request.Err.Error()}
}
