// Package adapters is what adapters have in common: none of it knows a
// platform. The packages below it carry questions in from one platform each;
// they import this one and package bot, and never each other.
//
//	intake.go   events on their way: repeats dropped, a bound on how many, the end
//	memory.go   what was seen, and which answer belongs to which question
//	call.go     calls to a platform: again where that is safe, never twice else
//	health.go   the connection and the access, as one state
package adapters
