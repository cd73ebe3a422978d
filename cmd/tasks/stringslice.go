package main

import "strings"

// stringSlice is the value of a flag that may be given again. pflag's own writes its default as CSV where it is
// declared, with a buffer of 4 KiB for each such flag in every call.
type stringSlice []string

// Set implements pflag.Value.
func (r *stringSlice) Set(value string) error {
	*r = append(*r, value)
	return nil
}

// Type implements pflag.Value.
func (*stringSlice) Type() string { return "stringArray" }

// String implements pflag.Value. Nothing is what the help takes for no default.
func (r *stringSlice) String() string { return strings.Join(*r, " ") }
