// Package inbox is where admins see what people asked and was not answered well, and put it
// into the knowledge file.
//
//	gap.go      a question that was not answered well, and what it is about
//	group.go    [Groups]: gaps that are about the same, those of most people first
//	edit.go     [Decision] → change of the file; [Propose] examines it, [Make] and [Undo]
//	            write it
//	office.go   [Office]: the inbox in chat, with buttons and forms; the digest
//	awaited.go  people who want to be told an answer once there is one
//	voice.go    the sentences of all that
//	store.go    what has to be kept, see [Store]
//
// A group is shown only if several different people asked, and never who. There is no list of
// what is settled: a group leaves the inbox when the knowledge file answers it, or says where
// to go instead. Only what is ignored is remembered.
//
// The commands frontdesk inbox and frontdesk suggest use the same functions as the chat.
package inbox
