package spool

import (
	"unsafe"

	"kaisen/schema"
)

// sizeOf estimates the memory of a batch: the rows, and the texts that belong to a row alone. Names that all rows of
// a line share, such as its number, are not counted again for each.
func sizeOf(b *schema.Batch) int {
	size := rowBytes(b.Traffic) + rowBytes(b.Daily) + rowBytes(b.Monthly) + rowBytes(b.Sessions) + rowBytes(b.Authentications) +
		rowBytes(b.SessionEvents) + rowBytes(b.Lines) + rowBytes(b.LineChanges) + rowBytes(b.Members) + rowBytes(b.Sweeps) +
		rowBytes(b.DeadLetters) + rowBytes(b.Watermarks)
	for i := range b.Lines {
		l := &b.Lines[i]
		size += len(l.SIMNumber) + len(l.DeviceName) + len(l.IMEI) + len(l.ACTIPAddress) + len(l.SBYIPAddress) +
			len(l.RoamingIPAddress) + len(l.AuthenticationID) + len(l.Note)
		for _, code := range l.OptionCodes {
			size += int(unsafe.Sizeof(code)) + len(code)
		}
	}
	for i := range b.LineChanges {
		size += len(b.LineChanges[i].Old) + len(b.LineChanges[i].New)
	}
	for i := range b.DeadLetters {
		size += len(b.DeadLetters[i].Payload) + len(b.DeadLetters[i].Reason)
	}
	return size
}

func rowBytes[R any](rows []R) int {
	var r R
	return len(rows) * int(unsafe.Sizeof(r))
}
