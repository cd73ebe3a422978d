package main

import "strings"

// stringSlice is the value of a repeatable flag. The slice type of pflag writes the default as CSV at the
// declaration, with a buffer of 4 KiB for each flag in every call.
type stringSlice []string

// Set implements pflag.Value.
func (r *stringSlice) Set(value string) error {
	*r = append(*r, value)
	return nil
}

// Type implements pflag.Value.
func (*stringSlice) Type() string { return "stringArray" }

// String implements pflag.Value. For an empty text the help shows no default.
func (r *stringSlice) String() string { return strings.Join(*r, " ") }
