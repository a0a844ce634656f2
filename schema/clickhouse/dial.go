package clickhouse

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"

	"github.com/ClickHouse/clickhouse-go/v2"
)

// interruptible makes the end of a context end the first exchange on a new connection, too. By itself clickhouse-go waits
// for a server that accepts a connection and never answers as long as dial_timeout is, thirty seconds, whatever becomes
// of who asked: a ping of two seconds lasts as long, and so does the end of kaisen.
func interruptible(ctx context.Context, number int, options *clickhouse.Options, dial clickhouse.Dial) (clickhouse.DialResult, error) {
	if options.Protocol == clickhouse.HTTP { // net/http sees to it
		return clickhouse.DefaultDialStrategy(ctx, number, options, dial)
	}
	one := func(ctx context.Context, address string, options *clickhouse.Options) (clickhouse.DialResult, error) {
		open, release := opener(options), func() bool { return true }
		own := *options
		own.DialContext = func(ctx context.Context, address string) (net.Conn, error) {
			conn, err := open(ctx, address)
			if err == nil {
				release = context.AfterFunc(ctx, func() { conn.Close() })
			}
			return conn, err
		}
		result, err := dial(ctx, address, &own)
		if !release() && ctx.Err() != nil {
			return clickhouse.DialResult{}, fmt.Errorf("%s does not answer: %w", address, ctx.Err())
		}
		return result, err
	}
	return clickhouse.DefaultDialStrategy(ctx, number, options, one)
}

// opener is how a connection is opened: as the options say, or as clickhouse-go does otherwise.
func opener(options *clickhouse.Options) func(ctx context.Context, address string) (net.Conn, error) {
	if options.DialContext != nil {
		return options.DialContext
	}
	plain := &net.Dialer{Timeout: options.DialTimeout}
	if options.TLS == nil {
		return func(ctx context.Context, address string) (net.Conn, error) {
			return plain.DialContext(ctx, "tcp", address)
		}
	}
	encrypted := &tls.Dialer{NetDialer: plain, Config: options.TLS}
	return func(ctx context.Context, address string) (net.Conn, error) {
		return encrypted.DialContext(ctx, "tcp", address)
	}
}
