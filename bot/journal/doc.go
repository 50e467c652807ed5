// Package journal keeps what must survive the end of the process, in SQLite or PostgreSQL:
// the events that were taken on and are not answered yet, and a journal of what was asked.
//
//	journal.go   [Event], [Row] and [Store], the interface of both engines
//	sql.go       the statements, the same for both engines; writes that arrive together are
//	             committed together
//	events.go    the statements about events; rows.go: about the journal
//	connect.go   opens the database, and again after a failure; migrations
//	sqlite.go    SQLite in a file; postgres.go: PostgreSQL
//	damaged.go   a damaged file is moved aside
//	moved.go     a file that is removed or replaced while it is open
//	ledger.go    [Ledger]: events on the way from arrival to answer; memory takes over where
//	             the store fails
//	receipt.go   [Receipt]: one event from its arrival to its last state
//	claims.go    which of several processes answers an event
//	versions.go  what became of a question that is edited or deleted
//	once.go      what only one of several processes does
//	words.go     what is replaced in the words of a question before they are kept
//	open.go      opens a store by its address
//	examine.go   looks whether a store could be used, without changing it
//	replicas.go  which processes use the same store
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
// platform has the answer; the adapter finds out or stays silent, or where several processes run
// answers again. What is needed to answer is
// erased with the last state, and in any case after [EventLife].
//
// # Several processes
//
// Several processes may share a store in PostgreSQL. Who records an event first has a [Claim] on
// it, which it renews. If it dies, hangs or is cut off from the store, the claim ends and another
// process takes the event over. So a process asks the store before it sends an answer, with the
// change to Posting: if the event is another's by then, it sends nothing. If another takes the
// event over between that moment and the one at which the platform has the answer, it finds it
// Posting, and the first process is told so when it records that it has posted; see
// [Store].Finish.
//
// A process whose store fails answers from memory what only it has: what is not recorded. What is
// recorded it leaves to the others, and what the platform repeats as well. After it has hung, it
// waits longer for the store, since others may have what it reads now.
//
// The schema is changed by the migrations in the folder migrations, on start, under a lock.
// A migration must leave a schema with which the release before it still works.
package journal
