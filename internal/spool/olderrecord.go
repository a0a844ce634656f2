package spool

import (
	"errors"
	"fmt"
	"math"

	"github.com/fxamacker/cbor/v2"

	"kaisen/schema"
)

// Records of format 1 had for each table its name and the rows as a CBOR array of maps by field name (RFC 8949), one after
// another; a table came again where batches were accepted together. They are read, and no longer written.
func olderOptions() (cbor.DecMode, error) {
	return cbor.DecOptions{
		ExtraReturnErrors: cbor.ExtraDecErrorUnknownField, FieldNameMatching: cbor.FieldNameMatchingCaseSensitive,
		UTF8: cbor.UTF8DecodeInvalid, MaxArrayElements: math.MaxInt32, // a carrier's text is kept as it came
	}.DecMode()
}

func (c *codec) readOlder(rows []byte, b *schema.Batch) (err error) {
	for len(rows) > 0 {
		var table string
		if rows, err = c.dec.UnmarshalFirst(rows, &table); err != nil {
			return fmt.Errorf("name of a table: %w", err)
		}
		into := c.rowsOf(b, table)
		if into == nil {
			return fmt.Errorf("table %s: %w", table, errLater)
		}
		again := into.Len() > 0 // another batch had rows of this table
		one := schema.Batch{}
		if again {
			into = c.rowsOf(&one, table)
		}
		if rows, err = c.dec.UnmarshalFirst(rows, into.All()); err != nil {
			if unknown := new(cbor.UnknownFieldError); errors.As(err, &unknown) {
				err = fmt.Errorf("%w: %w", errLater, err)
			}
			return fmt.Errorf("rows of %s: %w", table, err)
		}
		if again {
			b.Append(one)
		}
	}
	return nil
}
