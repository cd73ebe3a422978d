package main

import "strings"

// repeated is the value of a flag that may be given again. pflag's own writes its default as CSV where it is declared, with a
// buffer of 4 KiB for each such flag in every call.
type repeated []string

// Set implements pflag.Value.
func (r *repeated) Set(value string) error {
	*r = append(*r, value)
	return nil
}

// Type implements pflag.Value.
func (*repeated) Type() string { return "stringArray" }

// String implements pflag.Value. Nothing is what the help takes for no default.
func (r *repeated) String() string { return strings.Join(*r, " ") }
