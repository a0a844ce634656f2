// Package schema is the vocabulary that every other room of kaisen speaks: the row types of the tables, the
// codes of the carrier with their meanings, and the SQL files that make the database.
//
// It holds no behaviour beyond that: it opens no connection, reads no configuration and starts no goroutine, and
// it imports nothing of kaisen, so that anything may import it.
package schema
