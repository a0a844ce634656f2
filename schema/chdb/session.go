package chdb

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"unsafe"
)

// insertChunk is how much of an insert's data the engine is handed at a time.
const insertChunk = 1 << 20

// Query runs a statement and writes its output as it comes. A SELECT in a format of plain rows is never held in memory
// as a whole, and ends early when ctx does or out fails; any other statement, and any other format, runs to its end.
func (e *Engine) Query(ctx context.Context, st Statement, out io.Writer) (Summary, error) {
	s, err := e.session(st)
	if err != nil {
		return Summary{}, err
	}
	defer s.close()
	if err := ctx.Err(); err != nil {
		return Summary{}, err
	}
	if head, ok := inPieces(first(outputFormat(st.SQL), st.Format)); ok && isSelect(st.SQL) {
		sum, err := s.stream(ctx, st, head, out)
		if !notStreamable(err) {
			return sum, err
		}
	}
	return s.whole(st, out)
}

// Insert runs an INSERT (without FORMAT clause and data) on the data that follows in st.Format. If the data ends
// with an error, or ctx does, the block under way is not written; blocks before it (of about a million rows) are.
func (e *Engine) Insert(ctx context.Context, st Statement, data io.Reader) (Summary, error) {
	s, err := e.session(st)
	if err != nil {
		return Summary{}, err
	}
	defer s.close()
	stream := s.start(s.abi.insert, st)
	defer s.abi.insertDestroy(stream)
	if text := s.abi.insertError(stream); text != "" {
		return Summary{}, newException(text)
	}
	if err := s.feed(ctx, stream, data); err != nil {
		return Summary{}, err
	}
	result := s.abi.insertDone(stream)
	defer s.abi.resultDestroy(result)
	return s.summary(result)
}

// session is one connection, used by one request in one OS thread, because the engine keeps state by thread.
type session struct {
	*Engine
	own  *handle
	conn handle
}

// session connects (0.2 ms) and brings the statement's database and settings into force. A connection for each
// request means that no USE, SET or temporary table of one reaches another.
func (e *Engine) session(st Statement) (*session, error) {
	if !e.enter() {
		return nil, errors.New("the engine is closed")
	}
	runtime.LockOSThread()
	own := e.connect()
	if own == nil {
		runtime.UnlockOSThread()
		e.inUse.Done()
		return nil, errors.New("the engine refuses a connection")
	}
	s := &session{Engine: e, own: own, conn: *own}
	for _, sql := range preamble(st) {
		if _, err := s.whole(Statement{SQL: sql}, io.Discard); err != nil {
			s.close()
			return nil, err
		}
	}
	return s, nil
}

func (s *session) close() {
	s.abi.closeConn(s.own)
	runtime.UnlockOSThread()
	s.inUse.Done()
}

func (s *session) start(f startFunc, st Statement) handle {
	return s.abi.start(f, s.conn, st.SQL, st.Format, st.Params)
}

// whole runs a statement whose output comes in one piece.
func (s *session) whole(st Statement, out io.Writer) (Summary, error) {
	result := s.start(s.abi.query, st)
	defer s.abi.resultDestroy(result)
	sum, err := s.summary(result)
	if err != nil {
		return sum, err
	}
	if output := s.abi.output(result); len(output) > 0 {
		_, err = out.Write(output)
	}
	return sum, err
}

// stream runs a SELECT and hands its output on piece by piece, the first with the lines at its head.
func (s *session) stream(ctx context.Context, st Statement, head int, out io.Writer) (Summary, error) {
	result := s.start(s.abi.stream, st)
	defer s.abi.resultDestroy(result)
	var total Summary
	if _, err := s.summary(result); err != nil {
		return total, err
	}
	for skip := 0; ; skip = head {
		last, err := s.piece(result, skip, out, &total)
		if err == nil && !last {
			err = ctx.Err()
		}
		if err != nil {
			s.abi.streamCancel(s.conn, result)
			return total, err
		}
		if last {
			return total, nil
		}
	}
}

func (s *session) piece(stream handle, skip int, out io.Writer, total *Summary) (last bool, err error) {
	result := s.abi.streamFetch(s.conn, stream)
	defer s.abi.resultDestroy(result)
	sum, err := s.summary(result)
	if err != nil {
		return false, err
	}
	total.ReadRows += sum.ReadRows
	total.ReadBytes += sum.ReadBytes
	output := s.abi.output(result)
	if len(output) == 0 {
		return true, nil
	}
	_, err = out.Write(withoutHead(output, skip))
	return false, err
}

// feed hands the data to the engine, which blocks while it has enough.
func (s *session) feed(ctx context.Context, stream handle, data io.Reader) error {
	chunk := make([]byte, insertChunk)
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		n, err := fill(data, chunk)
		if n > 0 && s.abi.insertAppend(stream, unsafe.SliceData(chunk), uintptr(n)) != 0 {
			return nil // the engine has failed already and says why when the stream is finished
		}
		switch {
		case err == io.EOF:
			return nil
		case err != nil:
			return fmt.Errorf("data of the insert: %w", err)
		}
	}
}

// fill reads until p is full or r ends. Unlike io.ReadFull it keeps the end of the data (io.EOF) and data that
// breaks off (io.ErrUnexpectedEOF, what net/http says when the client hangs up) apart.
func fill(r io.Reader, p []byte) (n int, err error) {
	for n < len(p) && err == nil {
		var m int
		m, err = r.Read(p[n:])
		n += m
	}
	return n, err
}

func (s *session) summary(result handle) (Summary, error) {
	if text := s.abi.resultError(result); text != "" {
		return Summary{}, newException(text)
	}
	return Summary{
		ReadRows:    s.abi.resultRowsRead(result),
		ReadBytes:   s.abi.resultBytesRead(result),
		WrittenRows: s.abi.resultRowsWritten(result),
	}, nil
}

// notStreamable recognises the refusal of a statement that cannot be read in pieces; it has not been run then.
func notStreamable(err error) bool {
	var e *Exception
	return errors.As(err, &e) && strings.Contains(e.Text, "Streaming query is not supported")
}
