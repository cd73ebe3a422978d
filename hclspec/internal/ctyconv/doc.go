// Package ctyconv converts values of expressions to values of Go. Its errors say where in a list or map the fault is.
package ctyconv
