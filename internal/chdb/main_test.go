package chdb_test

import (
	"testing"

	"kaisen/internal/chdb/chdbtest"
)

func TestMain(m *testing.M) { chdbtest.Main(m) }
