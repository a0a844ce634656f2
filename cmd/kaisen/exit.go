package main

import (
	"errors"

	"kaisen/exporter"
	"kaisen/internal/config"
	"kaisen/schema/clickhouse"
)

// Exit codes of every command. A service manager goes by them: what exitFailed says may pass, the others are as wrong the next
// time. They are those of sysexits.h, by which systemctl status names them, and not 1 and 2, because a Go program that
// panics ends with 2, and that one is to be started again.
const (
	exitDone   = 0
	exitFailed = 1  // the carrier, the database, the disk, a port that is taken: trying again may do
	exitUsage  = 64 // it was called wrongly, or asked for what there is not
	exitConfig = 78 // the configuration is wrong, or a file that it names cannot be read
)

// fault is an error of whoever called or configured kaisen.
type fault struct {
	error
	code int
}

func (f fault) Unwrap() error { return f.error }

// misuse marks an error as one of how kaisen was called. Nil stays nil.
func misuse(err error) error { return faultOf(err, exitUsage) }

// misconfigured marks an error as one of the configuration. Nil stays nil.
func misconfigured(err error) error { return faultOf(err, exitConfig) }

func faultOf(err error, code int) error {
	if err == nil {
		return nil
	}
	return fault{err, code}
}

// exitCode is the code for what a command has returned.
func exitCode(err error) int {
	var marked fault
	var mistakes config.Mistakes
	var web *exporter.WebConfigError
	switch {
	case err == nil:
		return exitDone
	case errors.As(err, &marked):
		return marked.code
	case errors.As(err, &mistakes), errors.As(err, &web), errors.Is(err, clickhouse.ErrDSN):
		return exitConfig
	}
	return exitFailed
}
