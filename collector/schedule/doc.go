// Package schedule decides which target is asked next, when the carrier's limit does not let all be asked as often as
// one would like. A target is what one request is about: a line of call 03, a pool of call 09.
//
// # The question
//
// A request that finds nothing new is wasted; a line that used up its volume an hour ago and was not asked since is an
// hour late. For a target let F(τ) be the probability that it crosses a threshold (near its cap, critical, used up; or
// its restriction ends) within τ after its last answer, and f = F′ the density. Asked at τ, the expected delay is
// E[(τ−T)+] = ∫₀^τ F(s) ds. Postponing a question by dt costs F(τ) dt of delay, and moves all later questions by dt as
// well, which is worth as much as delay and requests cost by the unit of time from then on. If every request has the price θ
// (seconds of delay that it must save), that is about √(2θh) while the target has not crossed, with its hazard
// h = f/(1−F), and next to nothing once it has. Both are equal where the index
//
//	I(τ) = ½·F(τ) · min(τ, F(τ) / ((1−F(τ))²·h(τ)))
//
// has come to θ, and then the target is due. With a constant hazard λ that is the square-root rule τ = √(2θ/λ); when the time
// of the crossing is known it is just after the crossing; between them the interval shrinks as the crossing comes near.
//
// # The distribution
//
// The use expected within τ is m(τ) = ∫ level(s)·hour(s)·weekday(s) ds: the level goes from that of the last answers to
// that of the last days, the habits are the target's own, and until they are known the fleet's. With R bytes to the
// next threshold the crossing is log-logistic,
//
//	F₀(τ) = 1 / (1 + (R/m(τ))^k),
//
// where k is large for who does what was expected, and small for who does not; it is learnt from how wrong the last
// expectations were. A burst may come at any time, at a rate λ that the fleet shows for those at the same distance from a
// threshold; a restriction ends when the day or the month does, or when an order adds volume. Together
// F = 1 − (1−F₀)·exp(−λτ−…).
//
// For constant use and small F the interval is τ = (2θk)^(1/(k+1)) · (R/rate)^(k/(k+1)).
//
// # The price
//
// θ is where the fleet asks for as many requests as the budget has: Σ 1/τᵢ(θ) = budget. The sum is kept for a row of
// prices and corrected at each answer, so that finding θ costs no walk over the fleet. It is what the last answers knew;
// while those who are due are late all the same, less of the budget is promised. θ is at least Config.MinWorth: a
// carrier is not asked for nothing, because there is budget left.
//
// # The bounds
//
// No target is asked more often than Config.MinInterval, and none waits longer than its bound, which is the first of
// these that leaves half of the budget to urgency: the job's interval, as much more as that takes, Job.MaxAge. While
// the budget can keep MaxAge for all, nothing breaks it, and what is beyond its bound goes first. When it cannot, the
// bound is twice what asking everybody in turn would come to, and of two questions one is that of who waited longest.
// Where the interval cannot be kept, what urgency leaves of the budget is spent on who waited longest. A target that fails is asked an
// interval later, or when it would have been anyway, then two, four and eight, and has no bound meanwhile.
//
// A target's age begins when it was added. Those that a start adds at once are all due at once, and are asked in turn before anybody is
// asked again: the last of them after number/budget, where the budget is what other jobs leave, which are all due then as well. Where that
// is more than MaxAge allows, it takes longer than MaxAge, as every later turn would.
//
// The package has no clock, no goroutine and does no I/O: the time is a parameter, and who calls it does the asking. It
// sends nothing and is no rate limit: that is package ratelimit. It is not safe for use by several goroutines at once.
package schedule
