package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"github.com/coreos/go-systemd/v22/daemon"

	"kaisen/internal/app"
	"kaisen/internal/config"
	"kaisen/internal/kinds"
)

// hangups gets a signal for each SIGHUP from now on, those that come together as one, until stop is called. Neither that nor
// SIGPIPE ends the process then: who only reads its log, or has started it from a terminal, may go.
func hangups() (hangup <-chan os.Signal, stop func()) {
	asked, lost := make(chan os.Signal, 1), make(chan os.Signal, 1) // nobody reads lost: the write says what is wrong
	signal.Notify(asked, syscall.SIGHUP)
	signal.Notify(lost, syscall.SIGPIPE)
	return asked, func() {
		signal.Stop(asked)
		signal.Stop(lost)
	}
}

// reloader takes the configuration anew at each SIGHUP.
type reloader struct {
	service  *app.App
	flags    *configFlags
	notifier *notifier
}

// run goes on until ctx ends. How it went is in the service's log and metrics.
func (r *reloader) run(ctx context.Context, hangup <-chan os.Signal) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-hangup:
		}
		if ctx.Err() != nil { // both came: kaisen stops
			return
		}
		done := r.notifier.reloading()
		var taken *config.Config
		err := r.service.Reload(ctx, func() (cfg *config.Config, err error) {
			taken, err = config.Load(kinds.All(), r.flags.file, os.Environ(), r.flags.set)
			return taken, err
		})
		if err == nil {
			r.flags.level.Set(levelOf(taken.Log))
		}
		done()
	}
}

// reloading reports to the service manager that the configuration is read again, until the function that it returns is called.
func (n *notifier) reloading() (done func()) {
	if n == nil || !n.started.Load() {
		return func() {}
	}
	n.tell(daemon.SdNotifyReloading + "\n" + daemon.SdNotifyMonotonicUsec())
	return func() { n.tell(daemon.SdNotifyReady) }
}
