package schema

import (
	"strings"
	"testing"
)

// What a migration includes of an earlier one is there whole, and what is not there fails.
func TestMigrationsIncludeExpressions(t *testing.T) {
	text, err := migrationText("0020_pool_forecast.sql")
	if err != nil {
		t.Fatal(err)
	}
	steps, err := expressionsOf("0016_forecast_plans.sql", "dated", "ends")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(text, "\n    ),\n"+steps+"\nSELECT") || !strings.HasPrefix(steps, "    dated AS\n    (") || !strings.HasSuffix(steps, "FROM paths\n    )") {
		t.Errorf("the steps are %q", steps)
	}
	for _, part := range [][3]string{{"0016_forecast_plans.sql", "dated", "nothing"}, {"0016_forecast_plans.sql", "ends", "dated"}, {"0000.sql", "dated", "ends"}} {
		if got, err := expressionsOf(part[0], part[1], part[2]); err == nil {
			t.Errorf("%v: %q", part, got)
		}
	}
}
