// Package journal keeps what must survive the end of the process, in SQLite or PostgreSQL:
// the events that were taken on and are not answered yet, and a journal of what was asked.
//
//	journal.go   [Event], [Row] and [Store], the interface of both engines
//	sql.go       the statements, the same for both engines; writes that arrive together are
//	             committed together
//	connect.go   opens the database, and again after a failure; migrations
//	sqlite.go    SQLite in a file; postgres.go: PostgreSQL
//	damaged.go   a damaged file is moved aside
//	moved.go     a file that is removed or replaced while it is open
//	ledger.go    [Ledger]: events on the way from arrival to answer; memory takes over where
//	             the store fails
//	words.go     what is replaced in the words of a question before they are kept
//	open.go      opens a store by its address
//	examine.go   looks whether a store could be used, without changing it
//	keeper.go    [Keeper]: which rows are kept, and with which words
//
// # Events
//
// A platform sends an event again until it is acknowledged, and never again after that. So
// an event is recorded before it is acknowledged, with what is needed to answer it:
//
//	Taken → Posting → Posted, or GivenUp
//
// Posting is recorded just before the answer is sent. If the process ends, an event that is
// Taken is answered after the next start. Of one that is Posting it is not known whether the
// platform has the answer; the adapter finds out or stays silent. What is needed to answer is
// erased with the last state, and in any case after [EventLife].
//
// The schema is changed by the migrations in the folder migrations, on start, under a lock.
// A migration must leave a schema with which the release before it still works.
package journal
