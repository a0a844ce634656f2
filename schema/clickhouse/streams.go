package clickhouse

import (
	"context"
	"net"
	"sync/atomic"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
)

// streaming makes the read timeout of native connections one of each read. By itself clickhouse-go gives an answer as a whole so much
// time, from its first block to the last, and counts that in in which its reader pauses.
func streaming(options *clickhouse.Options) {
	if options.Protocol == clickhouse.HTTP { // where it is the time until an answer begins
		return
	}
	plain := *options
	options.DialContext = func(ctx context.Context, address string) (net.Conn, error) {
		conn, err := opener(&plain)(ctx, address)
		if err != nil {
			return nil, err
		}
		return &streamConn{Conn: conn}, nil
	}
}

// streamConn is a connection on which a read deadline, once set, is as far away at every read as it was when it was set.
type streamConn struct {
	net.Conn
	within atomic.Int64 // nanoseconds; 0: as the connection itself has it
}

// SetReadDeadline sets how long each read may take.
func (c *streamConn) SetReadDeadline(t time.Time) error {
	c.within.Store(0)
	if within := time.Until(t); !t.IsZero() && within > 0 {
		c.within.Store(int64(within))
	}
	return c.Conn.SetReadDeadline(t)
}

// SetDeadline sets when reads and writes end, whenever they begin: the deadline of a context.
func (c *streamConn) SetDeadline(t time.Time) error {
	c.within.Store(0)
	return c.Conn.SetDeadline(t)
}

func (c *streamConn) Read(p []byte) (int, error) {
	if within := c.within.Load(); within > 0 {
		if err := c.Conn.SetReadDeadline(time.Now().Add(time.Duration(within))); err != nil {
			return 0, err
		}
	}
	return c.Conn.Read(p)
}
