// Package nesting parses HCL with a bound on nesting. The parser and the evaluation of HCL are recursive: deep nesting
// would overflow the stack of Go, which ends the program.
package nesting
