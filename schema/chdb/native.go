package chdb

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/ClickHouse/ch-go/proto"
	"github.com/ClickHouse/clickhouse-go/v2/lib/column"
	chproto "github.com/ClickHouse/clickhouse-go/v2/lib/proto"
)

// reencode turns the Native blocks that produce writes, which are of revision 0 as always from the engine, into
// blocks of the revision that a client asked for. Later revisions put a header before each block and a byte before
// each column, and where a column ends only its type tells: so every block is decoded and encoded again. What revision 0 leaves
// out is lost, which is the time zone of DateTime (not of DateTime64); the instants are right.
func reencode(out io.Writer, revision uint64, produce func(io.Writer) (Summary, error)) (Summary, error) {
	read, write := io.Pipe()
	var sum Summary
	produced := make(chan error, 1)
	go func() {
		var err error
		sum, err = produce(write)
		write.CloseWithError(err) // nil becomes io.EOF
		produced <- err
	}()
	converted := convert(out, revision, read)
	read.CloseWithError(errStopped) // where the conversion failed, the query has to end
	if err := <-produced; err != nil && !errors.Is(err, errStopped) {
		return sum, err
	}
	return sum, converted
}

var errStopped = errors.New("the answer cannot be converted")

func convert(out io.Writer, revision uint64, in io.Reader) (err error) {
	defer func() { // clickhouse-go panics on some types that it cannot write
		if p := recover(); p != nil {
			err = refusal(codeNotImplemented, "a column of this type cannot be sent as Native here (%v): choose another FORMAT", p)
		}
	}()
	buffered := bufio.NewReaderSize(in, 1<<20)
	reader := proto.NewReader(buffered)
	var buffer proto.Buffer
	for {
		if _, err := buffered.Peek(1); err != nil {
			if errors.Is(err, io.EOF) {
				return nil
			}
			return err
		}
		block := chproto.Block{ServerContext: &column.ServerContext{Timezone: time.UTC}}
		if err := block.Decode(reader, 0); err != nil {
			return fmt.Errorf("native block of the engine: %w", err)
		}
		buffer.Reset()
		if err := block.Encode(&buffer, revision); err != nil {
			return fmt.Errorf("native block for the client: %w", err)
		}
		if _, err := out.Write(buffer.Buf); err != nil {
			return err
		}
	}
}
