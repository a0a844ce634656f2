package chdb_test

import (
	"testing"

	"kaisen/schema/chdb/chdbtest"
)

func TestMain(m *testing.M) { chdbtest.Main(m) }
