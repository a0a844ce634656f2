package kaisen_test

import (
	"go/ast"
	"strings"
	"testing"
)

// TestWhatTheRaceDetectorLeavesOutIsFound: `make test` finds the tests that call internal/racetest by the function in which they do.
func TestWhatTheRaceDetectorLeavesOutIsFound(t *testing.T) {
	calls := 0
	for _, s := range sources(t) {
		for _, d := range s.file.Decls {
			f, _ := d.(*ast.FuncDecl)
			ast.Inspect(d, func(n ast.Node) bool {
				selector, ok := n.(*ast.SelectorExpr)
				if !ok {
					return true
				}
				if from, ok := selector.X.(*ast.Ident); !ok || from.Name != "racetest" {
					return true
				}
				calls++
				if f == nil || f.Recv != nil || !strings.HasPrefix(f.Name.Name, "Test") {
					t.Errorf("%s: racetest is called outside a test's own function, where make test does not find it", s.at(n))
				}
				return true
			})
		}
	}
	if calls == 0 {
		t.Error("no test calls internal/racetest")
	}
}
