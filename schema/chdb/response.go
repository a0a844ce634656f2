package chdb

import (
	"bytes"
	"compress/gzip"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"

	"github.com/ClickHouse/ch-go/compress"
)

// answerBuffer is how much of an answer is held back before its header goes out: an error that comes earlier gets
// a status of its own.
const answerBuffer = 1 << 20

// answer writes the answer to one call. Nothing is sent until answerBuffer is full or the answer ends.
type answer struct {
	w         http.ResponseWriter
	call      *call
	held      bytes.Buffer
	committed bool
	out       io.Writer
	zip       *gzip.Writer
	frames    *compress.Writer
	tag       string // marks an error in the middle of the data, so that data cannot pass for one
}

func newAnswer(w http.ResponseWriter, c *call) *answer {
	return &answer{w: w, call: c, out: w, tag: rand.Text()[:16]}
}

// Write takes a piece of the answer.
func (a *answer) Write(p []byte) (int, error) {
	n, err := a.held.Write(p)
	if err == nil && a.held.Len() >= answerBuffer && !a.call.whole {
		err = a.flush()
	}
	return n, err
}

// commit sends the header of an answer that is well so far.
func (a *answer) commit(sum *Summary) {
	if a.committed {
		return
	}
	a.committed = true
	h := a.w.Header()
	h.Set("Content-Type", contentType(a.call.format))
	if a.call.format != "" {
		h.Set("X-ClickHouse-Format", a.call.format)
	}
	h.Set("X-ClickHouse-Exception-Tag", a.tag)
	if sum != nil {
		h.Set("X-ClickHouse-Summary", fmt.Sprintf(`{"read_rows":"%d","read_bytes":"%d","written_rows":"%d","result_rows":"0"}`,
			sum.ReadRows, sum.ReadBytes, sum.WrittenRows))
	}
	if a.call.gzip {
		h.Set("Content-Encoding", "gzip")
		a.zip = gzip.NewWriter(a.w)
		a.out = a.zip
	}
	if a.call.framed {
		a.frames = compress.NewWriter(compress.LevelZero, a.call.method)
	}
}

// flush sends what is held back.
func (a *answer) flush() error {
	a.commit(nil)
	defer a.held.Reset()
	if a.frames == nil {
		_, err := a.out.Write(a.held.Bytes())
		return err
	}
	for a.held.Len() > 0 {
		if err := a.frames.Compress(a.held.Next(answerBuffer)); err != nil {
			return err
		}
		if _, err := a.out.Write(a.frames.Data); err != nil {
			return err
		}
	}
	return nil
}

// finish ends a good answer.
func (a *answer) finish(sum Summary) error {
	if !a.committed && a.held.Len() == 0 {
		a.call.gzip = false
		a.commit(&sum)
		a.w.Header().Set("Content-Length", "0")
		return nil
	}
	a.commit(&sum)
	err := a.flush()
	if a.zip != nil {
		err = errors.Join(err, a.zip.Close())
	}
	return err
}

// fail ends a bad one: with a status where the header is not out yet, else with the block that ClickHouse puts
// behind the data, and a connection that breaks off so that no client takes the answer for whole.
func (a *answer) fail(err error) {
	e := asException(err)
	if !a.committed {
		h := a.w.Header()
		h.Set("Content-Type", "text/plain; charset=UTF-8")
		h.Set("X-ClickHouse-Exception-Code", strconv.Itoa(e.Code))
		a.w.WriteHeader(statusOf(e.Code))
		io.WriteString(a.w, e.Text+"\n")
		return
	}
	a.held.Reset()
	message := strings.TrimSpace(e.Text) + "\n"
	fmt.Fprintf(&a.held, "\r\n__exception__\r\n%s\r\n%s%d %s\r\n__exception__\r\n", a.tag, message, len(message), a.tag)
	a.frames = nil // the block stands outside the frames
	if a.flush() == nil && a.zip != nil {
		a.zip.Flush()
	}
	http.NewResponseController(a.w).Flush()
	panic(http.ErrAbortHandler)
}

func asException(err error) *Exception {
	var e *Exception
	if errors.As(err, &e) {
		return e
	}
	return refusal(1002, "%v", err) // UNKNOWN_EXCEPTION
}

// statusOf is the HTTP status of an error code, as ClickHouse has it (HTTPHandler.cpp).
func statusOf(code int) int {
	switch code {
	case 6, 26, 27, 36, 38, 41, 43, 53, 62, 69, 70, 72, 117, 321, 456, 457: // what was sent cannot be read
		return http.StatusBadRequest
	case 16, 46, 47, 50, 56, 60, 63, 73, 81, 115: // what was named is not there
		return http.StatusNotFound
	case 164, 497: // read only, access denied
		return http.StatusForbidden
	case codeTooLarge:
		return http.StatusRequestEntityTooLarge
	case codeNotImplemented:
		return http.StatusNotImplemented
	case 159: // a limit of time
		return http.StatusRequestTimeout
	}
	return http.StatusInternalServerError
}

// contentType is the media type of a format.
func contentType(format string) string {
	switch {
	case format == "JSONEachRow", format == "NDJSON", format == "JSONLines":
		return "application/x-ndjson; charset=UTF-8"
	case strings.HasPrefix(format, "JSON"):
		return "application/json; charset=UTF-8"
	case strings.HasPrefix(format, "CSV"):
		return "text/csv; charset=UTF-8"
	case strings.HasPrefix(format, "TabSeparated"), strings.HasPrefix(format, "TSV"):
		return "text/tab-separated-values; charset=UTF-8"
	case format == "Native", strings.HasPrefix(format, "RowBinary"), format == "Parquet", strings.HasPrefix(format, "Arrow"), format == "ORC":
		return "application/octet-stream"
	}
	return "text/plain; charset=UTF-8"
}
