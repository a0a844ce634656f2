package fleet

import (
	"time"

	"kaisen/exporter/exposition"
	"kaisen/schema"
)

// forecast is where a line's month is heading.
type forecast struct {
	round         uint32 // of its account's; an older one no longer holds
	end, low, top uint64 // bytes at the month's end: expected, and the band
	at            int64  // when nothing is left; 0: not before the month ends
	early, late   int64  // the band of that; 0: not before the month ends
}

// Forecast replaces all forecasts of a source's lines; lines that rows leave out have no forecast any more. Lines of which
// nothing else is known are ignored: a forecast alone makes no series. It shows until Config.ForecastHolds has
// passed without another.
func (f *Fleet) Forecast(source string, rows []schema.LineForecast) {
	f.mu.Lock()
	defer f.mu.Unlock()
	a, known := f.accounts[exposition.CleanLabel(source)]
	if !known {
		return
	}
	now := time.Now().UnixMilli()
	lapsed := now > a.forecasts.deadline()
	a.forecasts.round++
	a.forecasts.received = now
	for i := range rows {
		if l := f.find(rows[i].LineKey); l != nil && l.contract.account == a {
			l.setForecast(&rows[i], a.forecasts.round, lapsed)
		}
	}
	for _, c := range f.contracts {
		if c.account == a {
			c.dropForecasts(a.forecasts.round)
		}
	}
}

// find is a line that is known, or nil.
func (f *Fleet) find(key schema.LineKey) *line {
	c, ok := f.contracts[contractKey{exposition.CleanLabel(key.Source), exposition.CleanLabel(key.ContractID)}]
	if !ok {
		return nil
	}
	return c.lines[exposition.CleanLabel(key.LineNo)]
}

// setForecast takes a line's forecast. A gauge that comes out as it was is not rendered anew, unless the last one lapsed.
func (l *line) setForecast(row *schema.LineForecast, round uint32, lapsed bool) {
	if l.forecast == nil {
		l.forecast = new(forecast)
	}
	was := *l.forecast
	*l.forecast = forecast{
		round: round,
		end:   row.MonthEndBytes, low: row.MonthEndLow, top: row.MonthEndHigh,
		at: milliOf(row.ExhaustionAt), early: milliOf(row.ExhaustionEarly), late: milliOf(row.ExhaustionLate),
	}
	if lapsed || l.forecast.at != was.at || l.forecast.end != was.end || was.round == 0 {
		l.touch()
	}
}

// dropForecasts drops the forecasts of earlier rounds.
func (c *contract) dropForecasts(round uint32) {
	for _, l := range c.lines {
		if l.forecast != nil && l.forecast.round != round {
			l.forecast = nil
			l.touch()
		}
	}
}

// forecastNow is the forecast of a line, if it still holds; until when goes with it.
func (l *line) forecastNow(now int64) (held *forecast, deadline int64) {
	a := l.contract.account
	if deadline = a.forecasts.deadline(); l.forecast == nil || now > deadline {
		return nil, never
	}
	return l.forecast, deadline
}

// forecasts is the last round of an account's forecasts.
type forecasts struct {
	round    uint32
	received int64
	holds    int64 // 0: for ever
}

func (f forecasts) deadline() int64 {
	if f.holds == 0 {
		return never
	}
	return f.received + f.holds
}

// milliOf is a time that may not be known, 0 where it is not.
func milliOf(at schema.Opt[time.Time]) int64 {
	if !at.Known {
		return 0
	}
	return at.V.UnixMilli()
}
