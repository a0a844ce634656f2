package clickhouse

import (
	"context"
	"errors"
	"fmt"

	"github.com/ClickHouse/clickhouse-go/v2"
)

// ErrChanges means that a statement would change the database, and was asked by a context of [DB.ReadOnly].
var ErrChanges = errors.New("it would change the database")

// ReadOnly returns a context whose statements the server refuses if they would change anything but settings of their own. An
// account that may only read by itself stays as it is: it may not say so twice.
func (db *DB) ReadOnly(ctx context.Context) (context.Context, error) {
	var own uint64
	if err := db.conn.QueryRow(ctx, "SELECT toUInt64(getSetting('readonly'))").Scan(&own); err != nil {
		return nil, fmt.Errorf("query: %w", brief(err))
	}
	if own != 0 {
		return ctx, nil
	}
	return clickhouse.Context(ctx, clickhouse.WithSettings(clickhouse.Settings{"readonly": 2})), nil
}

// refused names what a server of a read-only context says: code 164, READONLY.
func refused(err error) error {
	if hasCode(err, 164) {
		return fmt.Errorf("%w: %w", ErrChanges, err)
	}
	return err
}
