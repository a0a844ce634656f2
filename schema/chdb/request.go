package chdb

import (
	"compress/gzip"
	"compress/zlib"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/ClickHouse/ch-go/compress"
)

const (
	// headSize is how far into a request an INSERT's data must begin.
	headSize = 1 << 20
	// maxStatement is the longest statement that is not an INSERT with data; data itself has no limit, it streams.
	maxStatement = 64 << 20
)

// The codes of ClickHouse for what this side refuses itself.
const (
	codeNotImplemented = 48
	codeSyntaxError    = 62
	codeTooLarge       = 307
	codeBadRequest     = 36
)

// call is one request to the HTTP interface, understood.
type call struct {
	statement Statement
	data      io.Reader // of an INSERT; else nil
	queryID   string
	format    string // in which the answer is written

	nativeRevision uint64 // of Native blocks, as the client asked; 0 is what the engine writes
	framed         bool   // answer in compressed frames (compress=1)
	method         compress.Method
	gzip           bool // answer with Content-Encoding: gzip
	whole          bool // answer only when all is well (wait_end_of_query=1)
}

// parseCall reads a request. Errors are Exceptions, as if the engine had said them.
func parseCall(r *http.Request) (*call, error) {
	args := r.URL.Query()
	c := &call{
		statement: Statement{Settings: map[string]string{}, Params: map[string]string{}, ReadOnly: r.Method != http.MethodPost},
		queryID:   args.Get("query_id"),
		gzip:      acceptsGzip(r) && args.Get("enable_http_compression") != "0",
		whole:     isTrue(args.Get("wait_end_of_query")),
		framed:    isTrue(args.Get("compress")),
		method:    frameMethod(args.Get("network_compression_method")),
	}
	c.takeArguments(args)
	st := &c.statement
	st.Database = first(args.Get("database"), r.Header.Get("X-ClickHouse-Database"))
	st.Format = first(r.Header.Get("X-ClickHouse-Format"), args.Get("default_format"), "TabSeparated")
	if v := args.Get("client_protocol_version"); v != "" {
		revision, err := strconv.ParseUint(v, 10, 32)
		if err != nil {
			return nil, refusal(codeBadRequest, "client_protocol_version %q is not a number", v)
		}
		c.nativeRevision = revision
	}
	body, err := decoded(r, isTrue(args.Get("decompress")))
	if err != nil {
		return nil, err
	}
	if text := args.Get("query"); text != "" {
		body = io.MultiReader(strings.NewReader(text+"\n"), body)
	}
	return c, c.takeStatement(body)
}

// takeArguments sorts the arguments of the address that are not this side's own: parameters and settings.
func (c *call) takeArguments(args url.Values) {
	for name, values := range args {
		value := values[len(values)-1]
		switch param, isParam := strings.CutPrefix(name, "param_"); {
		case isParam:
			c.statement.Params[param] = value
		case isOwnArgument(name):
		default:
			c.statement.Settings[name] = value
		}
	}
}

// isOwnArgument lists what the HTTP interface of ClickHouse reads from the address besides settings. Users, quotas
// and sessions do not exist here; clients that name one are served all the same.
func isOwnArgument(name string) bool {
	switch name {
	case "query", "database", "default_format", "query_id", "compress", "decompress", "client_protocol_version",
		"wait_end_of_query", "buffer_size", "enable_http_compression", "http_zlib_compression_level", "stacktrace",
		"user", "password", "quota_key", "role", "profile", "session_id", "session_timeout", "session_check",
		"close_session", "add_http_cors_header", "network_compression_method", "network_zstd_compression_level",
		"cancel_http_readonly_queries_on_client_close", "http_write_exception_in_output_format":
		return true
	}
	return false
}

// takeStatement reads the statement, and leaves an INSERT's data in the body.
func (c *call) takeStatement(body io.Reader) error {
	head := make([]byte, headSize)
	n, err := fill(body, head)
	if err != nil && err != io.EOF {
		return refusal(codeBadRequest, "the request breaks off: %v", err)
	}
	text := string(head[:n])
	if insert, ok := splitInsert(text); ok {
		c.statement.SQL, c.statement.Format = insert.head, insert.format
		c.data = strings.NewReader(text[insert.data:])
		if err == nil {
			c.data = io.MultiReader(c.data, body)
		}
		return nil
	}
	if err == nil {
		rest, err := io.ReadAll(io.LimitReader(body, maxStatement))
		if err != nil {
			return refusal(codeBadRequest, "the request breaks off: %v", err)
		}
		if len(rest) == maxStatement {
			return refusal(codeTooLarge, "a statement that is not an INSERT with data may have %d bytes", maxStatement)
		}
		text += string(rest)
	}
	if strings.TrimSpace(text) == "" {
		return refusal(codeSyntaxError, "the request has no statement, neither in the argument \"query\" nor in its body")
	}
	c.statement.SQL = text
	c.format = first(outputFormat(text), c.statement.Format)
	return nil
}

// decoded is the request's body without its compressions.
func decoded(r *http.Request, framed bool) (body io.Reader, err error) {
	if strings.HasPrefix(r.Header.Get("Content-Type"), "multipart/") {
		return nil, refusal(codeNotImplemented, "external tables (multipart requests) are not implemented on the embedded engine")
	}
	switch encoding := r.Header.Get("Content-Encoding"); encoding {
	case "", "identity":
		body = r.Body
	case "gzip":
		body, err = gzip.NewReader(r.Body)
	case "deflate":
		body, err = zlib.NewReader(r.Body)
	default:
		return nil, refusal(codeNotImplemented, "Content-Encoding %q is not implemented here: send gzip, deflate or none", encoding)
	}
	if err != nil {
		return nil, refusal(codeBadRequest, "Content-Encoding %s: %v", r.Header.Get("Content-Encoding"), err)
	}
	if framed {
		body = frames{compress.NewReader(body)}
	}
	return body, nil
}

// frames reads compressed frames. The library wraps the io.EOF that ends them, and readers compare with ==.
type frames struct{ *compress.Reader }

func (f frames) Read(p []byte) (int, error) {
	n, err := f.Reader.Read(p)
	if errors.Is(err, io.EOF) {
		err = io.EOF
	}
	return n, err
}

func acceptsGzip(r *http.Request) bool {
	for _, list := range r.Header.Values("Accept-Encoding") {
		for coding := range strings.SplitSeq(list, ",") {
			name, q, _ := strings.Cut(strings.TrimSpace(coding), ";")
			if strings.EqualFold(strings.TrimSpace(name), "gzip") && strings.ReplaceAll(q, " ", "") != "q=0" {
				return true
			}
		}
	}
	return false
}

func frameMethod(name string) compress.Method {
	switch strings.ToUpper(name) {
	case "ZSTD":
		return compress.ZSTD
	case "NONE":
		return compress.None
	}
	return compress.LZ4
}

func isTrue(value string) bool { return value == "1" || strings.EqualFold(value, "true") }

func first(values ...string) string {
	for _, v := range values {
		if v != "" {
			return v
		}
	}
	return ""
}

// refusal is an error in the engine's own form.
func refusal(code int, format string, args ...any) *Exception {
	return &Exception{Code: code, Text: fmt.Sprintf("Code: %d. DB::Exception: "+format, append([]any{code}, args...)...)}
}
