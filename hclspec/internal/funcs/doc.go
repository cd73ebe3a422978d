// Package funcs holds the functions of the language.
package funcs
