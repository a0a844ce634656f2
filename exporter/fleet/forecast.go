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

// Watches reports whether anything is known of a line of a source: forecasts of others show nowhere.
func (f *Fleet) Watches(source string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	a, known := f.accounts[exposition.CleanLabel(source)]
	if !known {
		return false
	}
	for _, c := range f.contracts {
		if c.account == a && len(c.lines) > 0 {
			return true
		}
	}
	return false
}

// poolForecast is where the month of a contract's share group is heading.
type poolForecast struct {
	forecast
	told     stamp // of the figures that it is from, which another process may have been told
	exported bool
}

// ForecastPools is Forecast of a source's share groups. The gauge of those for which exported reports false is left to
// another process, which has the contract; the page has all.
func (f *Fleet) ForecastPools(source string, rows []schema.PoolForecast, exported func(contractID string) bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	a, known := f.accounts[exposition.CleanLabel(source)]
	if !known {
		return
	}
	now := time.Now()
	a.poolForecasts.received = now.UnixMilli()
	for _, c := range f.contracts {
		if c.account == a {
			c.pool.forecast = nil
			c.slot.Touch()
		}
	}
	for i := range rows {
		row := &rows[i]
		c, known := f.contracts[contractKey{a.name, exposition.CleanLabel(row.ContractID)}]
		if !known {
			continue
		}
		c.pool.forecast = &poolForecast{
			forecast: forecast{
				end: row.MonthEndBytes, low: row.MonthEndLow, top: row.MonthEndHigh,
				at: milliOf(row.ExhaustionAt), early: milliOf(row.ExhaustionEarly), late: milliOf(row.ExhaustionLate),
			},
			told:     newStamp(row.ObservedAt, time.Time{}, now.UnixMilli()),
			exported: exported(row.ContractID),
		}
	}
}

// visitForecast emits when nothing is left of the group's volume. The figures must be fresh: those that this process has, or
// those that the forecast is from. Those that this process has, use, may contradict it.
func (p *pool) visitForecast(a *account, use *sample, now int64, to exposition.Emitter) (expires int64) {
	if p.forecast == nil || !p.forecast.exported || p.forecast.at == 0 || p.forecast.contradicted(use, true) {
		return never
	}
	deadline := min(a.poolForecasts.deadline(), max(a.deadline(jobDataShare, p.stamp), a.deadline(jobDataShare, p.forecast.told)))
	if now > deadline {
		return never
	}
	to.Value(shareExhaustion, 0, float64(p.forecast.at)/1000)
	return deadline
}

// poolForecastNow is the forecast of the group, if it still holds and its figures are fresh; nil if not.
func (c *contract) poolForecastNow(now int64) *forecast {
	if c.pool.forecast == nil || now > c.account.poolForecasts.deadline() || !c.poolFresh(now) {
		return nil
	}
	if use := c.poolUse(); c.pool.forecast.contradicted(&use, true) {
		return nil
	}
	return &c.pool.forecast.forecast
}

// poolOutlook is the forecast of the group as people see it.
func (c *contract) poolOutlook(now int64) Forecast {
	held := c.poolForecastNow(now)
	if held == nil {
		return Forecast{}
	}
	return c.fleet.outlook(held, now+c.pool.observed-c.pool.received)
}

// outlookNow is the forecast of the volume that decides, as Summary shows it; nil: none holds.
func (l *line) outlookNow(d *deciding, now int64) *forecast {
	switch {
	case d.ofPool && l.contract.pool.ownVolumes:
		return nil
	case d.ofPool:
		return l.contract.poolForecastNow(now)
	case !l.traffic[scopeLine].known || !l.trafficFresh(now):
		return nil
	}
	held, _ := l.forecastNow(now)
	return held
}

// outlook is a forecast as people see it, by a time on the carrier's clock.
func (f *Fleet) outlook(held *forecast, carrier int64) Forecast {
	return Forecast{
		Known: true, End: held.end, Low: held.low, High: held.top,
		Out: f.moment(held.at, carrier), Early: f.moment(held.early, carrier), Late: f.moment(held.late, carrier),
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

// contradicted reports whether newer figures show that a forecast was wrong: more is used than it has for the month's end, nothing
// is left, or something is when nothing was to be, as after volume was added.
func (f *forecast) contradicted(by *sample, volume bool) bool {
	switch {
	case !by.known:
		return false
	case by.month.Known && by.month.V > f.end:
		return true
	case !volume || !by.remaining.Known:
		return false
	}
	return by.remaining.V == 0 || f.at != 0 && f.at <= by.observed-1000 // it is told to the second
}

// forecastNow is the forecast of a line, if it still holds and its own figures do not contradict it; until when goes with it.
func (l *line) forecastNow(now int64) (held *forecast, deadline int64) {
	a := l.contract.account
	if deadline = a.forecasts.deadline(); l.forecast == nil || now > deadline {
		return nil, never
	}
	if l.forecast.contradicted(&l.traffic[scopeLine], !l.inPool() && !l.noVolume()) {
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
