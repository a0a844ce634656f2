package clickhouse

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"regexp"
	"strings"
)

// Query runs any SQL and streams its result in a ClickHouse format: the statement's own FORMAT clause where it has
// one, else the format given. Over HTTP the server writes it, and every format works; the native protocol has no
// formats, and what render writes has to do. The reader's errors include those of the statement.
func (db *DB) Query(ctx context.Context, sql, format string) (io.ReadCloser, error) {
	sql, own := cutFormat(sql)
	if own != "" {
		format = own
	}
	if db.http {
		body, err := db.conn.QueryFormat(ctx, format, sql)
		if err != nil {
			return nil, fmt.Errorf("query: %w", refused(brief(err)))
		}
		return body, nil
	}
	write, err := renderer(format)
	if err != nil {
		return nil, err
	}
	rows, err := db.conn.Query(ctx, sql)
	if err == io.EOF { // a statement that has no rows to give: not even a header came
		return io.NopCloser(strings.NewReader("")), nil
	}
	if err != nil {
		return nil, fmt.Errorf("query: %w", refused(brief(err)))
	}
	read, pipe := io.Pipe()
	go func() {
		defer rows.Close()
		pipe.CloseWithError(render(pipe, rows, write))
	}()
	return read, nil
}

// NamesFormat reports whether a statement names the format of its answer itself.
func NamesFormat(sql string) bool {
	_, own := cutFormat(sql)
	return own != ""
}

// cutFormat takes the FORMAT clause off the end of a statement.
func cutFormat(sql string) (rest, format string) {
	m := regexp.MustCompile(`(?is)^(.*\s)FORMAT\s+([a-z]\w*)[\s;]*$`).FindStringSubmatch(sql)
	if m == nil || regexp.MustCompile(`(?i)^(asc|desc)$`).MatchString(m[2]) {
		return regexp.MustCompile(`[\s;]*$`).ReplaceAllString(sql, ""), ""
	}
	return m[1], m[2]
}

// unreached is a request that got no answer. The error of clickhouse-go has the whole URL, a kilobyte of parameters.
type unreached struct {
	err error
	why string
}

func (u unreached) Error() string { return u.why }
func (u unreached) Unwrap() error { return u.err }

// brief shortens the error of a request that got no answer to who was asked and what came of it.
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
